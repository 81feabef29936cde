"""Results of loading a pull, for logs, run summaries and asset checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class TableCounts:
    """The effect of a pull on one table.

    Args:
        inserted: rows of objects (or versions, intervals) not known before.
        updated: objects whose content changed.
        bumped: objects with a newer `last_updated` on the same content.
        unchanged: objects that came as we have them.
        stale: objects that came in an older copy than ours.
        conflicts: changed copies of CDRs, refused and recorded.
        removed: objects that a complete full pull no longer had.
        revived: removed objects that came back.
    """

    inserted: int = 0
    updated: int = 0
    bumped: int = 0
    unchanged: int = 0
    stale: int = 0
    conflicts: int = 0
    removed: int = 0
    revived: int = 0


@dataclass(frozen=True)
class RemovalSkipped:
    """A complete full pull lacked so much of a party that it is not believed.

    Args:
        table: the table in which too many objects would have gone.
        country_code: the owning party's country.
        party_id: the owning party.
        live: objects of that party before.
        missing: those that the pull lacked.
    """

    table: str
    country_code: str
    party_id: str
    live: int
    missing: int


@dataclass(frozen=True)
class LoadResult:
    """The result of loading a pull.

    Args:
        pull_id: the pull.
        tables: table name → counts, for the tables the pull brought rows for.
        removals_skipped: removals not believed; nothing of those parties was removed.
        watermark_at: the watermark after the pull, if the pull moved it.
        already_loaded: whether it was loaded before, so that nothing was done.
    """

    pull_id: str
    tables: Mapping[str, TableCounts] = field(default_factory=dict)
    removals_skipped: tuple[RemovalSkipped, ...] = ()
    watermark_at: datetime | None = None
    already_loaded: bool = False

    @property
    def changed(self) -> bool:
        """True where any row of core is not as it was."""
        return any(
            counts.inserted or counts.updated or counts.bumped or counts.conflicts
            or counts.removed or counts.revived
            for counts in self.tables.values()
        )  # fmt: skip
