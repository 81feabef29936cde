"""The shape of a stage after core: a function from tables to tables that checks its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from models.contract import Contract
from pipelines.config import Home


@dataclass(frozen=True)
class StageContext:
    """Everything that a stage may know beside the tables.

    Args:
        home: the home directory; decisions lie there.
        contracts: partner → billing terms: its own, or the last it had in the partners file.
        own_parties: partner → our own parties there.
        as_of: the moment that ages and deadlines count from: when the newest page was fetched,
            so that the same landing gives the same tables.
        left: the partners that are no longer in the partners file: what one that is in it brings
            of the same objects takes the place of theirs.
    """

    home: Home
    contracts: Mapping[str, Contract]
    own_parties: Mapping[str, frozenset[tuple[str, str]]]
    as_of: datetime
    left: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AssetCheck:
    """Something a stage proves of its tables; blocking, as they are ours."""

    name: str
    violations: int
    message: str


@dataclass(frozen=True)
class StageResult:
    """The outcome of a stage.

    Args:
        counts: figures for its metadata.
        checks: what it proved.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    checks: Sequence[AssetCheck] = ()


@dataclass(frozen=True)
class Stage:
    """One stage: a function from tables to tables.

    Args:
        name: of its asset.
        description: one line.
        tables: the tables it fills.
        checks: the names of what it proves.
        run: does it, on a connection that may write.
    """

    name: str
    description: str
    tables: tuple[str, ...]
    checks: tuple[str, ...]
    run: Callable[[duckdb.DuckDBPyConnection, StageContext], StageResult]
