"""Mutants: which terms of a formula are changed, and that all names in mutants.py are real ones."""

import ast

from conftest import ROOT
from mutants import NO_FORMULA, SLOW, SOURCES, first_tests, formulas, mutants


def test_terms_exponents_and_one_factor_of_a_product_are_changed_and_no_index():
    tree = ast.parse("y = a * b * c - d ** e + f[g + 1] / h(k + 1)")
    texts = ["a*b*c", "d**e", "f[g+1]/h(k+1)", "a*b*c-d**e", "c", "e", "f[g+1]", "k", "1"]
    assert sorted(ast.unparse(node).replace(" ", "") for node in formulas(tree)) == sorted(texts)


def test_all_that_is_left_out_would_have_mutants():
    everything = mutants(left_out=())
    names = {mutant.module for mutant in everything}
    names |= {f"{mutant.module}.{mutant.function}" for mutant in everything}
    assert NO_FORMULA.keys() <= names


def test_a_mutant_of_every_module_is_python_with_one_expression_changed():
    for mutant in {mutant.module: mutant for mutant in mutants()}.values():
        path = ROOT / "workflow/src/model_collapse" / mutant.module.replace(".", "/")
        source = path.with_suffix(".py").read_bytes()
        ast.parse(mutant.source)
        changed = mutant.source.replace(b"(1.01 * (", b"", 1)
        assert len(changed) == len(source) + len(b"))")


def test_every_module_with_mutants_has_tests_that_run_first():
    for module in {mutant.module for mutant in mutants()}:
        assert first_tests(module) != ["tests/library"], module


def test_folders_that_are_named_exist():
    for name in (*SOURCES, *(f"tests/{folder}" for folder in SLOW)):
        assert (ROOT / name).is_dir()
