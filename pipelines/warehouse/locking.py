"""A lock between processes: one file, held for as long as the warehouse is open for writing.

DuckDB has a lock of its own on the database file, but it neither waits nor says who holds it: who
else has the file open, a reader too, is asked of the kernel (`file_holder`).
"""

from __future__ import annotations

import fcntl
import os
import shlex
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from models.errors import Unusable


class WarehouseError(Unusable):
    """The warehouse cannot be used as asked; the message says why and what to do."""


class WarehouseLocked(WarehouseError):
    """Another writer holds the warehouse and did not let go in time."""


class OvertakenPull(WarehouseError):
    """A later pull of the same list is loaded already; history would come out of order."""


POLL_SECONDS = 0.1
# `struct flock`: the type asked for, from where, start, length (0: to the end), whose it is.
_FLOCK = "hhqqi" if sys.platform == "linux" else "qqihh"


class FileLock:
    """An exclusive lock on a file that names its holder.

    The kernel drops it when the holder dies, however it dies; the file itself stays.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @classmethod
    def of_warehouse(cls, path: Path) -> Self:
        """Return the lock that whoever writes a warehouse holds."""
        return cls(path.with_name(f"{path.name}.lock"))

    def acquire(self, wait_seconds: float, waiting: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting for its holder.

        Args:
            wait_seconds: how long to wait; 0 tries once.
            waiting: told once who holds it, where there is somebody to wait for.

        Raises:
            WarehouseLocked: somebody else still holds it; the message names who.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waiting is not None:
                    waiting(_holder(descriptor))
                    waiting = None
                if time.monotonic() >= deadline:
                    holder = _holder(descriptor)
                    os.close(descriptor)
                    raise WarehouseLocked(
                        f"{self.path.stem}: the warehouse is being written by {holder}; "
                        "wait for it to end, or stop it, and try again"
                    ) from None
                time.sleep(POLL_SECONDS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n{running_command()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; harmless if it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def held(
        self, wait_seconds: float, waiting: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Hold the lock for everything that happens inside; as `acquire`."""
        self.acquire(wait_seconds, waiting)
        try:
            yield
        finally:
            self.release()


def file_holder(path: Path) -> str | None:
    """Return which other process has a database file open, to read or to write; None: nobody.

    Never ask this of a file that this process has open: closing the descriptor would drop DuckDB's
    own lock on it.

    `path`: a file that DuckDB opens; it guards it by a POSIX lock.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        asked = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        linux = sys.platform == "linux"
        request = asked if linux else (*asked[2:], *asked[:2])
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(_FLOCK, *request))
    finally:
        os.close(descriptor)
    fields = struct.unpack(_FLOCK, answer)
    kind, process = (fields[0], fields[4]) if linux else (fields[3], fields[2])
    return None if kind == fcntl.F_UNLCK else _describe(process)


def _describe(process: int) -> str:
    """Name a process by its program and first word: arguments may carry what must not be shown."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return f"process {process}"
    return f"process {process} ({Path(words[0]).name})" if words[0] else f"process {process}"


def running_command() -> str:
    """Return the program and its first word: arguments may carry what must not be written down."""
    return shlex.join([Path(sys.argv[0]).name or "python", *sys.argv[1:2]])


def _holder(descriptor: int) -> str:
    lines = os.pread(descriptor, 4096, 0).decode(errors="replace").splitlines()
    if len(lines) < 2:
        return "another process"
    return f"process {lines[0]} ({lines[1]})"
