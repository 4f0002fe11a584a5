"""The error tree."""

from __future__ import annotations

import pickle

import pytest

from prolong import errors
from prolong.errors import FieldError, InvalidInput, ProlongError, TooLarge


def drawn() -> set[tuple[str, str]]:
    """The (class, parent) pairs that the module's docstring draws; foreign bases stand in brackets."""
    pairs: set[tuple[str, str]] = set()
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        bare = line.lstrip("│├└─ ")
        if not bare or not ("── " in line or bare == "ProlongError"):
            continue
        level = (len(line) - len(bare)) // 4
        name, _, rest = bare.partition(" ")
        above[level] = name
        if level:
            pairs.add((name, above[level - 1]))
        if rest.startswith("("):
            pairs.add((name, rest[1:].partition(")")[0]))
    return pairs


def real() -> set[tuple[str, str]]:
    classes = [getattr(errors, name) for name in errors.__all__]
    return {
        (made.__name__, base.__name__)
        for made in classes
        if issubclass(made, ProlongError) and made is not ProlongError
        for base in made.__bases__
    }


def test_the_drawn_tree_is_the_real_one() -> None:
    assert drawn() == real()


def test_every_exception_of_the_module_is_public() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert {made.__name__ for made in classes if made.__module__ == errors.__name__} == set(errors.__all__)


def test_the_sentence_names_every_field() -> None:
    error = InvalidInput(FieldError("/n", "too small", "small"), FieldError("", "all wrong", "wrong"))
    assert str(error) == "/n: too small; all wrong"


def test_one_error_at_one_field() -> None:
    error = TooLarge.at("/fine", "too many")
    assert type(error) is TooLarge
    assert error.errors == (FieldError("/fine", "too many", "invalid"),)
    assert InvalidInput.at("/a", "b", code="c").errors[0].code == "c"


@pytest.mark.parametrize("foreign", [ValueError, ProlongError])
def test_bad_input_is_caught_as_either(foreign: type[Exception]) -> None:
    with pytest.raises(foreign):
        raise TooLarge.at("", "too many")


def test_errors_cross_processes() -> None:
    error = InvalidInput.at("/a", "b", code="c")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.errors, str(again)) == (InvalidInput, error.errors, str(error))
