"""What is written of the config, for editors and for people, is what the models say."""

import pytest
from configs import CONFIG, changed
from jsonschema import Draft202012Validator

from scripts.describe_config import SCHEMA, contents

VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_and_the_readme_are_what_make_schema_writes():
    for path, text in contents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make schema"


def test_the_config_passes_the_schema():
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(CONFIG)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seed", -1),
        ("replicate_per_job", 10),
        ("experiments/fig1a_ridge/replicates", 1),
        ("experiments/fig1a_ridge/ridge_rules", ["bset"]),
        ("experiments/fig1a_ridge/spectrum/name", "flat"),
        ("experiments/fig1a_ridge/samples", {"from": 1, "to": 10, "per_decade": 0}),
        ("figures/fig1a/panels/0/title", 3),
        ("decompositions/slope_two_level/spectrum/d", 99),
        ("networks/fig6_fresh/learning_rate", 0),
    ],
)
def test_the_schema_refuses_what_the_models_refuse(path, value):
    assert not VALIDATOR.is_valid(changed(path, value))
