"""What is written of the config, for editors and for people, is what the models say."""

from configs import CONFIG
from jsonschema import Draft202012Validator

from scripts.describe_config import SCHEMA, contents


def test_the_schema_and_the_readme_are_what_make_schema_writes():
    for path, text in contents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make schema"


def test_the_config_passes_the_schema():
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(CONFIG)
