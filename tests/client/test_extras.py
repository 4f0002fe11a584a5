"""Optional libraries."""

from __future__ import annotations

import json

import pytest

from prolong import MissingExtra
from prolong.extras import optional


def test_an_installed_module_is_given() -> None:
    assert optional("json", extra="worker", needed_for="nothing") is json


def test_a_missing_module_names_the_extra() -> None:
    with pytest.raises(
        MissingExtra, match=r"drawing needs no_such_module; .*pip install 'prolong\[train\]'"
    ) as caught:
        optional("no_such_module", extra="train", needed_for="drawing")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
