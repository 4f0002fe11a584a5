from __future__ import annotations

import subprocess
import sys

import pytest

import prolong.train


def test_the_door_is_sorted_and_true():
    names = prolong.train.__all__
    assert all(getattr(prolong.train, name) is not None for name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("missing", "error"), [("torch", "MissingExtra"), ("httpx", "ModuleNotFoundError")])
def test_a_missing_library_is_named(missing, error):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "try:\n    import prolong.train\n"
        "except ImportError as error:\n    print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(error)
    assert ("prolong[train]" in done.stdout) == (error == "MissingExtra")
