"""A Snakemake logger plugin: one line on the progress of a build, in place of a page on each job.

The Makefile asks for it. The full log stays in .snakemake/log; a dry run, errors and messages that
are not on a job print as Snakemake prints them.
"""

import shutil
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import fmean

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

OF_JOBS = {LogEvent.JOB_INFO, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS}
CHATTER = ("Select jobs to execute", "Execute ", "Provided cores", "Rules claiming more threads")
INTERVAL = 10  # seconds between two lines, if the output is no terminal


class Progress:
    """Jobs of a build: how many are done, which run, and how long the rest may take.

    A rule's jobs take as long as those of this build or, before the first one ends, as its last
    benchmarks say; those of a rule without either, as long as the average job.
    """

    def __init__(self, counts: dict[str, int], now: float):
        self.waiting = Counter(counts)
        self.total = sum(counts.values())
        self.begun = now
        self.running: dict[int, tuple[str, str, float]] = {}
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.earlier: dict[str, float] = {}
        self.done = 0

    def start(self, job: int, rule: str, wildcards: list[str], benchmark: str | None, now: float):
        """A job starts; benchmarks of earlier builds lie beside its own."""
        self.running[job] = (rule, " ".join([rule, *wildcards]), now)
        self.waiting[rule] -= 1
        if benchmark and not self.earlier:
            self.earlier = _means(benchmark)

    def finish(self, job: int, now: float) -> None:
        """A job ends."""
        self.done += 1
        if job in self.running:
            rule, _, begun = self.running.pop(job)
            self.seconds[rule].append(now - begun)

    def left(self, now: float) -> float | None:
        """Seconds to the end, or None before the first job has ended."""
        spent = [value for values in self.seconds.values() for value in values]
        if not spent:
            return None
        means = {rule: fmean(values) for rule, values in self.seconds.items()}
        means = defaultdict(lambda: fmean(spent), self.earlier | means)
        work = sum(means[rule] * count for rule, count in self.waiting.items() if count > 0)
        running = [(means[rule], now - begun) for rule, _, begun in self.running.values()]
        work += sum(max(expected - elapsed, 0) for expected, elapsed in running)
        busy = sum(spent) + sum(elapsed for _, elapsed in running)
        return work * (now - self.begun) / busy

    def line(self, now: float) -> str:
        """For example: 57 of 192 jobs done, 1:20; about 2:10 left; train_network fig5 16."""
        left = self.left(now)
        texts = [f"{self.done} of {self.total} jobs done, {_clock(now - self.begun)}"]
        texts += [] if left is None else [f"about {_clock(left)} left"]
        return "; ".join([*texts, *[name for _, name, _ in self.running.values()]])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _means(benchmark: str) -> dict[str, float]:
    """Mean seconds of each rule in the folder ``benchmarks`` that this file will be in."""
    names = Path(benchmark).parts
    folder = Path(*names[: names.index("benchmarks") + 1])
    seconds = defaultdict(list)
    for file in folder.rglob("*.tsv"):
        for line in file.read_text().splitlines()[1:2]:
            rule = file.relative_to(folder).parts[0].removesuffix(".tsv")
            seconds[rule].append(float(line.split("\t")[0]))
    return {rule: fmean(values) for rule, values in seconds.items()}


class LogHandler(LogHandlerBase):
    """Print a line where Snakemake prints pages: rewritten in place on a terminal, else a new one
    at the end of a job, at most every INTERVAL seconds.
    """

    writes_to_stream = True
    writes_to_file = False
    has_filter = has_formatter = needs_rulegraph = False  # Snakemake's own, with --quiet and so on

    def __post_init__(self) -> None:
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.progress: Progress | None = None
        self.shown = -INTERVAL

    def emit(self, record) -> None:
        """Follow jobs; print messages that are not on a job."""
        event = getattr(record, "event", None)
        now = time.monotonic()
        text = record.getMessage()
        if event == LogEvent.RUN_INFO and not self.common_settings.dryrun:
            counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
            self.progress = Progress(counts, now)
        elif self.progress is None or (event not in OF_JOBS and not text.startswith(CHATTER)):
            self._print(self.format(record))
        elif event == LogEvent.JOB_INFO:
            wildcards = list(map(str, record.wildcards.values()))
            self.progress.start(record.jobid, record.rule_name, wildcards, record.benchmark, now)
            self._show(now, on_terminal=True)
        elif event == LogEvent.JOB_FINISHED:
            self.progress.finish(record.job_id, now)
            self._show(now, on_terminal=False)

    def _show(self, now: float, on_terminal: bool) -> None:
        ended = self.progress.done == self.progress.total
        if self.stream.isatty():
            columns = shutil.get_terminal_size().columns - 1
            end = "\n" if ended else ""
            self.stream.write(f"\r\x1b[K{self.progress.line(now)[:columns]}{end}")
            self.stream.flush()
        elif not on_terminal and (ended or now - self.shown >= INTERVAL):
            self.shown = now
            print(self.progress.line(now), file=self.stream, flush=True)

    def _print(self, text: str) -> None:
        if self.stream.isatty() and self.progress:
            self.stream.write("\r\x1b[K")
        print(text, file=self.stream, flush=True)
