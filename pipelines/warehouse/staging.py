"""Collecting the rows of one pull, page by page, within bounded memory.

A pull of usual size waits in memory and is read from there. Of a larger one the rows go to
temporary tables, which belong to the connection and spill to disk beside the warehouse. None of
it is visible to anybody before the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import duckdb
import polars as pl

from models.tables import BY_NAME
from models.tables.charging import CDRS, CHARGING_PERIODS
from models.tables.kinds import Table
from pipelines.warehouse import table_queries
from pipelines.warehouse.sql_files import insert_frame
from pipelines.warehouse.table_queries import staged

# What waits in memory at most: well over 100,000 CDRs. One large insert costs a fraction of many.
_BUFFER_BYTES: Final = 256 * 1024 * 1024
_CHUNK_ROWS: Final = 61_440
_CDR_KEY: Final = ("partner", "country_code", "party_id")


class Staging:
    """The temporary tables of one pull: `staged_<table>`, each row numbered in page order.

    Args:
        con: the connection that owns them, of this pull alone: they go when it is closed.
        partner: whose rows they must be.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, partner: str) -> None:
        self._con = con
        self._partner = partner
        self._buffers: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._buffered = 0
        self._rows: dict[str, int] = defaultdict(int)
        self._last_page: dict[str, str] = {}
        self._page_ids: set[str] = set()
        self._made: set[str] = set()

    @property
    def page_ids(self) -> frozenset[str]:
        """The pages that rows came from."""
        return frozenset(self._page_ids)

    @property
    def is_empty(self) -> bool:
        """True where nothing came, refused objects included."""
        return not any(self._rows.values())

    def rows(self, table: Table) -> int:
        """Count the rows that came for the table."""
        return self._rows[table.name]

    def add(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Take the rows of the next page (or of several, in order).

        `frames`: table name → rows in the columns of `Table.frame_columns`.

        Raises:
            ValueError: unknown table, another partner's rows, pages out of order, or charging
                periods that do not follow their CDRs.
        """
        periods = frames.get(CHARGING_PERIODS.name)
        if periods is not None and not periods.is_empty():
            self._keep(CHARGING_PERIODS, self._tied_to_cdrs(periods, frames[CDRS.name]))
            self._rows[CHARGING_PERIODS.name] += periods.height
        for name, frame in frames.items():
            table = BY_NAME[name]
            if table is not CHARGING_PERIODS and not frame.is_empty():
                self._check(table, frame)
                first = self._rows[name]
                self._rows[name] += frame.height
                self._keep(table, frame.with_row_index("staged_row", offset=first))
        if self._buffered > _BUFFER_BYTES:
            self._spill()

    def _tied_to_cdrs(self, periods: pl.DataFrame, cdrs: pl.DataFrame) -> pl.DataFrame:
        """Return the periods with the staged row of the very copy of the CDR that each belongs to.

        A page may hold two copies of one CDR, so that the key alone would not tell.
        """
        first = self._rows[CDRS.name]
        owners = cdrs.select(
            *_CDR_KEY, "id", pl.int_range(first, first + pl.len()).alias("cdr_row"), "period_count"
        )
        owners = owners.select(pl.exclude("period_count").repeat_by("period_count")).explode(
            "id", "cdr_row", *_CDR_KEY, empty_as_null=False
        )
        if owners.height != periods.height or not owners["id"].equals(periods["cdr_id"]):
            raise ValueError("charging periods do not follow their CDRs (period_count, order)")
        return periods.with_columns(owners["cdr_row"])

    def _check(self, table: Table, frame: pl.DataFrame) -> None:
        if not (frame["partner"] == self._partner).all():
            raise ValueError(f"{table.name}: rows of another partner than {self._partner}")
        pages = frame["page_id"]
        if pages[0] < self._last_page.get(table.name, "") or not pages.is_sorted():
            raise ValueError(f"{table.name}: pages out of order at {pages[0]}")
        self._last_page[table.name] = pages[-1]
        self._page_ids.update(pages.unique())

    def _keep(self, table: Table, frame: pl.DataFrame) -> None:
        if {"last_updated_at", "fetched_at"} <= set(frame.columns):
            # Nobody can show what is yet to come: a stamp ahead of us is when we saw it.
            seen_at = pl.min_horizontal("last_updated_at", "fetched_at")
            stamped = pl.col("last_updated_at").is_not_null()
            frame = frame.with_columns(pl.when(stamped).then(seen_at).alias("last_updated_at"))
        self._buffers[table.name].append(frame)
        self._buffered += int(frame.estimated_size())

    def settle(self) -> None:
        """Make everything that came readable as `staged_<table>`; nothing more is added."""
        waiting = [name for name in self._buffers if name not in self._made]
        for name in waiting:
            self._con.register(staged(BY_NAME[name]), _joined(self._buffers.pop(name)))
            self._made.add(name)
        self._spill()

    def _spill(self) -> None:
        """Write what waits in memory to the temporary tables."""
        for name, buffer in self._buffers.items():
            self.ensure(BY_NAME[name])
            insert_frame(self._con, staged(BY_NAME[name]), _joined(buffer))
        self._buffers.clear()
        self._buffered = 0

    def ensure(self, table: Table) -> None:
        """Make the table's temporary table, empty, unless it is there."""
        if table.name in self._made:
            return
        self._con.execute(table_queries.create_staged(table))
        self._made.add(table.name)


def _joined(pages: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the pages as one frame in few chunks.

    DuckDB reads long chunks in half the time of a thousand rows each, and one chunk a thread.
    """
    whole = pl.concat(pages, rechunk=True)
    starts = range(0, whole.height, _CHUNK_ROWS)
    return pl.concat([whole.slice(start, _CHUNK_ROWS) for start in starts], rechunk=False)
