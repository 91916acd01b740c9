"""The README's pictures, which `make pictures` draws, and a command that takes two settings."""

import re
import subprocess

import matplotlib.image
import pytest
from conftest import ROOT

MOST_BYTES = 300_000
SHOWN = re.findall(r"\]\((\S+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
DRAWN = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/pictures/*.png"))


def test_the_readme_shows_three_pictures():
    assert len(SHOWN) == 3
    assert set(SHOWN) <= set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_small_and_has_a_ground_of_its_own(name):
    """Black on nothing could not be read on a dark page."""
    assert (ROOT / name).stat().st_size <= MOST_BYTES
    pixels = matplotlib.image.imread(ROOT / name)
    assert pixels.shape[2] == 3 or pixels[..., 3].min() == 1
    assert pixels.shape[1] >= 1000


@pytest.mark.parametrize("settings", ["", "--config seed=1", "--configfile x.yaml --config seed=1"])
def test_make_verify_compares_with_another_build_whatever_else_is_set(settings):
    """Of two --config Snakemake would take the last."""
    command = ["make", "-n", "verify", "AGAINST=a.json", f"ARGS={settings}"]
    said = subprocess.check_output(command, cwd=ROOT, text=True)
    assert re.findall(r"--config (\S+)", said) == ['against="a.json"']
    assert ("seed=1" in said) == ("seed" in settings)
