"""Problems that tests of mixtures share."""

from collections.abc import Callable

import numpy as np
import pytest

from model_collapse.problem.spectra import Spectrum, isotropic

GOLDEN = (np.sqrt(5) - 1) / 2  # 1/φ_g
RANKS = np.arange(1, 201.0)
ISOTROPIC = Spectrum(np.ones(200), np.full(200, 200**-0.5))
POWER = Spectrum(RANKS**-2, RANKS**-0.25)
HALF = np.repeat([1.0, 0.0], 100)
TWO_LEVEL = Spectrum(HALF + 0.02 * (1 - HALF), (1 - HALF) / 10)
ISOTROPIC_40 = isotropic(40)


def assert_refused(sentence: str, call: Callable[[], object]) -> None:
    """Assert that a call is refused in one line that matches."""
    with pytest.raises(ValueError, match=sentence) as refusal:
        call()
    assert "\n" not in str(refusal.value)
