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
    """Everything that a stage may know beside the tables."""

    home: Home  # the home directory; decisions lie there
    contracts: Mapping[str, Contract]  # partner → billing terms
    own_parties: Mapping[str, frozenset[tuple[str, str]]]  # partner → our own parties there
    # the moment that ages and deadlines count from: when the newest page was fetched, so that the
    # same landing gives the same tables
    as_of: datetime


@dataclass(frozen=True)
class AssetCheck:
    """Something a stage proves of its tables; blocking, as they are ours."""

    name: str
    violations: int
    message: str


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
    run: Callable[[duckdb.DuckDBPyConnection, StageContext], StageResult]
