"""Each spectrum of the config says what the problem is, and what tables call it."""

from typing import get_args

from scripts.schema.settings import Settings
from scripts.schema.spectra import Problem


def test_every_spectrum_has_all_that_tables_and_jobs_ask_of_it():
    kinds = get_args(get_args(Problem)[0])
    assert len(kinds) >= 3
    for kind in kinds:
        assert issubclass(kind, Settings) and kind.__doc__
        assert isinstance(kind.words, str)
        assert callable(kind.build) and isinstance(kind.tex, property)
