"""MNIST's images from a folder or a mirror, proved by checksum."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import numpy as np
from numpy.typing import NDArray

from prolong.errors import InvalidInput
from prolong.train.idx import read_idx

__all__ = ["FILES", "MIRRORS", "PublishedFile", "download", "read_folder"]

#: Public mirrors of the original files, tried in this order.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
#: How much longer than its content, in bytes, a packed file may be.
_PACKING = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class PublishedFile:
    """A gzip file, by the length and SHA-256 of what it holds: mirrors may compress it differently."""

    name: str
    length: int
    sha256: str


#: The two files of images, by part.
FILES: Mapping[str, PublishedFile] = MappingProxyType(
    {
        "train": PublishedFile(
            "train-images-idx3-ubyte.gz",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        "test": PublishedFile(
            "t10k-images-idx3-ubyte.gz",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
    }
)


def read_folder(folder: Path, files: Mapping[str, PublishedFile] = FILES) -> dict[str, NDArray[np.uint8]] | None:
    """The images by part, each of shape `(n, 28, 28)`; None where the folder has not all files.

    **Raises:** `InvalidInput` naming the file that is not what was published.
    """
    paths = {part: folder / file.name for part, file in files.items()}
    if not all(path.is_file() for path in paths.values()):
        return None
    return {part: _images(paths[part].read_bytes(), files[part], str(paths[part])) for part in files}


def download(
    mirror: str,
    *,
    keep_in: Path | None = None,
    files: Mapping[str, PublishedFile] = FILES,
    transport: httpx.BaseTransport | None = None,
) -> dict[str, NDArray[np.uint8]]:
    """The images by part from a mirror's base URL; each file is kept in `keep_in`, if given, once it is proved.

    **Raises:** `InvalidInput` for a wrong file; `httpx.HTTPError` where the mirror does not deliver.
    """
    images: dict[str, NDArray[np.uint8]] = {}
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=True, transport=transport) as client:
        for part, file in files.items():
            url = mirror.rstrip("/") + "/" + file.name
            packed = _fetched(client, url, limit=file.length + _PACKING)
            images[part] = _images(packed, file, url)
            if keep_in is not None:
                _keep(keep_in, file.name, packed)
    return images


def _fetched(client: httpx.Client, url: str, *, limit: int) -> bytes:
    received = bytearray()
    with client.stream("GET", url) as response:
        response.raise_for_status()
        for block in response.iter_raw():
            received += block
            if len(received) > limit:
                raise InvalidInput.at("", f"{url} sent more than {limit} bytes", code="length")
    return bytes(received)


def _images(packed: bytes, file: PublishedFile, where: str) -> NDArray[np.uint8]:
    # One byte more than promised shows a longer file without unpacking all of it.
    unpacker = zlib.decompressobj(_GZIP)
    try:
        payload = unpacker.decompress(packed, file.length + 1)
    except zlib.error as error:
        raise InvalidInput.at("", f"{where} is no gzip file: {error}", code="gzip") from error
    if hashlib.sha256(payload).hexdigest() != file.sha256:
        detail = f"{where} does not hold the published {file.name} (its SHA-256 differs); remove or replace it"
        raise InvalidInput.at("", detail, code="checksum")
    return read_idx(payload)


def _keep(folder: Path, name: str, packed: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(packed)
    os.replace(file.name, folder / name)
