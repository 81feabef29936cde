"""The files of the landing: in a folder, or in an object store with that folder before it.

Where there is a store, everything is written to the folder first, carried over when it is whole,
and removed from the folder: what lies there has not been carried yet, for want of the store or of
the process that wrote it. Everything is read from the folder where it is there, else from the
store. The names are the same in both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import IO, Final

from pipelines.landing.remote import Remote, Stored

_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Files:
    """Files below a folder."""

    root: Path  # the folder
    store: Remote | None = None  # where they are carried to; None: they stay
    top: Path | None = None  # a folder above, that must last with what is in it; None: this one

    def below(self, folder: str) -> Files:
        """Return the files of a folder of this one."""
        store = self.store and self.store.below(folder)
        return Files(self.root / folder, store, self.top or self.root)

    def path(self, name: str) -> Path:
        """Return the place of a file in the folder, whether it is there or not."""
        return self.root / name

    def stat(self, name: str) -> Stored | None:
        """Look at a file; None: there is none."""
        try:
            found = self.path(name).stat()
        except FileNotFoundError:
            return self.store.stat(name) if self.store else None
        return Stored(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it from its beginning.

        Raises:
            FileNotFoundError: there is none.
        """
        try:
            return self.path(name).open("rb")
        except FileNotFoundError:
            if self.store is None:
                raise
            return self.store.open(name)

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.open(name) as file:
            return file.read()

    def names(self, folder: str = "") -> list[str]:
        """List the files below a folder, at any depth, sorted."""
        here = {
            f"{Path(at).relative_to(self.root).as_posix()}/{name}".removeprefix("./")
            for at, _, names in os.walk(self.path(folder))
            for name in names
            if not name.endswith(_UNFINISHED)
        }
        there = self.store.files(folder) if self.store else ()
        return sorted(here.union(name for name, _ in there))

    def files(self, folder: str = "") -> dict[str, Stored]:
        """Return the files below a folder, at any depth, in the order of their names."""
        found = dict(self.store.files(folder)) if self.store else {}
        return dict(sorted((found | dict(self._waiting(folder))).items()))

    def entries(self, folder: str) -> list[str]:
        """List the names of what is directly in a folder, sorted."""
        here = self.path(folder)
        found = set(os.listdir(here)) if here.is_dir() else set()  # noqa: PTH208 - names only
        return sorted(found.union(self.store.entries(folder)) if self.store else found)

    def write(self, name: str, content: bytes) -> None:
        """Put a whole file in the place of one that is there, and make it last.

        Raises:
            LandingAway: the store does not take it; it stays in the folder.
        """
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # before it takes the place of what is whole
        draft.chmod(0o600)
        draft.replace(path)
        self.keep([name])

    def keep(self, names: Iterable[str], *, named_by_content: bool = False) -> None:
        """Make whole files last: they survive a power cut or, with a store, the machine.

        Args:
            names: files in the folder; one that another process has carried is left out.
            named_by_content: whether a name has one content, so that what is there may stay.

        Raises:
            LandingAway: the store does not take them; they stay in the folder.
        """
        names = list(dict.fromkeys(names))
        if self.store is None:
            sync_files([self.path(name) for name in names], top=self.top or self.root)
            return
        carry = partial(self._carry, self.store, named_by_content)
        if len(names) < 2:
            list(map(carry, names))
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(carry, names))

    def waiting(self) -> list[str]:
        """List the files that are in the folder and whole, and have not been carried to a store."""
        return sorted(name for name, _ in self._waiting("")) if self.store else []

    def remove(self, name: str) -> int:
        """Remove a file, if it is there; return its bytes."""
        found = self.stat(name)
        self.path(name).unlink(missing_ok=True)
        if self.store is not None and self.store.stat(name) is not None:
            self.store.remove(name)
        return found.size if found else 0

    def _carry(self, store: Remote, named_by_content: bool, name: str) -> None:
        path = self.path(name)
        try:
            there = store.stat(name) if named_by_content else None
            if there is None or there.size != path.stat().st_size:
                store.put(name, path)
        except FileNotFoundError:
            return  # another process of this home has carried it
        path.unlink(missing_ok=True)

    def _waiting(self, folder: str) -> Iterator[tuple[str, Stored]]:
        for path in self.path(folder).rglob("*"):
            if path.suffix in _UNFINISHED:
                continue
            try:
                found = path.stat()
            except FileNotFoundError:
                continue  # another process of this home has carried it
            if S_ISREG(found.st_mode):
                at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield path.relative_to(self.root).as_posix(), Stored(found.st_size, at)


_UNFINISHED: Final = (".part", ".new", ".unfinished", ".lock")


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
