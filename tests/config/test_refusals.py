"""Bad configs: what a user reads, in the cases of refusals.yaml."""

from itertools import chain
from pathlib import Path

import pytest
import yaml
from configs import CONFIG, DELETE, at, changed
from conftest import ROOT
from snakemake.exceptions import WorkflowError

from scripts.config import read_config
from scripts.describe_config import MODELS, SECTIONS

CASES = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))


def refusal(config: dict) -> str:
    """The sentence with which a config is refused."""
    with pytest.raises(WorkflowError) as refused:
        read_config(config)
    sentence = str(refused.value)
    assert sentence.startswith("config: ") and "\n" not in sentence
    return sentence.removeprefix("config: ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"][:60])
def test_a_bad_config_is_refused_with_its_sentence(case, monkeypatch):
    monkeypatch.chdir(ROOT)  # where a config's paths begin
    changes = {to: at(CONFIG, source) for to, source in case.get("copy", {}).items()}
    changes |= case.get("set", {})
    changes |= {case["delete"]: DELETE} if "delete" in case else {}
    assert refusal(changed(*chain.from_iterable(changes.items()))) == case["says"]


def test_every_field_is_described():
    for name, model in MODELS.items():
        assert "description" in model or name.startswith("EitherSet")
        for key, part in model["properties"].items():
            assert "description" in part, f"{name}.{key}"
    assert all("description" in part for part in SECTIONS.values())
