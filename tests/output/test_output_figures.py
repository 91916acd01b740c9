"""The list of figures that have a rule of their own."""

import re

import pytest
from conftest import ROOT

from scripts.output.figures import FIGURES, check_drawn


def test_each_listed_figure_is_drawn_by_a_rule_of_its_family():
    for family, names in FIGURES.items():
        rules = (ROOT / f"workflow/rules/{family}.smk").read_text(encoding="utf-8")
        assert re.findall(r'drawn\("(\w+)"\)', rules) == sorted(names)


@pytest.mark.parametrize(
    ("name", "family"), [("ratios", "scaling"), ("ratios", "regression"), ("crossover", "paper")]
)
def test_a_figure_that_is_not_listed_is_refused_by_name(name, family):
    with pytest.raises(ValueError, match=rf"{family}\.smk draws the figure '{name}'"):
        check_drawn(name, family)


def test_figures_of_the_config_are_listed_there():
    check_drawn("{figure}", "chains")
