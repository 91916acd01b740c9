"""The ledger without Snakemake: exits 1 and names the claims whose verdict has changed."""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))
sys.path.insert(0, str(ROOT / "workflow" / "src"))

from scripts.claims.ledger import Tolerance, verdict  # noqa: E402
from scripts.claims.registry import tests  # noqa: E402
from scripts.config import make_whole  # noqa: E402

if __name__ == "__main__":
    path = ROOT / "config" / "claims.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["claims"] = {n: b for n, b in config["claims"].items() if "setting" in b}
    make_whole(config)
    wrong = []
    for name, block in config["claims"].items():
        try:
            checks = tests()[name](f"2402/{name}", **block["setting"])
            found = verdict(checks, Tolerance(**block["tolerance"]))
        except (ValueError, ArithmeticError) as error:
            found = f"error: {error}"
        if found != block["verdict"]:
            wrong.append(f"{name}: {found}, expected {block['verdict']}")
            break
    print("\n".join(wrong))
    sys.exit(bool(wrong))
