"""Kernel experiments of the config: their ridges, generators and points."""

import pytest
from configs import CONFIG

from model_collapse.protocol import Fit
from scripts.core.files import POINT
from scripts.kernels.lay_kernel_grid import points_of
from scripts.kernels.settings import KernelExperiment

KERNEL = KernelExperiment(**CONFIG["kernel_experiments"]["fig4_rbf"])


def test_points_are_those_of_the_images_found_and_ridges_meet_at_t0():
    points = points_of("fig4_rbf", KERNEL, "mnist")
    assert list(points) == POINT
    ridges = points[points["generation"] == 10].set_index(["samples", "ridge_rule"])["ridge"]
    star = 600**-KERNEL.ell_crit
    assert ridges[600, "ell_crit"] == ridges[600, "ell_star"] == ridges[100, "ell_star"] == star
    assert ridges[100, "ell_crit"] == 100**-KERNEL.ell_crit
    assert KERNEL.generators("mnist", 10) == [Fit(600, star, 1.0)] * 10
    assert points_of("fig4_rbf", KERNEL, "digits")["samples"].max() == 500


def test_images_that_are_not_there_are_refused():
    KERNEL.check({"mnist": 4000, "digits": 1100})
    with pytest.raises(ValueError, match=r"sizes.digits: 500 .* 600 need 1100 .* there are 1099"):
        KERNEL.check({"mnist": 4000, "digits": 1099})
