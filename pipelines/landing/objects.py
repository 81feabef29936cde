"""The object store of the landing: bodies under the SHA-256 of their bytes, zstd-compressed.

A body is written once and never changed; the same body twice takes no more room.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import zstandard

from pipelines.landing.files import Files
from pipelines.landing.remote import Stored

_LEVEL = 1  # at level 1 a feed still shrinks 14:1, and level 3 costs a third more time
_CHUNK = 1 << 20
_FOLDER = 2  # of the hash, which names the folder
_SUFFIX = ".zst"
_INCOMING = "incoming"  # where bodies are written until they are whole


class LandingError(Exception):
    """The landing is not as it should be: a body is missing or is not what its name says."""


class ObjectStore:
    """Bodies in a folder or a store, addressed by content."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._fresh: list[str] = []

    def path(self, sha256: str) -> Path:
        """Return the place in the folder of the body with this SHA-256 (lower-case hex)."""
        return self._files.path(_name(sha256))

    def stat(self, sha256: str) -> Stored | None:
        """Look at a body; None: it is not stored."""
        return self._files.stat(_name(sha256))

    def remove(self, sha256: str) -> int:
        """Remove a body, if it is there; return the bytes that it took."""
        return self._files.remove(_name(sha256))

    def put(self, body: bytes) -> str:
        """Store a body, if it is not there already, and return its SHA-256."""
        sha256 = hashlib.sha256(body).hexdigest()
        if self._holds(sha256, body):
            self._fresh.append(_name(sha256))  # who stored it may have been killed before sync
        else:
            with self._scratch() as file:
                file.write(zstandard.ZstdCompressor(level=_LEVEL).compress(body))
            self._keep(Path(file.name), sha256)
        return sha256

    def hashes(self) -> Iterator[str]:
        """Yield the SHA-256 of every body that is stored, whole or torn."""
        for name in self._files.names():
            folder, _, rest = name.partition("/")
            if rest.endswith(_SUFFIX) and len(folder) == _FOLDER:
                yield folder + rest.removesuffix(_SUFFIX)

    def empty(self) -> list[str]:
        """List the files of bodies that hold nothing: zstd has no empty frame."""
        return [name for name, stored in self._files.files().items() if not stored.size]

    def writer(self) -> BodyWriter:
        """Open a sink for a body too large to hold: write chunks, then `close`."""
        return BodyWriter(self)

    def read(self, sha256: str, *, max_bytes: int) -> bytes:
        """Read the body with this SHA-256, proved to be it.

        Raises:
            LandingError: it is not there, is larger than `max_bytes`, or was changed on disk.
        """
        return b"".join(self.chunks(sha256, max_bytes=max_bytes))

    def chunks(self, sha256: str, *, max_bytes: int) -> Iterator[bytes]:
        """Read the body with this SHA-256 a chunk at a time, for bodies too large to hold.

        Raises:
            LandingError: it is not there, is larger than `max_bytes`, cannot be decompressed or,
                said after the last chunk, was changed on disk.
        """
        total, digest = 0, hashlib.sha256()
        try:
            with (
                self._files.open(_name(sha256)) as file,
                zstandard.ZstdDecompressor().stream_reader(file) as reader,
            ):
                while chunk := reader.read(_CHUNK):
                    total += len(chunk)
                    digest.update(chunk)
                    if total > max_bytes:
                        raise LandingError(f"landing object {sha256} exceeds {max_bytes} bytes")
                    yield chunk
        except FileNotFoundError:
            raise LandingError(f"landing object {sha256} is missing") from None
        except zstandard.ZstdError as error:
            raise LandingError(f"landing object {sha256} is damaged: {error}") from error
        if digest.hexdigest() != sha256:  # a torn frame may end without an error
            raise LandingError(f"landing object {sha256} was changed on disk")

    def sync(self) -> None:
        """Make every body stored since the last call last, see `Files.keep`."""
        fresh, self._fresh = self._fresh, []
        self._files.keep(fresh, named_by_content=True)

    def sweep(self, before: datetime) -> int:
        """Remove the unfinished bodies that killed processes left.

        `before`: only those last written before this instant: a living process may still write the
        others.

        Returns:
            Their number.
        """
        dead = [
            path
            for path in self._files.path(_INCOMING).glob("*.part")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in dead:
            path.unlink(missing_ok=True)
        return len(dead)

    def _holds(self, sha256: str, body: bytes) -> bool:
        """Tell whether the folder has the body whole: a power cut may have left a part of it.

        What a store has is compared when this one is carried there.
        """
        if not self.path(sha256).exists():
            return False
        try:
            return self.read(sha256, max_bytes=len(body)) == body
        except LandingError:
            return False

    def _scratch(self) -> IO[bytes]:
        folder = self._files.path(_INCOMING)
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False)

    def _keep(self, scratch: Path, sha256: str) -> None:
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.replace(target)
        self._fresh.append(_name(sha256))


def _name(sha256: str) -> str:
    return f"{sha256[:_FOLDER]}/{sha256[_FOLDER:]}{_SUFFIX}"


class BodyWriter:
    """One body on its way into the store, hashed and compressed as it comes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._hash = hashlib.sha256()
        self._file = store._scratch()
        self._zstd = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(self._file, closefd=False)
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self._hash.update(chunk)
        self._zstd.write(chunk)
        self.size += len(chunk)

    def close(self) -> str:
        """Put the body in its place and return its SHA-256."""
        self._zstd.flush(zstandard.FLUSH_FRAME)
        self._file.close()
        sha256 = self._hash.hexdigest()
        self._store._keep(Path(self._file.name), sha256)
        return sha256

    def discard(self) -> None:
        """Give the body up; nothing of it stays."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)
