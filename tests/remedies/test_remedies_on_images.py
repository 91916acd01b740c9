"""Remedies by kernel ridge: on Gaussian rows as in theory, and the figure of images."""

import numpy as np
import pandas as pd
import pytest
from configs import load

from model_collapse.images.kernels import Kernel
from model_collapse.images.pool import Pool
from model_collapse.problem.spectra import power_law
from scripts.config import read_config
from scripts.remedies.catalogue import ON_IMAGES, REMEDIES, Budget
from scripts.remedies.plot_remedies_on_images import draw_remedies_on_images
from scripts.remedies.predict_remedies import predicted_remedies
from scripts.remedies.simulate_remedies import NAMES, simulated_error
from scripts.remedies.simulate_remedies_on_images import simulated_on_images

SMALL = read_config(load("config", "claims", "miniature")).remedies.images
SPECTRUM = power_law(60, beta=2.0, r=0.375)
BUDGET = Budget(80, 40, 0.5)
REPLICATES = 60
GENERATIONS = [1, 4]


class Linear(Kernel):
    """k(x, y) = x·y."""

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x @ y.T


@pytest.fixture(scope="module")
def routes() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Theory, and kernel ridge on rows that are Gaussian."""
    theory = predicted_remedies(SPECTRUM, BUDGET, [0, *GENERATIONS], ON_IMAGES)
    d = SPECTRUM.dimension
    rng = np.random.default_rng(0)
    rows, test = rng.standard_normal((2, 4000, d)) * np.sqrt(SPECTRUM.eigenvalues)
    pool = Pool(rows, rows @ SPECTRUM.coefficients, np.zeros(d), np.ones(d))
    problem = Linear("linear", 1.0), pool, test, test @ SPECTRUM.coefficients
    given = problem, SPECTRUM, BUDGET, GENERATIONS, theory, REPLICATES, "test"
    return theory, simulated_on_images(*given)


def test_on_gaussian_rows_it_is_the_simulation_of_protocols(routes):
    _, found = routes
    assert list(found) == NAMES and list(found["remedy"].unique()) == list(ON_IMAGES)
    for row in found.itertuples():
        protocol = REMEDIES[row.remedy].protocol(BUDGET, row.generation, row.ridge)
        mean, error = simulated_error(SPECTRUM, protocol, row.generation, 400, "other")
        assert abs(row.error - mean) < 4 * np.hypot(error, row.error_se)
    known = found.dropna()
    assert len(known) == len(found) - 1 - len(GENERATIONS)
    off = (known["error"] - known["theory"]).abs()
    assert (off < 4 * known["error_se"] + 0.05 * known["theory"]).all()


def test_the_figure_shows_theory_and_simulation_of_every_remedy(routes):
    theory, found = ({f"remedies_{name}": one for name in SMALL.learners} for one in routes)
    figure = draw_remedies_on_images(theory, found, {name: name for name in SMALL.learners})
    assert len(figure.axes) == len(SMALL.learners)
    for ax, name in zip(figure.axes, SMALL.learners, strict=True):
        assert ax.get_title("left").endswith(name) and len(ax.containers) == len(ON_IMAGES)
        for bars in ax.containers:
            assert list(bars.lines[0].get_xdata()) == [0, *GENERATIONS]
        colours = [bars.lines[0].get_color() for bars in ax.containers]
        assert len(set(colours)) == len(colours)
