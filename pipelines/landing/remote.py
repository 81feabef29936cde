"""The landing's files in an object store: one object a file, under the name it has in a folder.

An object appears whole or not at all as far as the store keeps its word; it is counted there only
when its size is that of the file it was made from, and a body is proved by its hash as it is read.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl, urlsplit

from models.errors import Refused

if TYPE_CHECKING:  # seconds to import, for nothing where the landing is a folder
    import pyarrow.fs as pafs

_CONNECT_S: Final = 10
_REQUEST_S: Final = 60
_ATTEMPTS: Final = 3
_CHUNK: Final = 1 << 20


class LandingAway(Refused):
    """The object store of the landing cannot be reached, or refuses; nothing is lost by it."""


@dataclass(frozen=True)
class Stored:
    """A file of the landing."""

    size: int  # bytes, as stored
    modified_at: datetime  # UTC


@dataclass(frozen=True)
class Remote:
    """A folder of an object store; the credentials are the environment's."""

    address: str  # `s3://bucket/folder`, as `settings.yaml` says it
    folder: str = ""  # below it

    def below(self, folder: str) -> Remote:
        """Return a folder of this one."""
        return Remote(self.address, f"{self.folder}/{folder}".strip("/"))

    @property
    def _root(self) -> str:
        return f"{self._name}/{self.folder}".rstrip("/")

    @property
    def _name(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.netloc}{parts.path.rstrip('/')}"

    def stat(self, name: str) -> Stored | None:
        """Look at a file; None: there is none."""
        with self._asked() as system:
            return _stored(system.get_file_info(f"{self._root}/{name}"))

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it from its beginning.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._asked() as system:
            stream = system.open_input_stream(f"{self._root}/{name}", compression=None)
        return cast("IO[bytes]", _Stream(stream, self))

    def files(self, folder: str) -> Iterator[tuple[str, Stored]]:
        """Yield the files below a folder, at any depth, and their names below this one."""
        for name, info in self._list(folder, recursive=True):
            if (stored := _stored(info)) is not None:
                yield name, stored

    def entries(self, folder: str) -> list[str]:
        """List the names of what is directly in a folder."""
        return [name.rsplit("/", 1)[-1] for name, _ in self._list(folder, recursive=False)]

    def put(self, name: str, path: Path) -> None:
        """Write a file, in the place of one that is there, and prove that all of it arrived.

        Raises:
            LandingAway: it did not.
        """
        with path.open("rb") as file, self._asked() as system:
            with system.open_output_stream(f"{self._root}/{name}", compression=None) as stream:
                shutil.copyfileobj(file, stream, _CHUNK)
            written = _stored(system.get_file_info(f"{self._root}/{name}"))
            if written is None or written.size != file.tell():
                raise OSError(f"{name} did not arrive whole")

    def remove(self, name: str) -> None:
        """Remove a file that is there."""
        with self._asked() as system:
            system.delete_file(f"{self._root}/{name}")

    def _list(self, folder: str, *, recursive: bool) -> list[tuple[str, pafs.FileInfo]]:
        from pyarrow.fs import FileSelector

        place = f"{self._root}/{folder}".rstrip("/")
        with self._asked() as system:
            selector = FileSelector(place, allow_not_found=True, recursive=recursive)
            found = system.get_file_info(selector)
        return [(info.path.removeprefix(f"{self._root}/"), info) for info in found]

    @contextmanager
    def _asked(self) -> Iterator[pafs.S3FileSystem]:
        """Provide the store; say in one line that it is away."""
        try:
            yield _connect(self.address)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise LandingAway(
                f"the landing in s3://{self._name} cannot be used "
                f"({str(error).splitlines()[0][:_LONGEST]}); what was fetched and is not there yet "
                "waits in the home: see `landing` in settings.yaml, and run again"
            ) from error


_LONGEST: Final = 200
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Stream:
    """A file of the store that is being read; its faults are the store's."""

    def __init__(self, stream: pafs.NativeFile, remote: Remote) -> None:
        self._stream = stream
        self._remote = remote

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        with self._remote._asked():
            return cast("bytes", self._stream.read(None if size < 0 else size))

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.close()


def _stored(info: pafs.FileInfo) -> Stored | None:
    if not info.is_file:
        return None
    return Stored(info.size, (info.mtime or _NEVER).replace(tzinfo=UTC))


@lru_cache(maxsize=4)
def _connect(address: str) -> pafs.S3FileSystem:
    """Open a store once for a process; how it is reached is in its address, as for the lake's."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem, resolve_s3_region

    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    if not options.keys() & {"region", "endpoint_override"}:
        options["region"] = resolve_s3_region(parts.netloc)
    return S3FileSystem(
        **options,
        connect_timeout=_CONNECT_S,
        request_timeout=_REQUEST_S,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
