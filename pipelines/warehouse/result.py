"""Results of loading a pull, for logs, run summaries and asset checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class TableCounts:
    """The effect of a pull on one table."""

    inserted: int = 0  # rows of objects (or versions, intervals) not known before
    updated: int = 0  # objects whose content changed
    bumped: int = 0  # objects with a newer `last_updated` on the same content
    unchanged: int = 0  # objects that came as we have them
    stale: int = 0  # objects that came in an older copy than ours
    conflicts: int = 0  # changed copies of CDRs, refused and recorded
    removed: int = 0  # objects that a complete full pull no longer had
    revived: int = 0  # removed objects that came back


@dataclass(frozen=True)
class RemovalSkipped:
    """A complete full pull lacked so much of a party that it is not believed."""

    table: str  # the table in which too many objects would have gone
    country_code: str  # the owning party's country
    party_id: str  # the owning party
    live: int  # objects of that party before
    missing: int  # those that the pull lacked


@dataclass(frozen=True)
class LoadResult:
    """The result of loading a pull."""

    pull_id: str  # the pull
    # table name → counts, for the tables the pull brought rows for
    tables: Mapping[str, TableCounts] = field(default_factory=dict)
    # removals not believed; nothing of those parties was removed
    removals_skipped: tuple[RemovalSkipped, ...] = ()
    watermark_at: datetime | None = None  # the watermark after the pull, if the pull moved it
    already_loaded: bool = False  # whether it was loaded before, so that nothing was done

    @property
    def changed(self) -> bool:
        """True where any row of core is not as it was."""
        return any(
            counts.inserted or counts.updated or counts.bumped or counts.conflicts
            or counts.removed or counts.revived
            for counts in self.tables.values()
        )  # fmt: skip
