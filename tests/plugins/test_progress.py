"""The line of progress: what it counts, how it reckons the time left, what it lets through."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_progress as plugin
from snakemake_logger_plugin_progress import LogHandler, Progress


def test_the_line_counts_jobs_and_names_what_runs():
    progress = Progress({"fit": 3, "draw": 1}, now=100.0)
    progress.start(1, "fit", ["fig1a", "0"], None, now=100.0)
    assert progress.line(165.0) == "0 of 4 jobs done, 1:05; fit fig1a 0"
    progress.finish(1, now=170.0)
    assert progress.line(170.0).startswith("1 of 4 jobs done, 1:10; about 3:30 left")


def test_time_left_follows_the_rule_and_the_jobs_at_once():
    """Two at once, 10 s each; of ten jobs three are done and one has run for 4 s."""
    progress = Progress({"fit": 10}, now=0.0)
    for job in (1, 2):
        progress.start(job, "fit", [], None, now=0.0)
        progress.finish(job, now=10.0)
    progress.start(3, "fit", [], None, now=10.0)
    progress.start(4, "fit", [], None, now=16.0)
    progress.finish(3, now=20.0)
    work = 6 * 10 + 6
    busy = 3 * 10 + 4
    assert progress.left(20.0) == pytest.approx(work * 20 / busy)


def test_a_rule_that_has_not_run_takes_as_long_as_its_last_benchmark(tmp_path):
    for rule, seconds in (("fit", 2.0), ("train", 60.0)):
        file = tmp_path / "benchmarks" / rule / "fig5.tsv"
        file.parent.mkdir(parents=True)
        file.write_text(f"s\th:m:s\n{seconds}\t0:00:00\n")
    progress = Progress({"fit": 1, "train": 2}, now=0.0)
    progress.start(1, "fit", [], str(tmp_path / "benchmarks/fit/fig5.tsv"), now=0.0)
    progress.finish(1, now=4.0)
    assert progress.left(4.0) == pytest.approx(2 * 60)


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_pages_become_lines_and_everything_else_is_said(stream, monkeypatch):
    monkeypatch.setattr(plugin.sys, "stderr", stream())
    handler = LogHandler(SimpleNamespace(stdout=False, dryrun=False), None)

    def say(text, **extra):
        record = logging.LogRecord("snakemake", logging.INFO, "", 0, text, (), None)
        vars(record).update(extra)
        handler.emit(record)

    say("Building DAG of jobs...")
    say("Job stats", event=LogEvent.RUN_INFO, stats={"fit": 1, "total": 1})
    say("Select jobs to execute...")
    job = {"jobid": 7, "rule_name": "fit", "wildcards": {"name": "fig2a"}, "benchmark": None}
    say("a page on the job", event=LogEvent.JOB_INFO, **job)
    say("Finished", event=LogEvent.JOB_FINISHED, job_id=7)
    say("Error in rule fit", event=LogEvent.JOB_ERROR)
    said = plugin.sys.stderr.getvalue()
    assert said.startswith("Building DAG of jobs...\n")
    assert "1 of 1 jobs done, 0:00; about 0:00 left\n" in said
    assert "Error in rule fit\n" in said
    assert not any(page in said for page in ("Job stats", "Select jobs", "a page on the job"))
    assert ("0 of 1 jobs done, 0:00; fit fig2a" in said) == (stream is Terminal)
