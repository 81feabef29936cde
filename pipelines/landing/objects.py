"""The object store of the landing: bodies under the SHA-256 of their bytes, zstd-compressed.

A body is written once and never changed; the same body twice takes no more room.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import zstandard

_LEVEL = 1  # at level 1 a feed still shrinks 14:1, and level 3 costs a third more time
_CHUNK = 1 << 20
_INCOMING = "incoming"  # where bodies are written until they are whole


class LandingError(Exception):
    """The landing is not as it should be: a body is missing or is not what its name says."""


class ObjectStore:
    """Bodies on disk, addressed by content."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._fresh: list[Path] = []

    def path(self, sha256: str) -> Path:
        """Return the path of the body with this SHA-256 (lower-case hex), stored or not."""
        return self._root / sha256[:2] / f"{sha256[2:]}.zst"

    def put(self, body: bytes) -> str:
        """Store a body, if it is not there already, and return its SHA-256."""
        sha256 = hashlib.sha256(body).hexdigest()
        if self._holds(sha256, body):
            self._fresh.append(self.path(sha256))  # who stored it may have been killed before sync
        else:
            with self._scratch() as file:
                file.write(zstandard.ZstdCompressor(level=_LEVEL).compress(body))
            self._keep(Path(file.name), self.path(sha256))
        return sha256

    def hashes(self) -> Iterator[str]:
        """Yield the SHA-256 of every body that is stored, whole or torn."""
        for path in self._root.glob("*/*.zst"):
            yield path.parent.name + path.stem

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
        path = self.path(sha256)
        if not path.exists():
            raise LandingError(f"landing object {sha256} is missing")
        total, digest = 0, hashlib.sha256()
        try:
            with (
                path.open("rb") as file,
                zstandard.ZstdDecompressor().stream_reader(file) as reader,
            ):
                while chunk := reader.read(_CHUNK):
                    total += len(chunk)
                    digest.update(chunk)
                    if total > max_bytes:
                        raise LandingError(f"landing object {sha256} exceeds {max_bytes} bytes")
                    yield chunk
        except zstandard.ZstdError as error:
            raise LandingError(f"landing object {sha256} is damaged: {error}") from error
        if digest.hexdigest() != sha256:  # a torn frame may end without an error
            raise LandingError(f"landing object {sha256} was changed on disk")

    def sync(self) -> None:
        """Make every body stored since the last call survive a power cut."""
        fresh, self._fresh = self._fresh, []
        sync_files(fresh, top=self._root.parent)

    def sweep(self, before: datetime) -> int:
        """Remove the unfinished bodies that killed processes left.

        `before`: only those last written before this instant: a living process may still write the
        others.

        Returns:
            Their number.
        """
        dead = [
            path
            for path in (self._root / _INCOMING).glob("*.part")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in dead:
            path.unlink(missing_ok=True)
        return len(dead)

    def _holds(self, sha256: str, body: bytes) -> bool:
        """Tell whether the body is stored and whole: a power cut may have left a part of it."""
        if not self.path(sha256).exists():
            return False
        try:
            return self.read(sha256, max_bytes=len(body)) == body
        except LandingError:
            return False

    def _scratch(self) -> IO[bytes]:
        folder = self._root / _INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False)

    def _keep(self, scratch: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.replace(target)
        self._fresh.append(target)


def sync_files(paths: Iterable[Path], *, top: Path) -> None:
    """Make files survive a power cut: themselves, then the folders that name them, up to `top`."""
    files = dict.fromkeys(paths)
    folders = {up for path in files for up in path.parents if up.is_relative_to(top)}
    for path in (*files, *sorted(folders, reverse=True)):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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
        self._store._keep(Path(self._file.name), self._store.path(sha256))
        return sha256

    def discard(self) -> None:
        """Give the body up; nothing of it stays."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)
