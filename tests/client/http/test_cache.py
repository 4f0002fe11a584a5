"""Operators on disk: complete, checked, and shared by processes without locks."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong import DenseOperator, formats
from prolong.client.cache import OperatorCache

KEY = "ab" * 32
DATA = formats.to_bytes(DenseOperator(np.eye(40, 20)))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_is_loaded(tmp_path):
    cache = OperatorCache(tmp_path / "deep" / "er")
    assert cache.load(KEY) is None
    cache.store(KEY, DATA)
    assert formats.to_bytes(cache.load(KEY)) == DATA
    assert cache.load("cd" * 32) is None


def test_the_file_is_read_only_and_says_its_digest(tmp_path):
    OperatorCache(tmp_path).store(KEY, DATA)
    (path,) = files(tmp_path)
    assert path.name == f"{KEY}.{formats.digest(DATA)}.safetensors"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_storing_again_is_harmless(tmp_path):
    cache = OperatorCache(tmp_path)
    cache.store(KEY, DATA)
    cache.store(KEY, DATA)
    assert len(files(tmp_path)) == 1


@given(st.data())
def test_damage_anywhere_is_noticed_and_removed(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cache")
    cache = OperatorCache(folder)
    cache.store(KEY, DATA)
    (path,) = files(folder)
    place = data.draw(st.integers(0, len(DATA) - 1))
    damaged = DATA[:place] + data.draw(st.sampled_from([b"", b"\x00\x01", DATA[place:] + b"x"]))
    path.chmod(0o644)
    path.write_bytes(damaged)
    assert cache.load(KEY) is None or damaged == DATA
    assert (files(folder) == []) == (damaged != DATA)


def test_a_damaged_file_does_not_hide_a_good_one(tmp_path):
    cache = OperatorCache(tmp_path)
    cache.store(KEY, DATA)
    (tmp_path / "ab" / f"{KEY}.{'0' * 64}.safetensors").write_bytes(b"damaged")
    assert formats.to_bytes(cache.load(KEY)) == DATA


def test_a_whole_file_that_cannot_be_read_is_left_to_newer_versions(tmp_path):
    cache = OperatorCache(tmp_path)
    cache.store(KEY, b"the form of a later version")
    assert cache.load(KEY) is None
    assert len(files(tmp_path)) == 1


def test_a_folder_in_place_of_a_file_is_passed_over(tmp_path):
    (tmp_path / "ab" / f"{KEY}.{'0' * 64}.safetensors").mkdir(parents=True)
    assert OperatorCache(tmp_path).load(KEY) is None


def test_off_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache = OperatorCache(None)
    cache.store(KEY, DATA)
    assert cache.load(KEY) is None
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_warns_once(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    cache = OperatorCache(blocked)
    with pytest.warns(RuntimeWarning, match="set PROLONG_CACHE"):
        cache.store(KEY, DATA)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.store(KEY, DATA)
    assert cache.load(KEY) is None


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        OperatorCache(tmp_path).store(KEY, DATA)
    assert files(tmp_path) == []


def test_what_killed_writers_left_is_removed_after_a_day(tmp_path):
    folder = tmp_path / "ab"
    folder.mkdir()
    old, new = folder / ".unfinished-old", folder / ".unfinished-new"
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 100_000, time.time() - 100_000))
    OperatorCache(tmp_path).store(KEY, DATA)
    assert not old.exists()
    assert new.exists()


WRITER = """
import sys
from pathlib import Path
from prolong import formats
from prolong.client.cache import OperatorCache
cache, data = OperatorCache(Path(sys.argv[1])), Path(sys.argv[2]).read_bytes()
sys.stdin.readline()
for _ in range(15):
    cache.store("ab" * 32, data)
    assert formats.to_bytes(cache.load("ab" * 32)) == data
"""


def test_processes_write_and_read_the_same_key_side_by_side(tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "cache"), str(tmp_path / "data")]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(3)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert len(files(tmp_path / "cache")) == 1
