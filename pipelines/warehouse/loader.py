"""Loading one pull: its decoded pages are staged, then merged into core in one transaction.

A pull that failed half-way loads what came, but removes nothing and moves no watermark. A pull
that was loaded before does nothing. The pulls of one list are loaded in the order in which they
were fetched; then what the tables hold is a function of the landed pulls alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

import duckdb
import polars as pl

from models.ocpi.modules import MODULES
from models.tables.charging import CDRS, EMBEDDED_TARIFFS
from models.tables.kinds import INSTANT
from models.tables.objects import DEVIATIONS, QUARANTINE
from models.tables.operations import PAGES, PULLS
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse import operations
from pipelines.warehouse.merging import (
    STATES,
    VERSIONED,
    compare_with_pushes,
    count_incoming,
    insert_unknown,
    load_cdrs,
    load_places,
    merge_incoming,
    observe_unmentioned,
    stage_incoming,
)
from pipelines.warehouse.removal import LoadResult, RemovalSkipped, TableCounts, is_complete_list
from pipelines.warehouse.sql_files import open_sibling, transaction
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.versions import load_versions


class Loader:
    """Loads one pull: `add` its decoded pages in order, then `commit` once.

    Args:
        con: a connection of `Warehouse`. The loader stages and writes on one of its own beside it,
            whose temporary tables go with it; only `commit` must have the writer's turn
            (`Warehouse.writer`).
        pull: the pull, as it ended.
        accepted: `CC/PID` of the parties whose removals by this pull a person accepted; `*`: all.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, pull: PullRecord, accepted: Collection[str] = ()
    ) -> None:
        self._con = open_sibling(con)
        self._pull = pull
        self._accepted = accepted
        self._staging = Staging(self._con, pull.partner)
        self._deleted: list[tuple[str, str, str, datetime]] = []
        self._pushes: list[pl.DataFrame] = []

    @property
    def pull(self) -> PullRecord:
        """The pull that is loaded."""
        return self._pull

    def add(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Take the decoded rows of the next page.

        `frames`: table name → rows in the columns of `Table.frame_columns`, in page order.

        Raises:
            ValueError: the rows break the contract of `models.ocpi.decoded`.
        """
        self._staging.add(frames)

    def delete(self, owner: tuple[str, str], object_id: str, deleted_at: datetime) -> None:
        """Take in that the partner deleted an object (a tariff or an invoice record).

        Args:
            owner: country code and party id of the party that owns it, in lower case.
            object_id: its id, in lower case.
            deleted_at: when we were told, UTC.
        """
        self._deleted.append((*owner, object_id, deleted_at))

    def add_pushes(self, rows: pl.DataFrame) -> None:
        """Take rows of `ops.pushes`; one of a push that is known already changes nothing."""
        self._pushes.append(rows)

    def fail(self, reason: str) -> None:
        """Load the pull as failed: what came counts, but nothing goes and no watermark moves.

        `reason`: why, in one line.
        """
        error = self._pull.error or f"{self._pull.partner}: {reason}"
        self._pull = replace(self._pull, status="failed", error=error)

    def commit(self, pages: Sequence[PageRecord]) -> LoadResult:
        """Merge everything into core, all or nothing.

        `pages`: the pages of the pull, in order, those without objects too.

        Returns:
            What it did; `already_loaded` where the pull was loaded before.

        Raises:
            OvertakenPull: a later pull of the same list is loaded already.
            ValueError: rows came from a page that is not among `pages`.
        """
        foreign_pages = self._staging.page_ids - {page.page_id for page in pages}
        if foreign_pages:
            raise ValueError(f"rows of pages that are not the pull's: {sorted(foreign_pages)[:3]}")
        try:
            if operations.is_loaded(self._con, self._pull):
                return LoadResult(self._pull.pull_id, already_loaded=True)
            self._staging.settle()
            with transaction(self._con, self._changed_tables()):
                return self._merge(pages)
        finally:
            self.close()

    def close(self) -> None:
        """Give up what was staged; after `commit` there is nothing to give up."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _merge(self, pages: Sequence[PageRecord]) -> LoadResult:
        con, pull, staging = self._con, self._pull, self._staging
        operations.record_pull(con, pull, pages)
        counts: dict[str, TableCounts] = {}
        removals_skipped: list[RemovalSkipped] = []
        if self._changes_nothing():
            if pull.module == "locations":
                observe_unmentioned(con, pull, staging)
            compare_with_pushes(con, pull, staging)
            operations.move_watermark(con, pull, pages)
            return LoadResult(pull.pull_id)
        if pull.module == "locations":
            places, skipped = load_places(con, pull, staging, self._accepted)
            counts |= places
            removals_skipped += skipped
        if staging.rows(CDRS):
            counts |= load_cdrs(con, pull.partner, staging)
        for table in STATES:
            if staging.rows(table):
                stage_incoming(con, pull, table)
                counts[table.name] = count_incoming(con, table)
                merge_incoming(con, table, counts[table.name])
        for table in [t for t in VERSIONED if t.name in MODULES[pull.module].tables]:
            staging.ensure(table)
            staging.ensure(QUARANTINE)
            counts[table.name], skipped = load_versions(
                con, pull, table, self._accepted, self._deletions()
            )
            removals_skipped += skipped
        for table in (EMBEDDED_TARIFFS, QUARANTINE, DEVIATIONS):
            if staging.rows(table):
                counts[table.name] = insert_unknown(con, pull.partner, table)
        operations.record_pushes(con, self._pushes)
        compare_with_pushes(con, pull, staging)
        operations.move_watermark(con, pull, pages)
        return LoadResult(pull.pull_id, counts, tuple(removals_skipped))

    def _changed_tables(self) -> list[str]:
        return [PULLS.name, PAGES.name, *MODULES[self._pull.module].tables]

    def _changes_nothing(self) -> bool:
        """Tell whether there is nothing to merge, nor can anything go: so are most pulls."""
        brought = not self._staging.is_empty or bool(self._pushes)
        return not brought and not is_complete_list(self._pull)

    def _deletions(self) -> pl.DataFrame | None:
        if not self._deleted:
            return None
        texts = dict.fromkeys(("country_code", "party_id", "object_id"), pl.String())
        schema = {**texts, "deleted_at": INSTANT}
        return pl.DataFrame(self._deleted, schema=schema, orient="row")
