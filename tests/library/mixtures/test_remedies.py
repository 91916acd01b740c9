"""Remedies and their groups: schedules, types of numbers, sizes, and what is refused."""

from math import pi

import numpy as np
import pytest
from conftest import assert_same
from mixture_problems import ISOTROPIC, POWER, assert_refused

from model_collapse.mixtures.equivalents import ols_gain
from model_collapse.mixtures.groups import Generation, Group, Outsider, Verifier
from model_collapse.mixtures.limits import (
    accumulate_kept_limit,
    accumulate_limit,
    accumulate_real_errors,
    mix_labels_limit,
    mix_limit,
    mix_ols_limit,
    one_design_limit,
    subsample_limit,
)
from model_collapse.mixtures.remedies import (
    accumulate_kept,
    chain_of,
    growing,
    listed,
    mix,
    mix_labels,
    replace,
    subsample,
    subsample_kept,
    two_groups,
    verified,
)
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic


def test_sizes_that_grow():
    """OLS: σ²Σ d/(T_m − d), bounded for T0·m^a iff a > 1, by ζ(a)."""
    sizes = [1000, 4000, 9000]
    expected = np.cumsum([0.25 * 200 / (t - 200) for t in sizes])
    assert_same(expected_errors(ISOTROPIC, growing(1000, lambda k: k**2, 0, 0.5), 2), expected)
    squares = expected_errors(isotropic(1), growing(1e6, lambda k: k**2, 0, 1e3), 2000)
    assert_same(squares[-1], pi**2 / 6 - 1 / 2001.5, rtol=2e-6)


def test_label_noise_and_size_may_be_schedules():
    fits = [Fit(300, 0.1, 0.5), Fit(150, 0.02, 0.1)]
    protocol = replace(
        lambda k: 450 // (k + 1) if k > 1 else 300, listed([0.1, 0.02]), listed([0.5, 0.1])
    )
    expected = expected_errors(POWER, chain_of(fits), 1)
    assert_same(expected_errors(POWER, protocol, 1), expected)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32, np.float16, np.array])
def test_numbers_of_any_type_are_those_numbers(kind):
    """Sizes, noise, weights and penalties whose squares or products the type cannot hold."""

    def numbers(of):
        size = of(120)  # int8 holds T and σ, and none of their squares
        sigma = of(100)
        spectrum = isotropic(40)
        for protocol in (
            replace(size, of(1), sigma),
            mix(size, size, of(0), sigma, of(1)),
            mix(size, size, of(0), sigma),
            mix_labels(size, of(1), of(0), sigma),
            accumulate_kept(size, of(3), sigma),
            growing(size, lambda k: of(k + 1), of(0), sigma),
            subsample(size, of(1), sigma),
            two_groups(size, size, of(9), of(1), sigma),
            verified(size, of(9), of(1), of(1), sigma),
        ):
            yield expected_errors(spectrum, protocol, 2)
        yield mix_limit(spectrum, size, size, of(1), sigma)
        yield mix_ols_limit(0.5, 0.5, sigma), mix_labels_limit(0.5, 0.5, sigma)
        yield one_design_limit(0.3, sigma), accumulate_kept_limit(0.3, sigma)
        yield accumulate_limit(0.3, sigma), subsample_limit(0.3, sigma)
        yield accumulate_real_errors(of(5), size, 0.5, of(4), sigma)
        yield ols_gain(of(5), size)
        how = {"replicates": of(2), "seed": 1}
        yield simulate_errors(spectrum, subsample_kept(size, of(1), sigma), of(2), **how)

    of_python = float if kind is np.float16 else int  # a number's text is part of a random stream
    for found, expected in zip(numbers(kind), numbers(of_python), strict=True):
        assert_same(found, expected)


def test_a_union_that_is_not_unfolded_has_the_size_of_all_its_fresh_rows():
    assert Generation([Group(9), Group(5)]).size == 14
    assert Generation([Group(9, rows="x"), Group(9, 0, 1.0, rows="x"), Group(5)]).size == 14
    assert Generation([Group(9), Group(5)], drawn=6.0).size == 6
    one_x = Generation([Group(4, 0, rows="x"), Group(4, 0, 1.0, rows="x")], 0.1, drawn=4)
    pairs_missed = 6 * 5 * 4 * 3 / (8 * 7 * 6 * 5)  # both labels of an x left out
    assert_same(one_x.size, 4 * (1 - pairs_missed))


def test_a_verifier_of_any_cut_keeps_the_variance_of_a_truncated_normal():
    outsider = Outsider(0.1)
    density = 2 * np.exp(-0.5) / np.sqrt(2 * pi)
    expected = 1 - density / Verifier(outsider, 1.0).kept_share
    assert_same(Verifier(outsider, 1.0).kept_variance, expected)
    assert_same(Verifier(outsider, 1e-9).kept_variance, 1e-18 / 3, rtol=1e-9)
    assert Verifier(outsider, 1e200).kept_variance == 1


