"""The rows of one page while its objects are decoded, whichever way they are decoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from models.tables import DEVIATIONS, QUARANTINE
from models.wire.cdrs import embedded_row
from models.wire.contract import Decoded, PageContext
from models.wire.frames import draft, finish, frame_of, with_page
from models.wire.hashing import OBJECT
from models.wire.notes import Deviation, Notes
from models.wire.quarantine import deviation_row, refusal_of, refused_row, unreadable_row
from models.wire.taken import Row, Taken
from models.wire.tariffs import CanonicalTariff

_EMBEDDED = "core.embedded_tariffs"


class Page:
    """Collects what the objects of a page became, then makes frames of it.

    Args:
        context: where the page came from.
        tables: the tables that its module can fill.
    """

    def __init__(self, context: PageContext, tables: Sequence[str]) -> None:
        self._context = context
        self._rows: dict[str, list[Row]] = {name: [] for name in tables}
        self._objects: dict[str, list[int]] = {name: [] for name in tables}
        self._deviations: list[Row] = []
        self._quarantine: list[Row] = []
        self._embedded: set[tuple[str, tuple[Deviation, ...]]] = set()
        self._embedded_hashes: set[str] = set()

    def take(self, index: int, tree: dict[str, Any], taken: Taken, object_id: str | None) -> None:
        """Take in one object that was read: its rows, or its refusal."""
        refused = list(taken.refused)
        if taken.notes.reasons:
            refused = [refusal_of(taken, tree, object_id)]
        else:
            self._take_good(index, taken)
        is_token = self._context.module == "tokens"
        self._quarantine.extend(
            refused_row(part, self._context.pseudonym, is_token=is_token) for part in refused
        )

    def unreadable(self, raw: bytes | msgspec.Raw, reasons: list[str]) -> None:
        """Take in bytes that are no JSON object."""
        self._quarantine.append(unreadable_row(raw, reasons))

    def decoded(self, object_count: int) -> Decoded:
        """The finished frames."""
        drafts = {
            name: draft(name, rows, self._objects[name]).sort(OBJECT, maintain_order=True)
            for name, rows in self._rows.items()
        }
        frames: dict[str, pl.DataFrame] = finish(drafts, self._context)
        frames[QUARANTINE.name] = frame_of(QUARANTINE, with_page(self._quarantine, self._context))
        frames[DEVIATIONS.name] = frame_of(DEVIATIONS, with_page(self._deviations, self._context))
        return Decoded(frames, object_count, len(self._quarantine))

    def _take_good(self, index: int, taken: Taken) -> None:
        for table, rows in taken.rows.items():
            self._rows[table].extend(rows)
            self._objects[table].extend([index] * len(rows))
        for path, tariff in taken.embedded:
            self._take_embedded(index, path, tariff, taken.notes)
        self._deviations.extend(deviation_row(d, taken) for d in taken.notes.deviations)

    def _take_embedded(self, index: int, path: str, tariff: CanonicalTariff, notes: Notes) -> None:
        """Each distinct tariff gives one row, and its deviations with the CDR that showed it."""
        if (tariff.content_hash, tariff.deviations) in self._embedded:
            return
        self._embedded.add((tariff.content_hash, tariff.deviations))
        notes.under(path, Notes(list(tariff.deviations)))
        if tariff.content_hash not in self._embedded_hashes:
            self._embedded_hashes.add(tariff.content_hash)
            self._rows[_EMBEDDED].append(embedded_row(tariff))
            self._objects[_EMBEDDED].append(index)
