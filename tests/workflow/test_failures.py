"""When the machine or the user errs: a sentence, not zero, and finished work is kept."""

import ctypes
import os
import re
import resource
import shutil
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pytest
import yaml
from conftest import RESULTS, configure, edit, fails, start_snakemake, succeeds, wait_for
from idx_files import TRAIN_LABELS, write_folder

from scripts.step.job import remedy

TARGET = f"{RESULTS}/training/fig2a_ridge.csv"
SETUP = r"(?<=\\section\{Setup\})"  # a place in the article


def obey_permissions() -> None:
    """Give up root's right to read and write what is protected; nothing for other users."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    rights = (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capget(header, rights)
    for kind in (0, 1):  # effective and permitted
        rights[kind] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).capset(header, rights)


def small_disk() -> None:
    """No file of more than 250 kB: as a full disk, an error in the middle of writing."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))


def read_only(folder: Path) -> dict:
    (folder / "miniature").mkdir(mode=0o555)
    return {"before": obey_permissions}


def without_tex(folder: Path) -> dict:
    """A PATH on which the shell is found and TeX is not."""
    tools = folder.parent / "bin"
    tools.mkdir()
    for tool in ("bash", "sh", "env"):
        (tools / tool).symlink_to(shutil.which(tool))
    return {"PATH": str(tools)}


def damaged_images(folder: Path) -> dict:
    images = write_folder(folder.parent / "mnist")
    (images / TRAIN_LABELS).write_bytes(b"\x1f\x8bnothing")
    return {"arguments": ("--config", f"images={{source: folder, folder: {images}}}")}


def images_of_the_future(folder: Path) -> dict:
    images = write_folder(folder.parent / "mnist", train=5000, test=10000)
    os.utime(images / TRAIN_LABELS, (4e9, 4e9))
    return {"arguments": ("--config", f"images={{source: folder, folder: {images}}}")}


def style_of_the_future(folder: Path) -> dict:
    os.utime(folder / "workflow/style.mplstyle", (4e9, 4e9))
    return {}


def overlaid(folder: Path, text: str) -> dict:
    edit(folder / "config/mine.yaml", "", text)
    return {"arguments": ("--configfile", "config/mine.yaml")}


