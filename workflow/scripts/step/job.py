"""Run the work of a script: check inputs, log, publish complete files, fail with one sentence."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakemake.iocontainers import OutputFiles

from scripts.step.records import checked_hash, publish, recorded_name, temporary_path, write_records


@contextmanager
def job(snakemake) -> Iterator[logging.Logger]:
    """Log into the job's log file, warnings also to the screen.

    Inputs are compared with their records first. Within, ``snakemake.output`` names temporary
    files; they get their own names, and records, once all are complete, so a job that is killed
    leaves nothing that looks finished.

    A ValueError, as for bad input, and an error of disk, network or memory end the job with its
    sentence on the screen; the traceback goes to the log file.
    """
    to_file = logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8")
    to_screen = logging.StreamHandler()
    to_screen.setLevel(logging.WARNING)
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s: %(message)s", handlers=[to_file, to_screen]
    )
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of dates in font files
    log = logging.getLogger(snakemake.rule)
    outputs = snakemake.output
    try:
        inputs = {recorded_name(path): checked_hash(path) for path in snakemake.input}
        snakemake.output = OutputFiles(toclone=outputs, custom_map=temporary_path)
        yield log
        for path in outputs:
            publish(path)
        write_records(outputs, snakemake.rule, dict(snakemake.params.items()), inputs)
    except (ValueError, OSError, MemoryError) as error:
        log.error("%s: %s%s", snakemake.rule, error, remedy(error))
        log.info("where it happened", exc_info=error)
        sys.exit(1)
    except Exception as error:
        log.info("unexpected", exc_info=error)
        raise
    finally:
        for path in outputs:
            Path(temporary_path(path)).unlink(missing_ok=True)


def remedy(error: Exception) -> str:
    """Advice on an error of the machine, to be appended to its sentence."""
    if isinstance(error, MemoryError):
        return "; run fewer jobs at once (--cores), what is finished is kept"
    if isinstance(error, OSError) and not isinstance(error, ConnectionError):
        return "; make room or mend it and run again, what is finished is kept"
    return ""
