"""Damaged and hand-edited intermediates are noticed before they reach a figure or the paper."""

import os
import shutil
from pathlib import Path

import numpy as np
from conftest import RESULTS, edit, fails, outputs, succeeds

from scripts.step.records import REMEDY, record_path


def cut(path: Path) -> None:
    """Half of the file, as of a disk that was full."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def typed(pattern: str, new):
    """One place of a text, as by hand."""
    return lambda path: edit(path, pattern, new)


def flip(path: Path) -> None:
    """One bit in the middle."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def other_numbers(path: Path) -> None:
    """Arrays of the right shape with a number that is none."""
    with np.load(path) as file:
        arrays = {name: np.full_like(file[name], np.nan) for name in file.files}
    np.savez(path, **arrays)


def swapped(path: Path) -> None:
    """The file of another panel."""
    shutil.copy(path.with_name(path.name.replace("weight", "eigenvalue")), path)


# File, damage, what is made from it, and the rule that made it; no file is made from another one's.
DAMAGES = {
    "risks cut short": ("training/fig1a_samples.csv", cut, "figures/fig1a.pdf", "summarise_risks"),
    "a digit typed over": (
        "theory/fig1b_samples.csv", typed(r"(?<=\.)[0-8]", "9"), "figures/fig1b.pdf",
        "predict_risk",
    ),
    "a NaN typed in": (
        "theory/over_shared.terms.csv", typed(r",0\.\d+,", ",nan,"), "figures/decomposition.pdf",
        "predict_terms",
    ),
    "a column renamed": (
        "theory/exponents_over_a.csv", typed("theory", "limit"), "figures/crossover.pdf",
        "measure_exponents",
    ),
    "another panel's table": (
        "theory/fake_labels_over_weak_weight.csv", swapped, "figures/fake_labels.pdf",
        "predict_fake_labels",
    ),
    "the image source edited": (
        "data/images.json", typed("digits", "mnist"), "data/fig6_control.images.npz", "load_images",
    ),
    "generators cut short": (
        "training/fig2a_samples/generators-0-*.npz", cut, "training/fig2a_samples.csv",
        "train_generators",
    ),
    "a flipped bit": (
        "training/fig2b_samples/generators-0-*.npz", flip, "training/fig2b_samples.csv",
        "train_generators",
    ),
    "NaN in an array": (
        "training/fig2a_ridge/risks-0-*.npz", other_numbers, "training/fig2a_ridge.csv",
        "fit_downstream",
    ),
    "a grid of another version": (
        "data/fig2b_ridge.points.csv", typed("ridge_rule", "rule"), "training/fig2b_ridge.csv",
        "lay_grid",
    ),
}  # fmt: skip
GOALS = [f"{RESULTS}/{goal}" for _, _, goal, _ in DAMAGES.values()]


def found(folder: Path, name: str) -> Path:
    """The one result of this name, or the first of a block of replicates."""
    return next((folder / RESULTS).glob(name))


def sentence(path: str, rule: str) -> str:
    """What is said of a damaged file, by its path from the folder."""
    return f"{path}: not as {rule} wrote it (cut short, damaged or edited); {REMEDY}"


def test_damaged_intermediates_are_named_and_once_deleted_made_anew(built, rebuilt):
    """All damages at once, in a run that goes on where it can."""
    for name, damage, _, _ in DAMAGES.values():
        damage(found(rebuilt, name))
    said = fails(rebuilt, *GOALS, "--keep-going")
    for case, (name, _, goal, rule) in DAMAGES.items():
        path = found(rebuilt, name)
        assert path.read_bytes() != found(built, name).read_bytes(), case
        assert sentence(path.relative_to(rebuilt), rule) in said, case
        kept = rebuilt / RESULTS / goal  # removed by the job that did not run
        assert not kept.exists() or kept.read_bytes() == (built / RESULTS / goal).read_bytes(), case
        path.unlink()
    succeeds(rebuilt, *GOALS)
    assert all((rebuilt / goal).exists() for goal in GOALS)
    here, there = outputs(rebuilt), outputs(built)
    assert [name for name in here if here[name] != there[name]] == []


def test_the_paper_is_not_made_from_damaged_numbers_or_figures(rebuilt):
    paper = rebuilt / RESULTS / "paper.pdf"
    before = paper.read_bytes()
    for name, damage, rule in (
        ("tables/numbers.tex", typed(r"\d", "8"), "write_numbers"),
        ("figures/fig1a.pdf", cut, "plot_figure"),
    ):
        damage(rebuilt / RESULTS / name)
        assert sentence(f"{RESULTS}/{name}", rule) in fails(rebuilt, f"{RESULTS}/paper.pdf")
        assert not paper.exists()
        (rebuilt / RESULTS / name).unlink()
    succeeds(rebuilt, f"{RESULTS}/paper.pdf")
    assert paper.read_bytes() == before


def test_damage_that_keeps_its_time_is_found_by_verify(rebuilt):
    """Nothing is newer, so nothing reruns; the manifest knows."""
    path = rebuilt / RESULTS / "training/fig2a_samples.csv"
    times = path.stat()
    flip(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = fails(rebuilt, "verify")
    assert f"changed since the build: {RESULTS}/training/fig2a_samples.csv" in found


def test_a_damaged_record_is_named(rebuilt):
    record_path(rebuilt / RESULTS / "training/fig2a_samples.csv").write_text("{", encoding="utf-8")
    (rebuilt / RESULTS / "figures/fig2a.pdf").unlink()
    found = fails(rebuilt, f"{RESULTS}/figures/fig2a.pdf")
    assert ".fig2a_samples.csv.json: damaged; delete it and" in found


def test_no_hidden_part_is_left_in_a_build(built):
    assert not [name for name in outputs(built) if ".part-" in name]
