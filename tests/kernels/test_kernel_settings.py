"""Kernel experiments of the config: their ridges, generators and points."""

import yaml
from conftest import ROOT

from model_collapse.equivalents import Fit
from scripts.kernels.old import KernelExperiment

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))


def test_kernel_ridges_meet_at_t0():
    kernel = KernelExperiment("fig4_rbf", CONFIG["kernel_experiments"]["fig4_rbf"])
    crit, star = kernel.ridges("mnist", 600)
    assert crit == star
    assert kernel.ridges("mnist", 100) == [100**-kernel.ell_crit, star]
    assert kernel.generators("mnist") == [Fit(600, star, 1.0)] * 10
    assert kernel.points("digits")["samples"].max() == 500
