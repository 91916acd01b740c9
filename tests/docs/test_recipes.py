"""Recipes print what their page says."""

import re
from contextlib import redirect_stdout
from io import StringIO

import pytest
from conftest import ROOT

PAGE = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^## (.*?)$.*?```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.M | re.S)


def test_no_recipe_is_left_out():
    assert len(RECIPES) == PAGE.count("\n## ") == PAGE.count("```python") == 5


@pytest.mark.parametrize(("code", "printed"), [pytest.param(*r[1:], id=r[0]) for r in RECIPES])
def test_a_recipe_prints_what_its_page_says(code, printed):
    with redirect_stdout(StringIO()) as output:
        exec(code, {})
    assert output.getvalue() == printed
