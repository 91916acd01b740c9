"""What every script does around its work: log to its file, and fail with one sentence."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def job(snakemake) -> Iterator[logging.Logger]:
    """Log into the job's log file, warnings also to the screen.

    A ValueError or ConnectionError, raised for bad input, ends the job with its sentence on the
    screen; the traceback goes to the log file.
    """
    to_file = logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8")
    to_screen = logging.StreamHandler()
    to_screen.setLevel(logging.WARNING)
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s: %(message)s", handlers=[to_file, to_screen]
    )
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of dates in font files
    log = logging.getLogger(snakemake.rule)
    try:
        yield log
    except (ValueError, ConnectionError) as error:
        log.error("%s: %s", snakemake.rule, error)
        log.info("where it happened", exc_info=error)
        sys.exit(1)
    except Exception as error:
        log.info("unexpected", exc_info=error)
        raise
