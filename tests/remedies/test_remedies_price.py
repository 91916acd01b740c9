"""The price of real data: closed forms far from d, and simulation at the price."""

from itertools import product

import numpy as np
import pytest
from configs import load

from model_collapse.problem.spectra import isotropic
from scripts.config import read_config
from scripts.remedies.catalogue import Budget
from scripts.remedies.settings import Setting
from scripts.remedies.tabulate_price import PRICES, RIDGES, Pricing, tabulated_prices
from scripts.schema.settings import keys_of

SMALL = read_config(load("config", "claims", "miniature")).remedies
REGIMES = {name: Setting(**keys_of(block, Setting)) for name, block in SMALL.regimes.items()}


@pytest.mark.parametrize("n", [1, 2, 10])
@pytest.mark.parametrize("rule", RIDGES)
def test_far_above_d_prices_have_a_closed_form(n, rule):
    """Least squares on T0 rows: E_n = (n + 1)N, and with x·T0 real ones a quadratic equation."""
    pricing = Pricing(isotropic(10), Budget(10**5, 0, 1.0), rule)
    assert pricing.worth(n) == pytest.approx(1 / (n + 1), rel=0.01)
    unweighted = (np.sqrt(1 + 4 * n**2) + 1 - 2 * n) / (2 * n)  # at n = 1 the golden ratio less 1
    assert pricing.price(n) == pytest.approx(unweighted, rel=0.01)
    assert pricing.price(n, n + 1) == pytest.approx(1 / (n * (n + 1)), rel=0.01)


def test_without_a_ridge_a_price_below_d_carries_the_fit_past_d():
    pricing = Pricing(isotropic(40), Budget(20, 0, 0.2), "none")
    assert all(pricing.price(n) > 1 for n in (1, 3, 10))


def test_nothing_is_paid_where_nothing_is_lost():
    """Noiseless least squares keeps w0, and tuned chains end at the null predictor."""
    assert Pricing(isotropic(10), Budget(100, 0, 0.0), "none").price(3) == 0
    pricing = Pricing(isotropic(40), Budget(10, 0, 1.0), "tuned")
    assert pricing.price(30) == pricing.worth(30) == 0


def test_at_its_price_a_generation_is_bought_back():
    block = SMALL.price.model_copy(update={"replicates": 150})
    table = tabulated_prices(block, REGIMES, "test")
    cells = product(REGIMES, block.sizes, RIDGES, block.generations)
    assert len(table) == len(list(cells))
    # Of d = 30 and whole rows: some percent.
    off = (table["bought"] - 1).abs()
    assert (off < 4 * table["bought_se"] + 0.08).all(), table
    assert table["worth"].between(0, 1).all()
    first = table[table["generation"] == 1]
    assert (first["price_weighted"] < first["price"]).all()
    assert PRICES.tex(table).count(r"\\") == len(table) + 1
