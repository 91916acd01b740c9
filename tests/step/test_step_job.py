"""What a job does around its work: whole files or none, records beside them, one sentence."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT, forked
from snakemake.iocontainers import InputFiles, OutputFiles, Params

from scripts.step.records import recorded_name, source_path

WHOLE = {"out.npz", "out.csv", ".out.npz.json", ".out.csv.json"}


def run_job(folder: Path, body: str = "pass") -> subprocess.CompletedProcess:
    """A job of one input and two outputs in a folder; ``body`` runs between the two."""
    (folder / "in.csv").write_text("ridge\n1\n", encoding="utf-8")

    def work() -> None:
        sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "workflow/src")]
        import numpy as np

        from scripts.step.files import write_arrays
        from scripts.step.job import job

        fit = SimpleNamespace(
            log=["job.log"],
            rule="fit",
            input=InputFiles(["in.csv"]),
            output=OutputFiles(["out.npz", "out.csv"]),
            params=Params(),
        )
        with job(fit):
            write_arrays(fit.output[0], risks=np.ones(3))
            exec(body, {"np": np, "os": os, "fit": fit, "write_arrays": write_arrays})
            Path(fit.output[1]).write_text("risk\n1\n", encoding="utf-8")

    return forked(folder, work)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"job.log", "in.csv"}


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
            "write_arrays(fit.output[0], risks=np.array([1, np.nan]))",
            "ERROR: fit: out.npz: risks would hold a number that is not finite\n",
        ),
        ("os.unlink(fit.output[0])", "No such file or directory"),
    ],
)
def test_a_job_that_fails_leaves_nothing_and_says_why(tmp_path, body, sentence):
    run = run_job(tmp_path, body)
    assert run.returncode == 1
    assert sentence in run.stdout
    assert "Traceback" not in run.stdout
    assert "Traceback" in (tmp_path / "job.log").read_text(encoding="utf-8")
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
    part = tmp_path / f".part-{running.pid}-out.npz"
    dead = tmp_path / ".part-99999999-out.npz"
    part.touch()
    dead.touch()
    assert run_job(tmp_path).returncode == 0
    assert names(tmp_path) == WHOLE | {part.name}
    running.communicate()


def test_a_source_has_one_name_in_records_from_every_folder(tmp_path, monkeypatch):
    """Also from a folder of the project's, and from one that the project lies in."""
    for folder in (ROOT, tmp_path, ROOT / "workflow", ROOT.parent):
        monkeypatch.chdir(folder)
        assert recorded_name(os.path.relpath(ROOT / "paper/main.tex")) == "paper/main.tex"
        assert recorded_name("results/figures/fig3.pdf") == "results/figures/fig3.pdf"
        assert source_path("paper/main.tex") == ROOT / "paper/main.tex"
        assert recorded_name("/data/mnist/labels.gz") == recorded_name("/labels.gz") == "labels.gz"
        assert source_path("labels.gz") is None
