"""Describe the config from its models: config/schema.json for editors, config/README.md for people.

No rule runs this: `make schema` does, and a test compares the files with what it makes.
"""

import json
import re
from pathlib import Path

from scripts.config import Config
from scripts.schema.ridge_rules import RIDGE_RULES

CONFIG = Path(__file__).resolve().parents[2] / "config"
MARK = "<!-- Everything below is made by `make schema`: edit the models instead. -->\n"
HEAD = "| key | value | default | meaning |\n|---|---|---|---|\n"
KINDS = {"integer": "whole number", "string": "text", "boolean": "true or false", "object": "block"}
BOUNDS = {  # pydantic's names of bounds: those in a JSON schema, and words
    "ge": ("minimum", "≥ {:g}"),
    "gt": ("exclusiveMinimum", "> {:g}"),
    "le": ("maximum", "≤ {:g}"),
    "multiple_of": ("multipleOf", "a multiple of {}"),
}


def _standard(part: dict) -> dict:
    """A part of a schema in the words of JSON schema, without pydantic's additions."""
    part.pop("discriminator", None)
    if isinstance(part.get("title"), str):
        del part["title"]
    return {BOUNDS.get(key, [key])[0]: item for key, item in part.items()}


SCHEMA = json.loads(json.dumps(Config.model_json_schema()), object_hook=_standard)
del SCHEMA["required"]  # each file of the config has some of the sections
SECTIONS = SCHEMA["properties"]
MODELS = SCHEMA["$defs"]
UNITS = (
    "Rules with ℓ depend on the units of the labels: they are for σ = σ0 = 1 and ‖w0‖_Σ of order 1."
)


def guide() -> str:
    """Tables in Markdown: keys that stand alone, sections, spectra, ridge rules."""
    alone = {key: part for key, part in SECTIONS.items() if not _inner(part)}
    text = f"\n## Single keys\n\n{HEAD}{_rows(alone)}"
    seen: dict[tuple, tuple[str, dict]] = {}  # by the keys of a section: its name, and its keys
    for name in (name for name in SECTIONS if name not in alone):
        between, keys = _inner(SECTIONS[name])
        about = SECTIONS[name]["description"]
        twin, keys_of_twin = seen.setdefault(tuple(sorted(keys)), (name, {}))
        but = f" As `{twin}`, but for:" if keys_of_twin else ""
        text += f"\n## `{name}{between}`\n\n{about[0].upper()}{about[1:]}.{but}\n\n"
        text += HEAD + _rows({k: part for k, part in keys.items() if part != keys_of_twin.get(k)})
        keys_of_twin |= keys
    text += "\n## Spectra\n\nThe key `name` of a spectrum says which other keys it has.\n"
    for choice in MODELS["Experiment"]["properties"]["spectrum"]["oneOf"]:
        name, *keys = _model(choice)["properties"].items()
        about = _model(choice)["description"]
        text += f"\n### `{name[1]['const']}`\n\n{about}\n\n{HEAD}{_rows(dict(keys))}"
    text += f"\n## Ridge rules\n\n{UNITS}\n\n| rule | λ | values in | needs |\n|---|---|---|---|\n"
    for name, rule in RIDGE_RULES.items():
        needs = {"a `power_law`": rule.needs_power_law, "`noise` > 0": rule.needs_noise}
        needed = ", ".join(key for key, is_needed in needs.items() if is_needed)
        text += f"| `{name}` | {rule.label} | {_code(rule.values)} | {needed} |\n"
    return text


def _rows(keys: dict, prefix: str = "") -> str:
    """A row for each key, and for the keys of its blocks."""
    text = ""
    for name, part in keys.items():
        default = _code(part["default"]) if "default" in part else "required"
        about = part["description"].replace("|", "\\|")
        text += f"| `{prefix}{name}` | {_value(part)} | {default} | {about} |\n"
        if (inner := _inner(part)) and "from" not in inner[1]:
            text += _rows(inner[1], f"{prefix}{name}{inner[0]}.")
    return text


def _model(part: dict) -> dict:
    return MODELS[part["$ref"].split("/")[-1]]


def _inner(part: dict) -> tuple[str, dict] | None:
    """The text between a key and the keys of the blocks in it, and these keys."""
    if "$ref" in part:
        return "", _model(part)["properties"]
    for key, between in (("items", "[]"), ("additionalProperties", ".<name>")):
        if isinstance(part.get(key), dict) and (inner := _inner(part[key])):
            return between + inner[0], inner[1]
    return _inner(part["anyOf"][0]) if "anyOf" in part else None


def _value(part: dict) -> str:
    """The values of a key, in words."""
    part = part.get("anyOf", [part])[0]  # or null, the default
    if "oneOf" in part:
        first, *_ = part["oneOf"]
        return "[spectrum](#spectra)" if "$ref" in first else "[sweep](#sweeps) of " + _many(first)
    if "$ref" in part and "from" in (keys := _model(part)["properties"]):
        return f"[grid](#sweeps) by `{[*keys][-1]}` of {_many(keys['from'])}"
    if "enum" in part or "const" in part:
        return ", ".join(map(_code, part.get("enum", [part.get("const")])))
    if "items" in part:
        return ("pair of " if part.get("maxItems") == 2 else "list of ") + _many(part["items"])
    bounds = [words.format(part[key]) for key, words in BOUNDS.values() if key in part]
    kind = part.get("type", "object")
    return f"{KINDS.get(kind, kind)} {', '.join(bounds)}".strip()


def _many(part: dict) -> str:
    return re.sub(r"^(pair|block|(whole )?number)\b", r"\1s", _value(part))


def _code(value) -> str:
    is_shown = value not in (None, "") and not isinstance(value, dict)
    return f"`{json.dumps(value)}`".replace('"', "") if is_shown else ""


def contents() -> dict[Path, str]:
    """The text of both files by path; the README keeps its words above MARK."""
    readme = CONFIG / "README.md"
    words = readme.read_text(encoding="utf-8").partition(MARK)[0]
    schema = json.dumps(SCHEMA, indent=1, ensure_ascii=False)
    return {CONFIG / "schema.json": schema + "\n", readme: words + MARK + guide()}


if __name__ == "__main__":
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8")