# What may be wrong before any work starts, and what is said: text in the place of a pattern in a
# file, an overlay of the config, or what changes a fresh clone and returns how to run there.
REFUSED = {
    "read-only results": (read_only, "pathvars.results: miniature/results cannot be written"),
    "a missing package": (
        ("workflow/scripts/step/environment.py", '"pooch", ', '"no-such-package", '),
        "Python lacks no-such-package: run `make setup`",
    ),
    "other versions than the locked ones": (
        ("requirements.lock", "\nscipy==", "\nscipy==0."),
        "is installed but requirements.lock pins 0.",
    ),
    "yaml that would run code": (
        "seed: !!python/object/apply:os.system ['touch pwned']\n",
        "Config file is not valid JSON or YAML",
    ),
    "a damaged image file": (damaged_images, TRAIN_LABELS),
    "images dated in the future": (images_of_the_future, f"{TRAIN_LABELS} is dated in the future"),
    "a source dated in the future": (
        style_of_the_future, "workflow/style.mplstyle is dated in the future, 2096-10-02",
    ),
    "a figure of the text that is missing": (
        ("paper/main.tex", r"fig1a(?=\}\{\\textbf)", "fig9"),
        "figures.fig9: the paper includes this figure",
    ),
    "no TeX": (without_tex, "apt-get install latexmk"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_before_any_work(fresh, case):
    change, sentence = REFUSED[case]
    match change:
        case name, pattern, new:
            options = edit(fresh / name, pattern, new) or {}
        case str():
            options = overlaid(fresh, change)
        case _:
            options = change(fresh)
    said = fails(fresh, *options.pop("arguments", ()), **options)
    assert sentence in said
    assert "Traceback (most recent call last)" not in said
    assert not any((fresh / name).exists() for name in (RESULTS, "results", "pwned"))


def test_without_tex_figures_are_built(rebuilt):
    (rebuilt / RESULTS / "figures/fig1a.pdf").unlink()
    succeeds(rebuilt, "figures", **without_tex(rebuilt))
    assert (rebuilt / RESULTS / "figures/fig1a.pdf").is_file()


def test_a_full_disk_keeps_what_is_finished(fresh):
    """The images fit, and what Snakemake writes for a job; the trained networks do not."""
    configure(fresh, "miniature.yaml", "at_most/images", 512)
    target = f"{RESULTS}/training/fig6_control.csv"
    said = fails(fresh, target, before=small_disk)
    assert "ERROR: train_network: " in said
    assert remedy(OSError()) in said
    assert (fresh / RESULTS / "data/fig6_control.images.npz").is_file()
    assert not list((fresh / RESULTS / "training").rglob("width-*.npz"))
    assert "rule draw_network_images" not in succeeds(fresh, target)


def test_a_pinned_download_without_a_network_fails_with_a_sentence(fresh, tmp_path):
    # A proxy that refuses every connection, as nothing listens on this port.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    images = f"images={{source: download, cache: {tmp_path / 'cache'}}}"
    target = f"{RESULTS}/data/images.npz"
    said = fails(fresh, target, "--config", images, **nowhere)
    assert "load_images: no MNIST mirror answered (waited at most 10 seconds)" in said
    assert "NOT MNIST" in succeeds(fresh, target, "--config", "images={source: auto}", **nowhere)


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(fresh):
    """The first run's last job waits until it is let go, so that it cannot be too fast."""
    wait = 'import pathlib, time\nwhile not pathlib.Path("go").exists(): time.sleep(0.01)\n'
    edit(fresh / "workflow/scripts/chains/summarise_risks.py", "", wait)
    with TemporaryFile() as output:
        first = start_snakemake(fresh, output, TARGET)
        try:
            wait_for(lambda: list(fresh.glob(".snakemake/locks/*")), first)
            said = fails(fresh, TARGET, "--rerun-incomplete")
        finally:
            (fresh / "go").touch()
            first.join()
    assert "Directory cannot be locked" in said
    assert "--unlock" in said
    assert first.exitcode == 0
    assert (fresh / TARGET).is_file()


NASTY = 'it\'s a "folder" $(touch pwned) ; touch pwned & `touch pwned`'


@pytest.mark.parametrize("link", [False, True], ids=["as it is", "through a link"])
def test_names_from_the_config_never_reach_a_shell(fresh, tmp_path, link):
    place = write_folder(tmp_path / NASTY, train=5000, test=10000)
    if link:
        (fresh / "other's $(touch pwned)").symlink_to(place)
        place = Path("other's $(touch pwned)")
    text = yaml.safe_dump({"images": {"source": "folder", "folder": str(place)}})
    target = f"{RESULTS}/data/images.npz"
    overlay = "config/mine.yaml"
    edit(fresh / overlay, "", text)
    succeeds(fresh, target, "--configfile", "config/miniature.yaml", overlay)
    assert (fresh / target).is_file()
    assert not list(tmp_path.rglob("pwned"))


def test_networks_that_diverge_stop_with_a_sentence_and_keep_what_is_finished(rebuilt):
    """The first generation of another noise diverges; fixed features, on digits at half the rate,
    are refused beforehand.
    """
    noise, rate = "networks/fig6_control/generator_noise", "random_features/fig5/learning_rate"
    configure(rebuilt, "config.yaml", noise, 1.0e30, rate, 1000)
    targets = (f"{RESULTS}/training/{name}.csv" for name in ("fig6_control", "fig5"))
    said = fails(rebuilt, *targets, "--keep-going")
    assert "generation 1: the training loss of replicate 0 is not finite in epoch 1" in said
    assert re.search(r"learning_rate 500 is unstable: .* from 2/h = [\d.]+ on", said)
    chain, *_ = (rebuilt / RESULTS / "training/fig6_control").glob(".unfinished-*.npz")
    with np.load(chain) as arrays:
        assert len(arrays["risks"]) == 1


@pytest.mark.parametrize("broken", [r"\ref{fig:nowhere}", r"\citet{nobody2020}"])
def test_an_undefined_reference_or_citation_fails_the_build(rebuilt, broken):
    edit(rebuilt / "paper/main.tex", SETUP, broken)
    fails(rebuilt, f"{RESULTS}/paper.pdf")
    assert not (rebuilt / RESULTS / "paper.pdf").exists()
    assert (rebuilt / "miniature/logs/write_paper.log").stat().st_size > 0


@pytest.mark.parametrize(
    ("pattern", "new", "sentence"),
    [
        (SETUP, r"\val{no.such}", "the number no.such is used but not defined"),
        (r"\\val\{fig1b\.null\}", "1", "the number fig1b.null is used nowhere in the article"),
    ],
)
def test_an_undefined_or_unused_number_fails_the_build_and_is_named(
    rebuilt, pattern, new, sentence
):
    edit(rebuilt / "paper/main.tex", pattern, new)
    assert sentence in fails(rebuilt, f"{RESULTS}/tables/numbers.tex")


def test_a_changed_verdict_fails_the_build_and_is_named(rebuilt):
    """A tolerance that the ledger was not written for: the paper is not built."""
    configure(rebuilt, "claims.yaml", "claims/thm_4_1/tolerance", {"reason": "none at all"})
    before = (rebuilt / RESULTS / "claims/thm_4_1.csv").read_bytes()
    for target in ([], ["check_claims"]):
        said = fails(rebuilt, *target)
        assert "thm_4_1: expected “holds”, found “unsettled”" in said
        assert "eq_10: expected" not in said
    assert (rebuilt / RESULTS / "claims/thm_4_1.csv").read_bytes() == before
