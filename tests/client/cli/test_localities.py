"""What `--locality` understands."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong.cli.localities import localities


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5", 0.5),
        ("1e-3", 1e-3),
        ("0,0.25,1", [0.0, 0.25, 1.0]),
        ("0:1:0.1", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("0:1:0.3", [0.0, 0.3, 0.6, 0.9]),
        ("0.3:0.9:0.3", [0.3, 0.6, 0.9]),
        ("0.5:0.5:1", [0.5]),
        ("0:1:5", [0.0]),
        ("1:3:1", [1.0, 2.0, 3.0]),
    ],
)
def test_values(text: str, values: object) -> None:
    assert localities(text) == values


@given(st.integers(1, 100))
def test_both_ends_of_a_whole_range_belong_to_it(steps: int) -> None:
    values = localities(f"0:1:{1 / steps!r}")
    assert isinstance(values, list)
    assert len(values) == steps + 1
    assert np.allclose(values, np.linspace(0, 1, steps + 1), atol=1e-11)
    assert (values[0], values[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be a number"),
        ("half", "must be a number"),
        ("0:1", "must be a number"),
        ("0:1:0.1:2", "must be a number"),
        ("0,,1", "must be a number"),
        ("0:1:x", "must be a number"),
        ("1:0:0.1", "a range rises"),
        ("0:1:0", "a range rises"),
        ("0:1:-0.1", "a range rises"),
        ("0:1:nan", "a range rises"),
        ("nan:1:0.1", "a range rises"),
        ("0:nan:0.1", "a range rises"),
        ("0:inf:0.1", "a range rises"),
        ("-inf:0:0.1", "a range rises"),
        ("0:1:1e-300", "more than 101 values"),
        ("0:1:0.0099", "more than 101 values"),
        ("0:1e300:1e-300", "more than 101 values"),
    ],
)
def test_bad_text(text: str, words: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=words):
        localities(text)
