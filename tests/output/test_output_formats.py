"""How numbers are written in TeX."""

import pytest

from scripts.output.formats import (
    at_most,
    in_brackets,
    measured,
    number,
    setting,
    signed,
    significant,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4, "0.400"),
        (0.16938, "0.169"),
        (1.0, "1"),
        (12345, "12{,}345"),
        (1e6, "1{,}000{,}000"),
        (1e10, r"\ensuremath{1.00\times 10^{10}}"),
        (12.345, "12.3"),
        (0.0009996, "0.00100"),
        (0.000012345, r"\ensuremath{1.23\times 10^{-5}}"),
        (9.9999, "10.0"),
        (-2.2058, r"\ensuremath{-2.21}"),
    ],
)
def test_measured_numbers_keep_their_significant_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (0.375, "0.375"),
        (2.0, "2"),
        (600, "600"),
        (1e-4, r"\ensuremath{10^{-4}}"),
        (2.5e-3, r"\ensuremath{2.5\times 10^{-3}}"),
        (1e10, r"\ensuremath{10^{10}}"),
        (0.0, "0"),
    ],
)
def test_settings_keep_all_their_digits(value, text):
    assert setting(value) == text


def test_a_mean_is_written_to_two_digits_of_its_error():
    assert measured(0.40319, 0.00341) == r"\ensuremath{0.4032 \pm 0.0034}"
    assert measured(1.684, 1.424) == r"\ensuremath{1.7 \pm 1.4}"
    assert measured(0.5, float("nan")) == "0.500"


def test_at_most_rounds_up():
    assert at_most(0.1843) == r"19\,\%"
    assert at_most(0.18) == r"18\,\%"


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (-0.41234, 0.0123, "$-0.412(12)$"),
        (0.2, 0.00049, "$+0.20000(49)$"),
        (1234.5, 12.0, "$+1234(12)$"),
        (0.5, 0.0, "$+0.5$"),
    ],
)
def test_errors_in_brackets_belong_to_the_last_digits(mean, error, text):
    assert in_brackets(mean, error) == text


def test_numbers_with_signs_and_powers():
    assert signed(-0.0001, 3) == "$-0.000$"
    assert signed(float("nan")) == "--"
    assert significant(float("inf")) == r"$\infty$"
    assert significant(6.0823e6) == r"$6.08\cdot10^{6}$"
    assert significant(-0.5) == "$-0.5$"
