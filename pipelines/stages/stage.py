"""The shape of a stage after core: a function from tables to tables that checks its work.

What a stage made is made anew once its source changes: digests of our own files say so.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from pipelines.config.home import Home


@dataclass(frozen=True)
class StageContext:
    """Everything that a stage may know beside the tables."""

    home: Home  # the home directory; decisions lie there
    # partner → billing terms: its own, or the last that it had in the partners file
    contracts: Mapping[str, Contract]
    own_parties: Mapping[str, frozenset[tuple[str, str]]]  # partner → our own parties there
    # the moment that ages and deadlines count from: when the newest page was fetched, so that the
    # same landing gives the same tables
    as_of: datetime
    # the partners that are no longer in the partners file: what one that is in it brings of the
    # same objects takes the place of theirs
    left: frozenset[str] = frozenset()
    # the connections that bring what other parties issued: a party's own comes before them
    hubs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AssetCheck:
    """Something a stage proves of its tables; blocking, as they are ours."""

    name: str
    violations: int
    message: str

    @property
    def passed(self) -> bool:
        """True where nothing is wrong."""
        return self.violations == 0


@dataclass(frozen=True)
class StageResult:
    """The outcome of a stage."""

    counts: Mapping[str, int] = field(default_factory=dict)  # figures for its metadata
    checks: Sequence[AssetCheck] = ()  # what it proved


@dataclass(frozen=True)
class Stage:
    """One stage: a function from tables to tables."""

    name: str  # of its asset
    description: str  # one line
    tables: tuple[str, ...]  # the tables it fills
    checks: tuple[str, ...]  # the names of what it proves
    # does it, on a connection that may write
    run: Callable[[DuckDB, StageContext], StageResult]


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
