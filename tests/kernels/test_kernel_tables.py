"""Kernels: points and ridges, exponents of a known law, growth, deviations, paired rules."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from configs import CONFIG
from conftest import assert_same

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from scripts.kernels.lay_kernel_grid import points_of
from scripts.kernels.settings import KernelExperiment
from scripts.kernels.tabulate_kernels import exponents, growth, ridge_rules, universality
from scripts.step.files import POINT

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


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame({"generation": 0, "ridge_rule": "ell_crit", "ridge": 0.1} | columns)


def test_exponents_of_a_known_law():
    k = np.arange(1, 2001)
    beta = 1.6
    r = 0.2
    spectrum = Spectrum(k**-beta, k ** (-(1 + beta * (2 * r - 1)) / 2))
    # The second window ends beyond the last rank.
    [row] = exponents(spectrum, SimpleNamespace(beta=2.0, r=0.1), [[3, 30], [100, 5000]])
    assert_same(row["beta"], beta)
    # The tail is cut at 2,000 modes, which makes it fall a little faster.
    assert 0.2 < row["r"] < 0.23


def test_growth_is_fitted_to_each_replicate():
    n = np.array([0, 1, 2, 3, 5, 10])
    points = table(samples=100, generation=n)
    risks = 1 + np.array([[0.1], [0.2], [0.3]]) * n - 0.004 * n**2
    [row] = growth(points, risks, points.assign(risk=1 + n))
    assert_same([row["linear"], row["quadratic"], row["slope_theory"]], [0.2, -0.004, 1], 1e-9)
    assert_same(row["linear_se"], 0.1 / np.sqrt(3), 1e-9)
    assert row["quadratic_se"] < 1e-12
    assert not list(growth(points[:2], risks[:, :2], points[:2].assign(risk=1.0)))


def test_deviation_from_universality_is_of_the_simulated():
    points = table(samples=[10, 100, 1000], experiment="x")
    risks = np.array([[1.0, 2.0, 3.0], [1.0, 2.2, 3.0]])
    theory = points.assign(risk=2.0, risk_half_the_images=1.5)
    [row] = universality(points.assign(risk=risks.mean(axis=0)), risks, theory)
    assert_same(row["median_deviation"], 0.05)
    assert_same([row["largest_deviation"], row["last_deviation"]], [-0.5, 0.5])
    assert row["last_samples"] == 1000


def test_differences_of_ridge_rules_are_paired():
    rng = np.random.default_rng(0)
    keys = [
        (n, T, rule) for T in (10, 40, 900) for n in (0, 3) for rule in ("ell_crit", "ell_star")
    ]
    points = pd.DataFrame(keys, columns=["generation", "samples", "ridge_rule"])
    risks = 5 + rng.standard_normal((30, 1)) + 0.1 * np.arange(len(points))
    result = pd.DataFrame(ridge_rules(points, risks, 160))
    assert result["samples"].tolist() == [40, 40, 900, 900]
    assert result["generation"].tolist() == [0, 3, 0, 3]
    assert_same(result["difference"], np.full(4, 0.1), rtol=1e-9)
    assert (result["difference_se"] < 1e-12).all()
