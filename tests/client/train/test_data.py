from __future__ import annotations

import gzip
import hashlib
import struct

import httpx
import numpy as np
import pytest

from prolong.errors import InvalidInput
from prolong.train import DataSettings, digits, load_images
from prolong.train.mnist import FILES, PublishedFile


def _idx(images):
    return struct.pack(">HBB3I", 0, 8, 3, *images.shape) + images.tobytes()


@pytest.fixture
def published():
    """Two made-up files as a mirror would send them, by name, and their descriptions by part."""
    rng = np.random.default_rng(0)
    packed, files = {}, {}
    for part, count in (("train", 5), ("test", 3)):
        payload = _idx(rng.integers(0, 256, (count, 28, 28), np.uint8))
        name = FILES[part].name
        packed[name] = gzip.compress(payload)
        files[part] = PublishedFile(name, len(payload), hashlib.sha256(payload).hexdigest())
    return packed, files


def _write(folder, packed):
    folder.mkdir(exist_ok=True)
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    return folder


def _mirror(packed, seen):
    def answer(request):
        seen.append(str(request.url))
        name = request.url.path.rpartition("/")[2]
        return (
            httpx.Response(200, stream=httpx.ByteStream(packed[name])) if name in packed else httpx.Response(404)
        )

    return httpx.MockTransport(answer)


def test_a_folder_is_read_and_padded(tmp_path, published):
    packed, files = published
    folder = _write(tmp_path / "mnist", packed)
    images = load_images(DataSettings(folder=folder, neighbours=(), mirrors=(), files=files))
    assert (images.train.shape, images.test.shape, images.name) == ((5, 1024), (3, 1024), "mnist")
    assert str(folder) in images.source
    picture = images.train[0].reshape(32, 32)
    original = np.frombuffer(gzip.decompress(packed[FILES["train"].name]), np.uint8, offset=16)[:784]
    np.testing.assert_allclose(picture[2:30, 2:30].ravel(), original / 255, rtol=1e-6)
    assert picture.dtype == np.float32
    assert picture[:2].max() == picture[30:].max() == picture[:, :2].max() == picture[:, 30:].max() == 0


def test_neighbours_come_after_the_folder(tmp_path, published):
    packed, files = published
    neighbour = _write(tmp_path / "neighbour", packed)
    settings = DataSettings(folder=tmp_path / "empty", neighbours=(neighbour,), mirrors=(), files=files)
    assert str(neighbour) in load_images(settings).source


def test_another_compression_of_the_same_images_is_accepted(tmp_path, published):
    packed, files = published
    again = {name: gzip.compress(gzip.decompress(data), compresslevel=1) for name, data in packed.items()}
    folder = _write(tmp_path / "mnist", again)
    assert load_images(DataSettings(folder=folder, mirrors=(), files=files)).name == "mnist"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not gzip at all", "is no gzip file"),
        (gzip.compress(b"something else"), "SHA-256 differs"),
    ],
)
def test_a_wrong_file_in_a_folder_is_named(tmp_path, published, content, message):
    packed, files = published
    folder = _write(tmp_path / "mnist", {**packed, FILES["test"].name: content})
    with pytest.raises(InvalidInput, match=message) as caught:
        load_images(DataSettings(folder=folder, neighbours=(), mirrors=(), files=files))
    assert FILES["test"].name in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path, published):
    packed, files = published
    name = FILES["train"].name
    folder = _write(tmp_path / "mnist", {**packed, name: packed[name][:-200]})
    with pytest.raises(InvalidInput, match="SHA-256 differs"):
        load_images(DataSettings(folder=folder, mirrors=(), files=files))


def test_a_download_is_proved_and_kept(tmp_path, published):
    packed, files = published
    seen = []
    settings = DataSettings(
        folder=tmp_path / "new", neighbours=(), mirrors=("https://one.test/mnist/",), files=files
    )
    images = load_images(settings, transport=_mirror(packed, seen))
    assert images.source == "MNIST downloaded from https://one.test/mnist/"
    assert seen == [f"https://one.test/mnist/{file.name}" for file in files.values()]
    again = load_images(settings, transport=_mirror({}, seen))
    assert "folder" in again.source
    np.testing.assert_array_equal(again.train, images.train)


def test_bad_mirrors_lead_to_the_next_and_then_to_the_digits(tmp_path, published):
    packed, files = published
    mirrors = ("https://one.test/", "https://two.test/")
    settings = DataSettings(neighbours=(), mirrors=mirrors, files=files)

    def answer(request):
        name = request.url.path.rpartition("/")[2]
        content = packed[name] if request.url.host == "two.test" else b"junk"
        return httpx.Response(200, stream=httpx.ByteStream(content))

    assert load_images(settings, transport=httpx.MockTransport(answer)).source.endswith("https://two.test/")
    images = load_images(settings, transport=_mirror({}, []))
    assert images.name == "digits"
    assert "one.test" in images.source
    assert "two.test" in images.source


def test_a_mirror_that_sends_too_much_is_cut_off(published):
    packed, files = published
    endless = dict.fromkeys(packed, b"\x00" * (files["train"].length + (1 << 17)))
    settings = DataSettings(neighbours=(), mirrors=("https://one.test/",), files=files)
    assert "more than" in load_images(settings, transport=_mirror(endless, [])).source


def test_the_digits_are_resized_and_say_why():
    images = load_images(DataSettings(neighbours=(), mirrors=()))
    assert (images.train.shape, images.test.shape) == ((1500, 1024), (297, 1024))
    assert "downloads are switched off" in images.source
    assert 0 <= images.train.min() < images.train.max() <= 1
    again = digits()
    np.testing.assert_array_equal(again.test, images.test)
    from sklearn.datasets import load_digits

    small = load_digits().images[0] / 16
    blocks = images.train[0].reshape(8, 4, 8, 4).mean((1, 3))
    assert np.corrcoef(blocks.ravel(), small.ravel())[0, 1] > 0.95


def test_settings_come_from_the_environment(tmp_path):
    plain = DataSettings.from_environment({})
    assert plain.folder is None
    assert len(plain.mirrors) == 2
    chosen = DataSettings.from_environment({"PROLONG_DATA": str(tmp_path), "PROLONG_MNIST_URL": "https://m.test"})
    assert (chosen.folder, chosen.mirrors) == (tmp_path, ("https://m.test",))
    assert DataSettings.from_environment({"PROLONG_MNIST_URL": ""}).mirrors == ()
