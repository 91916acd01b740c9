"""The ledger without Snakemake: exits 1 and names the first claim whose verdict has changed."""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "workflow" / "src")]

from scripts.claims.checks import measured  # noqa: E402
from scripts.claims.ledger import verdict  # noqa: E402
from scripts.claims.registry import tests_of  # noqa: E402
from scripts.claims.settings import Claim  # noqa: E402

if __name__ == "__main__":
    blocks = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    for name, claim in ((name, Claim(**block)) for name, block in blocks.items()):
        if claim.is_testable:
            try:
                checks = measured(name, tests_of()[name].module, claim.setting, "2402")
                found = verdict(checks, claim.tolerance)
            except (ValueError, ArithmeticError) as error:
                found = f"error: {error}"
            if found != claim.verdict:
                sys.exit(f"{name}: {found}, expected {claim.verdict}")