def test_a_group_without_rows_or_weight_is_left_out():
    union = Generation([Group(0, weight=3.0), Group(9, weight=0.0), Group(5)])
    assert union.groups == (Group(5),)
    assert union.size == 5
    assert [group.labels for group in mix(9, 0, real_weight=0.5)(2).groups] == [1]
    assert [group.labels for group in mix(0, 9, real_weight=0.5)(2).groups] == [0]


@pytest.mark.parametrize("of", [list, np.array])
def test_a_spread_may_be_a_list_or_an_array(of):
    assert Outsider(of([1.0, 2.0])) == Outsider((1.0, 2.0))


REFUSED = {
    "real_weight must be between 0 and 1, not 1.2": lambda: mix(9, 9, 0.1, 0.1, 1.2),
    "real_weight must be between 0 and 1, not -0.1": lambda: two_groups(9, 9, 1, 0.1, 0.1, -0.1),
    "real_weight must be between 0 and 1, not 3": lambda: mix(9, 9, 0.1, 0.1, lambda k: 3)(2),
    "real_share must be between 0 and 1, not nan": lambda: mix_labels(9, np.nan),
    "real_share must be between 0 and 1, not <function": lambda: mix_labels(9, lambda k: 0.5),
    "weight must be a number of at least 0, not 1": lambda: Group(9, weight="1"),
    "weight must be a number of at least 0, not -1": lambda: Group(9, weight=-1),
    "weights must not all be 0": lambda: Generation([Group(9, weight=0), Group(5, weight=0)]),
    "a union must have rows, and this one is empty": lambda: Generation([]),
    "and this one is empty": lambda: mix(50, 0)(1),
    "growth overflows: samples must be at most 2.53, not inf": lambda: growing(
        9, lambda k: 10.0 ** (400 * k)
    )(1),
    "samples must be at most 2.53, not 1e.20": lambda: growing(1e20, lambda k: 1)(1),
    "samples must be a number of at least 0, not nan": lambda: growing(9, lambda k: np.nan)(1),
    "samples must be a number of at least 0, not .9, 9.": lambda: replace([9, 9])(1),
    "model 3 has no value in a list of 2": lambda: replace(listed([9, 9]))(3),
    "model 2 has no value in a list of 1": lambda: chain_of([Fit(9)])(2),
    "noise must be a number of at least 0, not -0.1": lambda: replace(300, 0, -0.1)(1),
    "ridge must be a number of at least 0, not nan": lambda: replace(300, np.nan)(1),
    "cannot draw 10 rows of a union": lambda: Generation([Group(9)], drawn=10),
    "cannot draw 8.5 rows of a union": lambda: Generation([Group(9)], drawn=8.5),
    "rows can be drawn only from a union": lambda: Generation([Group(9), Group(9, 0, 1, 2)], 0, 5),
    "a verified group must be the only one": lambda: Generation(
        [Group(9), Group(9, verifier=Verifier(Outsider(1.0), 1.0))]
    ),
    "cut must be positive and finite, not 0": lambda: verified(300, 0.1, 0),
    "cut must be positive and finite, not inf": lambda: verified(300, 0.1, np.inf),
    "samples must be at least 1, and whole, not 8.5": lambda: subsample_kept(8.5),
    "samples must be at least 1, and whole, not -1": lambda: subsample_kept(-1),
    "noise must be a number of at least 0, not True": lambda: Group(9, noise=True),
    "penalty must be a number of at least 0, not -1": lambda: accumulate_kept(9, -1)(1),
    "labels must be the number of a model, and whole, not 1.5": lambda: Group(9, 1.5),
    "labels must be the number of a model, and whole, not True": lambda: Group(9, True),
    "rows must have a name": lambda: Group(9, rows=["x"]),
    "a verifier's model must be an Outsider, not 0": lambda: Verifier(0, 1.0),
    "verifier must be a Verifier": lambda: Group(9, verifier=Outsider(1.0)),
    "groups must be a list of Groups": lambda: Generation([9]),
    "weights of all rows must have a positive and finite sum": lambda: Generation(
        [Group(1e10, weight=1e300)]
    ),
    "spread must be of numbers of at least 0, not 1": lambda: Outsider("1"),
    "model 0 has no value in a list of 2": lambda: listed([9, 9])(0),
    "model 1 has no number in a list, but None": lambda: listed([None])(1),
    "spread must be of numbers of at least 0, not -1": lambda: two_groups(9, 9, -1),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_groups_and_remedies_that_make_no_sense_are_refused(sentence):
    assert_refused(sentence, REFUSED[sentence])
