"""Hyper-parameters from what a person types, and what they say where it will not do."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ALGORITHMS, ALS, SVD, InvalidParameter
from engine.parameters import Parameter, parameters

OF = {p.name: p for p in parameters(ALS)} | {f"svd {p.name}": p for p in parameters(SVD)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("factors", " 12 ", 12),
        ("reg", "0.05", 0.05),
        ("reg", "3", 3.0),
        ("reg", "1e-2", 0.01),
        *(("nonnegative", word, True) for word in ("yes", "True", "ON", "1")),
        *(("nonnegative", word, False) for word in ("no", "false", "Off", "0")),
        ("svd imputation", "user mean", "user mean"),
    ],
)
def test_text_becomes_a_value_of_the_right_kind(name: str, text: str, value: object) -> None:
    found = OF[name].parse(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "takes"),
    [
        ("factors", "2.5", "a whole number from 1 to 500"),
        ("factors", "0", "a whole number from 1 to 500"),
        ("factors", "501", "a whole number from 1 to 500"),
        ("factors", "many", "a whole number"),
        ("factors", "", "a whole number"),
        ("reg", "-0.1", "a number from 0 to 100"),
        ("reg", "nan", "a number"),
        ("reg", "inf", "a number"),
        ("reg", "1,5", "a number"),
        ("nonnegative", "maybe", "yes or no"),
        ("nonnegative", "2", "yes or no"),
        ("svd imputation", "median", "one of zero, global mean, movie mean, user mean"),
    ],
)
def test_other_text_is_told_what_would_do(name: str, text: str, takes: str) -> None:
    with pytest.raises(InvalidParameter, match=takes) as caught:
        OF[name].parse(text)
    assert caught.value.name == OF[name].name
    assert str(caught.value).startswith(OF[name].name)


@pytest.mark.parametrize("value", [True, "3", None, 3.0])
def test_a_whole_number_is_no_other_kind_of_thing(value: object) -> None:
    with pytest.raises(InvalidParameter, match="whole number"):
        OF["factors"].check(value)


@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_yes_and_no_are_no_numbers(value: object) -> None:
    with pytest.raises(InvalidParameter, match="yes or no"):
        OF["nonnegative"].check(value)


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_every_default_is_accepted_as_it_would_be_typed(name: str) -> None:
    kind = type(ALGORITHMS[name])
    declared = parameters(kind)
    assert len({parameter.name for parameter in declared}) == len(declared)
    for parameter in declared:
        assert parameter.help.endswith(".")
        typed = "yes" if parameter.default is True else str(parameter.default)
        assert parameter.parse(typed) == parameter.default
        assert getattr(kind(), parameter.name) == parameter.default


@given(st.floats() | st.integers() | st.text())
def test_what_is_in_range_and_nothing_else_is_accepted(value: object) -> None:
    parameter = Parameter("x", "float", 1.0, "Any.", low=-2, high=3)
    fits = isinstance(value, (int, float)) and not math.isnan(value) and -2 <= value <= 3
    if fits:
        parameter.check(value)
    else:
        with pytest.raises(InvalidParameter, match="from -2 to 3"):
            parameter.check(value)


def test_without_a_range_any_number_will_do() -> None:
    for value in (-1e300, 0.0, 1e300):
        Parameter("x", "float", 1.0, "Any.").check(value)
