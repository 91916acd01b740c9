"""Damaged and hand-edited intermediates are noticed before they reach a figure or the paper."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import RESULTS, ROOT, outputs, snakemake

from scripts.core.records import record_path


def cut(path: Path) -> None:
    """Half of the file, as of a disk that was full."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edit(old: str, new: str):
    """One place of a text, as by hand."""

    def change(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert re.search(old, text)
        path.write_text(re.sub(old, new, text, count=1), encoding="utf-8")

    return change


def one_more(digit: re.Match) -> str:
    """The next digit."""
    return str((int(digit[0]) + 1) % 10)


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
    """The file of another experiment."""
    path.write_bytes(path.with_name(path.name.replace("fig2a", "fig2b")).read_bytes())


DAMAGES = {
    "risks cut short": ("training/fig2a_samples.csv", cut, "figures/fig2a.pdf", "summarise_risks"),
    "a digit typed over": (
        "theory/fig2a_samples.csv", edit(r"(?<=\.)\d", one_more), "figures/fig2a.pdf",
        "predict_risk",
    ),
    "a NaN typed in": (
        "training/fig2a_ridge.csv", edit(r",0\.\d+,", ",nan,"), "figures/fig2a.pdf",
        "summarise_risks",
    ),
    "a column renamed": (
        "theory/fig2a_ridge.csv", edit("risk", "error"), "figures/fig2a.pdf", "predict_risk",
    ),
    "another experiment's table": (
        "theory/fig2a_samples.csv", swapped, "figures/fig2a.pdf", "predict_risk",
    ),
    "generators cut short": (
        "training/fig2a_samples/generators-0-9.npz", cut, "training/fig2a_samples.csv",
        "train_generators",
    ),
    "a flipped bit": (
        "training/fig2a_samples/generators-0-9.npz", flip, "training/fig2a_samples.csv",
        "train_generators",
    ),
    "NaN in an array": (
        "training/fig2a_samples/risks-0-9.npz", other_numbers, "training/fig2a_samples.csv",
        "fit_downstream",
    ),
    "a grid of another version": (
        "data/fig2a_samples.simulated.csv", edit("ridge_rule", "rule"),
        "training/fig2a_samples.csv", "lay_grid",
    ),
    "the image source edited": (
        "data/images.json", edit("digits", "mnist"), "figures/fig4.pdf", "load_images",
    ),
    "a number of the prose": ("tables/numbers.tex", edit(r"\d", "8"), "paper.pdf", "write_numbers"),
    "a figure of the paper": ("figures/fig1a.pdf", cut, "paper.pdf", "plot_figure"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_intermediate_is_named_with_its_remedy(rebuilt, case):
    name, damage, target, rule = DAMAGES[case]
    path, goal = rebuilt / RESULTS / name, rebuilt / RESULTS / target
    before, drawn = path.read_bytes(), goal.read_bytes()
    damage(path)
    assert path.read_bytes() != before
    run = snakemake(rebuilt, f"{RESULTS}/{target}")
    assert run.returncode != 0
    sentence = (
        f"{RESULTS}/{name}: not as {rule} wrote it (cut short, damaged or edited); "
        f"delete it and run again: it is made anew if anything needs it"
    )
    assert sentence in run.stdout
    assert not goal.exists() or goal.read_bytes() == drawn  # removed by the job that did not run
    path.unlink()
    run = snakemake(rebuilt, f"{RESULTS}/{target}")
    assert run.returncode == 0, run.stdout[-3000:]
    assert not path.exists() or path.read_bytes() == before
    assert goal.read_bytes() == drawn


def test_damage_that_keeps_its_time_is_found_by_verify(rebuilt):
    """Nothing is newer, so nothing reruns; the manifest knows."""
    import os

    path = rebuilt / RESULTS / "training/fig2a_samples.csv"
    times = path.stat()
    flip(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    run = snakemake(rebuilt, "verify")
    assert run.returncode != 0
    assert f"changed since the build: {RESULTS}/training/fig2a_samples.csv" in run.stdout


def test_a_damaged_record_is_named(rebuilt):
    path = rebuilt / RESULTS / "training/fig2a_samples.csv"
    record_path(path).write_text("{", encoding="utf-8")
    (rebuilt / RESULTS / "figures/fig2a.pdf").unlink()
    run = snakemake(rebuilt, f"{RESULTS}/figures/fig2a.pdf")
    assert run.returncode != 0
    assert ".fig2a_samples.csv.json: damaged; delete it and" in run.stdout


# What a job does with its outputs, without Snakemake.

JOB = """
import os, sys
from types import SimpleNamespace
import numpy as np
from snakemake.iocontainers import InputFiles, OutputFiles, Params
from scripts.core.job import job
fit = SimpleNamespace(log=["job.log"], rule="fit", input=InputFiles(["in.csv"]),
                      output=OutputFiles(["out.npz", "out.csv"]), params=Params())
with job(fit) as log:
    np.savez(fit.output[0], risks=np.ones(3))
    {body}
    open(fit.output[1], "w").write("risk\\n1\\n")
"""


def run_job(folder: Path, body: str = "pass") -> subprocess.CompletedProcess:
    """A job of one input and two outputs in a folder."""
    (folder / "in.csv").write_text("ridge\n1\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", JOB.format(body=body)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "workflow/src")},
        capture_output=True,
        text=True,
        check=False,
    )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"job.log", "in.csv"}


WHOLE = {"out.npz", "out.csv", ".out.npz.json", ".out.csv.json"}


def test_outputs_get_their_names_and_records_when_all_are_whole(tmp_path):
    assert run_job(tmp_path).returncode == 0
    assert names(tmp_path) == WHOLE
    record = json.loads((tmp_path / ".out.csv.json").read_text(encoding="utf-8"))
    assert record["rule"] == "fit"
    assert record["outputs"] == ["out.npz", "out.csv"]
    assert record["inputs"].keys() == {"in.csv"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("raise ValueError('no')", "ERROR: fit: no\n"),
        (
            "raise OSError(28, 'No space left on device')",
            "ERROR: fit: [Errno 28] No space left on device; make room or mend it and run again, "
            "what is finished is kept\n",
        ),
        (
            "np.empty((1 << 24, 1 << 24))",
            "run fewer jobs at once (--cores), what is finished is kept\n",
        ),
        (
            "np.savez(fit.output[0], risks=np.array([1, np.nan]))",
            "ERROR: fit: out.npz: risks would hold a number that is not finite\n",
        ),
        ("os.unlink(fit.output[0])", "No such file or directory"),
    ],
)
def test_a_job_that_fails_leaves_nothing_and_says_why(tmp_path, body, sentence):
    run = run_job(tmp_path, body)
    assert run.returncode == 1
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
    assert names(tmp_path) == set()


def test_a_killed_job_leaves_no_output_and_the_next_clears_up(tmp_path):
    run = run_job(tmp_path, "os.kill(os.getpid(), 9)")
    assert run.returncode == -signal.SIGKILL
    left = names(tmp_path)
    assert left
    assert all(name.startswith(".part-") for name in left)
    assert run_job(tmp_path).returncode == 0
    assert names(tmp_path) == WHOLE


def test_a_job_leaves_the_part_of_one_that_still_runs(tmp_path):
    """As after a kill of Snakemake alone, when its job and the next run's write side by side."""
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    part, dead = tmp_path / f".part-{running.pid}-out.npz", tmp_path / ".part-99999999-out.npz"
    part.touch()
    dead.touch()
    assert run_job(tmp_path).returncode == 0
    assert names(tmp_path) == WHOLE | {part.name}
    running.communicate()


def test_no_hidden_part_is_left_in_a_build(built):
    assert not [name for name in outputs(built) if ".part-" in name]
