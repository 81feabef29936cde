"""The one way to the figures: named queries over the published snapshot, as polars frames.

A query is a file below `dashboards/sql` that states on top what it answers; pages hold no SQL.
A snapshot never changes, so a result is kept for as long as the snapshot is the newest one; a
later snapshot is picked up with the next click, and no reader ever waits for a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import duckdb
import polars as pl
import streamlit as st

from dashboards import services

T = TypeVar("T")
Value = str | int | float | bool | datetime | list[str] | None
"""A query parameter: bound as a value, never as text of the statement."""

LISTED_AT_MOST: Final = 1000
"""More rows than that nobody reads on a screen, and all of them travel to the browser."""
_MEMORY: Final = "1GB"
_SHOWN: Final = "shown_snapshot"


@dataclass(frozen=True)
class Snapshot:
    """The published file that is shown.

    Args:
        name: the published file's name.
        as_of: when its newest page was fetched; None: nothing was ever fetched.
    """

    name: str
    as_of: datetime | None

    def age(self, now: datetime) -> timedelta | None:
        """Return how old the newest thing in it is; None: there is nothing in it."""
        return None if self.as_of is None else max(now - self.as_of, timedelta())


@dataclass(frozen=True)
class Listing:
    """The first rows of a long answer, and the way to all of them."""

    rows: pl.DataFrame  # `LISTED_AT_MOST` at most
    row_count: int  # how many there are
    of_all: Mapping[str, Any]  # what else was asked of all of them
    whole: Callable[[], pl.DataFrame]  # asks for all of them, outside the view: for a download


def snapshot() -> Snapshot | None:
    """Take the newest snapshot for this view; None: nothing was published yet."""
    path = newest_path()
    if path is None:
        return None
    st.session_state[_SHOWN] = str(path)
    return Snapshot(path.name, query("snapshot").item(0, "as_of_at"))


def newest_path() -> Path | None:
    """Return the newest snapshot, which is open from now on; None: nothing was published yet."""
    path = services.snapshot_path()
    while path is not None:
        try:
            _open(str(path))
        except duckdb.IOException:
            newer = services.snapshot_path()
            if newer == path:
                if path.is_file():
                    raise
                break
            path = newer  # published, and the other tidied away, since its name was read
        else:
            return path
    return None


def newest(name: str) -> pl.DataFrame:
    """Return the answer of the newest snapshot to a named query, before anybody looks.

    Raises:
        LookupError: nothing was published yet.
    """
    path = newest_path()
    if path is None:
        raise LookupError("nothing was published yet")
    return _answer(str(path), name, {})


def is_superseded() -> bool:
    """Tell whether a newer snapshot was published than the one that is shown."""
    newest = services.snapshot_path()
    return newest is not None and str(newest) != st.session_state.get(_SHOWN)


def shown() -> str:
    """Return which snapshot the view shows, to tell apart what is kept of several.

    Raises:
        LookupError: nothing was published yet.
    """
    return _published_path()


def query(name: str, **values: Value) -> pl.DataFrame:
    """Return the answer of the view's snapshot to a named query.

    All queries of a view ask the one snapshot that it began with, whatever is published
    meanwhile: its figures belong together.

    Args:
        name: the file below `dashboards/sql`, without `.sql`, as `settlement/statements`.
        values: what its `$parameters` stand for.

    Raises:
        LookupError: nothing was published yet.
        duckdb.Error: the snapshot has no such table, because an older version made it.
    """
    frozen = tuple(
        (key, tuple(value) if isinstance(value, list) else value)
        for key, value in sorted(values.items())
    )
    return _run(_published_path(), name, frozen)


def listing(name: str, *of_all: str, **values: Value) -> Listing:
    """Return the first rows of a named query that takes `$most` and tells its `row_count`.

    `of_all`: further columns that tell how many of something all the rows have.
    """
    rows = query(name, **values, most=LISTED_AT_MOST)
    counts = ("row_count", *of_all)
    told = dict.fromkeys(counts, 0) if rows.is_empty() else rows.row(0, named=True)
    ask = deferred(name, **values, most=None)
    return Listing(rows.drop(counts), int(told["row_count"]), told, lambda: ask().drop(counts))


def deferred(name: str, **values: Value) -> Callable[[], pl.DataFrame]:
    """Return what answers a named query over the snapshot later, outside the view: a download."""
    return partial(_answer, _published_path(), name, values)


def later(make: Callable[[duckdb.DuckDBPyConnection], bytes]) -> Callable[[], bytes]:
    """Return what makes a file from the view's snapshot once it is asked for: a download."""
    path = _published_path()

    def made() -> bytes:
        with _cursor(path) as cursor:
            return make(cursor)

    return made


def one(name: str, **values: Value) -> dict[str, Any] | None:
    """Return the only row of a named query, as a mapping; None: there is none."""
    rows = query(name, **values)
    return rows.row(0, named=True) if rows.height else None


def read(make: Callable[..., T], *values: Any) -> T:
    """Return what a function reads from the view's snapshot, asked once for each snapshot.

    Args:
        make: of `services` or below it, given a connection to the snapshot and the values.
        values: what else it takes.
    """
    return cast(T, _read(_published_path(), f"{make.__module__}.{make.__qualname__}", make, values))


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Provide a connection to the view's snapshot, for what `services` does with a whole month.

    Raises:
        LookupError: nothing was published yet.
    """
    with _cursor(_published_path()) as cursor:
        yield cursor


# Frames are kept as they are, not copied for each view: nobody changes one in place.
@st.cache_resource(show_spinner=False, max_entries=500)
def _run(path: str, name: str, values: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    given = {key: list(value) if isinstance(value, tuple) else value for key, value in values}
    return _answer(path, name, given)


@st.cache_data(show_spinner=False, max_entries=200)
def _read(path: str, name: str, _make: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    with _cursor(path) as cursor:
        return _make(cursor, *values)


def _answer(path: str, name: str, values: Mapping[str, Any]) -> pl.DataFrame:
    with _cursor(path) as cursor:
        return services.fetch_frame(cursor, _text(name), values)


@contextmanager
def _cursor(path: str) -> Iterator[duckdb.DuckDBPyConnection]:
    cursor = _open(path).cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _published_path() -> str:
    path = st.session_state.get(_SHOWN)
    if path is None:
        raise LookupError("nothing was published yet")
    return str(path)


@st.cache_resource(show_spinner=False, max_entries=3)
def _open(path: str) -> duckdb.DuckDBPyConnection:
    """Open a published file once; a fixed name opened again would show old rows."""
    spill = str(Path(path).with_suffix(".reading"))
    con = duckdb.connect(
        path, read_only=True, config={"memory_limit": _MEMORY, "temp_directory": spill}
    )
    # The file holds what partners sent: nothing in a query may reach beyond it.
    con.execute("set enable_external_access = false")
    # For every cursor: one starts with the engine's settings, not with its parent's own.
    con.execute("set global TimeZone = 'UTC'")
    return con


@cache
def _text(name: str) -> str:
    return (files("dashboards") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
