"""What a stage after core is: a function from tables to tables that proves what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from models.contract import Contract
from pipelines.config import Home


@dataclass(frozen=True)
class World:
    """What a stage may know beside the tables.

    Args:
        home: the home directory; decisions lie there.
        contracts: partner → billing terms.
        own_parties: partner → our own parties there.
        as_of: the moment that ages and deadlines count from: when the newest page was fetched,
            so that the same landing gives the same tables.
    """

    home: Home
    contracts: Mapping[str, Contract]
    own_parties: Mapping[str, frozenset[tuple[str, str]]]
    as_of: datetime


@dataclass(frozen=True)
class Proof:
    """Something a stage proves of its tables; blocking, as they are ours."""

    name: str
    wrong: int
    message: str


@dataclass(frozen=True)
class StageResult:
    """What a stage did.

    Args:
        counts: figures for its metadata.
        proofs: what it proved.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    proofs: Sequence[Proof] = ()


@dataclass(frozen=True)
class Stage:
    """One stage: a function from tables to tables.

    Args:
        name: of its asset.
        description: one line.
        tables: the tables it fills.
        proofs: the names of what it proves.
        run: does it, on a connection that may write.
    """

    name: str
    description: str
    tables: tuple[str, ...]
    proofs: tuple[str, ...]
    run: Callable[[duckdb.DuckDBPyConnection, World], StageResult]
