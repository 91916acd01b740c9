"""What a job does around its work."""

import subprocess
import sys

from conftest import ROOT


def test_a_job_ends_bad_input_with_its_sentence_and_logs_the_rest(tmp_path):
    log = tmp_path / "job.log"
    command = (
        "from types import SimpleNamespace\n"
        "from scripts.core.job import job\n"
        f"fit = SimpleNamespace(log=[{str(log)!r}], rule='fit', input=[], output=[])\n"
        "with job(fit) as log:\n"
        "    raise ValueError('samples must be positive, not 0')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT / "workflow",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == "ERROR: fit: samples must be positive, not 0\n"
    assert "Traceback" in log.read_text(encoding="utf-8")
