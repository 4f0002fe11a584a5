"""The argument `--locality`: one value of s, or the values of a sweep."""

from __future__ import annotations

import argparse
import math

from prolong.problem import MAX_VALUES

__all__ = ["localities"]

_DIGITS = 12
_FORMS = "a number, a range START:END:STEP or a list S,S,..."


def localities(text: str) -> float | list[float]:
    """What `text` means: "0.5" is one value, "0:1:0.1" and "0,0.5,1" are sweeps. Both ends belong to a range."""
    try:
        if ":" in text:
            start, end, step = map(float, text.split(":"))
            return _range(start, end, step)
        return [float(part) for part in text.split(",")] if "," in text else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be {_FORMS}, not {text!r}") from None


def _range(start: float, end: float, step: float) -> list[float]:
    """The values `start + i step` up to `end`, as they are written in decimals: 0.3, not 0.30000000000000004."""
    if not (math.isfinite(start) and step > 0 and start <= end < math.inf):
        raise argparse.ArgumentTypeError(
            f"a range rises from START to END by a positive STEP, unlike {start:g}:{end:g}:{step:g}"
        )
    # An end that is missed by rounding alone belongs to the range.
    count = math.floor(min((end - start) / step * (1 + 1e-12) + 1e-9, MAX_VALUES)) + 1
    if count > MAX_VALUES:
        raise argparse.ArgumentTypeError(f"the range has more than {MAX_VALUES} values, the limit of a sweep")
    return [round(start + number * step, _DIGITS) for number in range(count)]
