"""Kernel experiments of the config: their ridges, generators and points."""

import pytest
import yaml
from conftest import ROOT

from model_collapse.protocol import Fit
from scripts.core.points import POINT
from scripts.kernels.lay_kernel_grid import points_of
from scripts.kernels.settings import KernelExperiment

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
BLOCK = CONFIG["kernel_experiments"]["fig4_rbf"]


def test_points_are_those_of_the_images_found_and_ridges_meet_at_t0():
    kernel = KernelExperiment(**BLOCK)
    points = points_of("fig4_rbf", kernel, "mnist")
    assert list(points) == POINT
    ridges = points[points["generation"] == 10].set_index(["samples", "ridge_rule"])["ridge"]
    star = 600**-kernel.ell_crit
    assert ridges[600, "ell_crit"] == ridges[600, "ell_star"] == ridges[100, "ell_star"] == star
    assert ridges[100, "ell_crit"] == 100**-kernel.ell_crit
    assert kernel.generators("mnist", 10) == [Fit(600, star, 1.0)] * 10
    assert points_of("fig4_rbf", kernel, "digits")["samples"].max() == 500


def test_images_that_are_not_there_are_refused():
    kernel = KernelExperiment(**BLOCK)
    kernel.check({"mnist": 4000, "digits": 1100})
    with pytest.raises(ValueError, match=r"sizes.digits: 500 .* 600 need 1100 .* there are 1099"):
        kernel.check({"mnist": 4000, "digits": 1099})
