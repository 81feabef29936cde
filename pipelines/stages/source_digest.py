"""Digests of our own source files: what a stage made is made anew once its source changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_SOURCES = (".py", ".sql")
#: What the results of every stage depend on beside its own rooms.
_SHARED = ("models/contract.py", "models/money.py", "models/sql/macros")


@cache
def source_digest(*places: str) -> str:
    """Return a digest of the Python and SQL files in some places of the source tree.

    It does not depend on where the source lies, only on what it says.

    Args:
        places: folders or files, from the top of the tree: `models/recon`.

    Raises:
        FileNotFoundError: there is no such place.
    """
    digest = hashlib.sha256()
    for place in sorted({*places, *_SHARED}):
        package, *inside = place.split("/")
        for name, source in _sources(files(package).joinpath(*inside), place):
            digest.update(f"{name}\n{hashlib.sha256(source).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sources(entry: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the source files at or below a place, by name."""
    if not entry.is_dir():
        if not entry.is_file():
            raise FileNotFoundError(name)
        if name.endswith(_SOURCES):
            yield name, entry.read_bytes()
        return
    for child in sorted(entry.iterdir(), key=lambda child: child.name):
        if child.is_dir() or child.name.endswith(_SOURCES):
            yield from _sources(child, f"{name}/{child.name}")
