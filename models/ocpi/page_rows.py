"""The rows of one page or several while its objects are decoded, whichever way they are decoded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
import polars as pl

from models.ocpi.decoded import (
    Decoded,
    DecodedObject,
    EmbeddedTariff,
    Identity,
    PageOrigins,
    RefusedPart,
    Row,
)
from models.ocpi.frames import OBJECT, finish, frame_of, partial_frame, with_page
from models.ocpi.issues import Deviation, Issues
from models.ocpi.json.canonical import digest, json_text
from models.ocpi.people import masked, masked_text
from models.ocpi.row_memory import RowMemory
from models.tables.charging import EMBEDDED_TARIFFS
from models.tables.objects import DEVIATIONS, QUARANTINE

_EMBEDDED = EMBEDDED_TARIFFS.name
# Tables of what may change, by what names an object in them; a CDR's stamp decides nothing.
_STAMPED = {
    "core.locations": ("id",),
    "core.evses": ("location_id", "uid"),
    "core.connectors": ("location_id", "evse_uid", "id"),
    "core.tariffs": ("id",),
    "core.sessions": ("id",),
    "core.tokens": ("uid",),
    "core.hub_clients": ("role",),
    "core.invoices": ("id",),
}
_DEVIATION = (*Identity._fields, "path", "kind", "original", "repaired")
# Clocks differ by seconds: that is nobody's fault.
_SKEW = timedelta(minutes=1)


class PageRows:
    """Collects what the objects of pages became, then makes frames of it.

    `tables`: the tables that their module can fill.
    """

    def __init__(self, origins: PageOrigins, tables: Sequence[str]) -> None:
        self._origins = origins
        self._context = origins.context
        self._rows: dict[str, list[Row]] = {name: [] for name in tables}
        self._objects: dict[str, list[int]] = {name: [] for name in tables}
        self._drafts: dict[str, list[pl.DataFrame]] = {name: [] for name in tables}
        self._deviations: list[tuple[int, Row]] = []
        self._quarantine: list[tuple[int, Row]] = []
        self._embedded: list[EmbeddedTariff] = []

    def take(
        self, index: int, tree: dict[str, Any], decoded: DecodedObject, object_id: str | None
    ) -> None:
        """Take in one object that was read: its rows, or its refusal."""
        bad = decoded.issues.reasons
        refused = decoded.refused
        if bad:
            identity = decoded.identity._replace(object_id=object_id)
            refused = [RefusedPart(identity, bad, tree)]
        is_token = self._context.module == "tokens"
        self._quarantine += [
            (index, refused_row(part, self._context.pseudonym, is_token=is_token))
            for part in refused
        ]
        if not bad:
            self._take_good(index, decoded)

    def take_frames(
        self, partial_rows: Mapping[str, pl.DataFrame], embedded: list[EmbeddedTariff]
    ) -> None:
        """Take in many objects at once, as partial rows."""
        for table, frame in partial_rows.items():
            if table == DEVIATIONS.name:
                self._deviations += [(row.pop(OBJECT), row) for row in frame.iter_rows(named=True)]
            else:
                self._drafts[table].append(frame)
        self._embedded.extend(embedded)

    def unreadable(self, index: int, raw: bytes | msgspec.Raw, reasons: list[str]) -> None:
        """Take in bytes that are no JSON object."""
        self._quarantine.append((index, unreadable_row(raw, reasons)))

    def decoded(self, memory: RowMemory | None = None) -> Decoded:
        """Return the finished frames; let `memory` keep the rows of what was not refused."""
        self._resolve_embedded()
        partial_rows = {name: self._draft(name) for name in self._rows}
        if memory is not None:
            memory.keep(
                {**partial_rows, DEVIATIONS.name: self._draft_deviations()},
                {index for index, _ in self._quarantine},
            )
        for name, whole in partial_rows.items():
            self._deviations.extend(_stamps_ahead(name, whole, self._origins))
        frames = finish(partial_rows, self._origins)
        deviations = sorted(self._deviations, key=itemgetter(0))
        frames[QUARANTINE.name] = frame_of(QUARANTINE, with_page(self._quarantine, self._origins))
        frames[DEVIATIONS.name] = frame_of(DEVIATIONS, with_page(deviations, self._origins))
        return Decoded(frames, self._origins.object_count, len(self._quarantine))

    def _draft(self, table: str) -> pl.DataFrame:
        rows, partial_rows = self._rows[table], self._drafts[table]
        if rows or not partial_rows:
            partial_rows = [*partial_rows, partial_frame(table, rows, self._objects[table])]
        whole = pl.concat(partial_rows) if len(partial_rows) > 1 else partial_rows[0]
        return whole.sort(OBJECT, maintain_order=True) if len(partial_rows) > 1 else whole

    def _draft_deviations(self) -> pl.DataFrame:
        ordered = sorted(self._deviations, key=itemgetter(0))
        objects, rows = [index for index, _ in ordered], [row for _, row in ordered]
        return partial_frame(DEVIATIONS.name, rows, objects).select(OBJECT, *_DEVIATION)

    def _take_good(self, index: int, decoded: DecodedObject) -> None:
        for table, rows in decoded.rows.items():
            self._rows[table].extend(rows)
            self._objects[table].extend([index] * len(rows))
        own = decoded.identity
        self._embedded.extend(EmbeddedTariff(index, own, path, t) for path, t in decoded.embedded)
        self._deviations.extend((index, deviation_row(d, own)) for d in decoded.issues.deviations)

    def _resolve_embedded(self) -> None:
        """Each distinct tariff of a page gives one row, and its deviations with its first CDR."""
        hashes: set[tuple[str, str]] = set()
        shown: set[tuple[str, str, tuple[Deviation, ...]]] = set()
        for e in sorted(self._embedded, key=attrgetter("index")):
            known = (self._origins.page_of(e.index).page_id, e.tariff.content_hash)
            if known not in hashes:
                hashes.add(known)
                self._rows[_EMBEDDED].append(e.tariff.row)
                self._objects[_EMBEDDED].append(e.index)
            if (*known, e.tariff.deviations) not in shown:
                shown.add((*known, e.tariff.deviations))
                issues = Issues()
                issues.under(e.path, Issues(list(e.tariff.deviations)))
                self._deviations += [
                    (e.index, deviation_row(d, e.identity)) for d in issues.deviations
                ]


def _stamps_ahead(
    table: str, draft_rows: pl.DataFrame, origins: PageOrigins
) -> Iterator[tuple[int, Row]]:
    """Yield a deviation for each object whose `last_updated` lies ahead of when it was fetched.

    Nobody can show what is yet to come; such a stamp counts as the moment of fetching.
    """
    ids = _STAMPED.get(table)
    if ids is None or draft_rows.is_empty():
        return
    fetched_at, _ = origins.columns(draft_rows[OBJECT])
    stamped = draft_rows.select(OBJECT, "country_code", "party_id", *ids, "last_updated_at")
    ahead = pl.col("last_updated_at") > pl.col("fetched_at") + _SKEW
    for row in stamped.with_columns(fetched_at).filter(ahead).iter_rows(named=True):
        stated, seen = (
            f'"{row[name]:%Y-%m-%dT%H:%M:%SZ}"' for name in ("last_updated_at", "fetched_at")
        )
        deviation = Deviation("last_updated", "timestamp", stated, seen)
        own = Identity(row["country_code"], row["party_id"], "/".join(row[name] for name in ids))
        yield row[OBJECT], deviation_row(deviation, own)


MAX_PAYLOAD = 64 * 1024


def refused_row(refused: RefusedPart, pseudonym: Callable[[str], str], *, is_token: bool) -> Row:
    """Return the row of a part of an object that was refused."""
    sent = json_text(refused.payload)
    hidden = json_text(masked(refused.payload, pseudonym, is_token=is_token))
    return {
        **refused.identity._asdict(),
        "reasons": refused.reasons,
        "payload_hash": digest(sent),
        "payload": _cut(hidden),
    }


def unreadable_row(raw: bytes | msgspec.Raw, reasons: list[str]) -> Row:
    """Return the row of bytes that are no JSON object."""
    sent = bytes(raw)
    return {
        **Identity()._asdict(),
        "reasons": reasons,
        "payload_hash": digest(sent),
        "payload": _cut(masked_text(sent[: 2 * MAX_PAYLOAD]).decode("utf-8", "replace")),
    }


def deviation_row(deviation: Deviation, identity: Identity) -> Row:
    """Return the row of one deviation of an object."""
    return {
        **identity._asdict(),
        "path": deviation.path or "$",
        "kind": deviation.kind,
        "original": deviation.original,
        "repaired": deviation.repaired,
    }


def _cut(text: str) -> str:
    data = text.encode()
    return text if len(data) <= MAX_PAYLOAD else data[:MAX_PAYLOAD].decode("utf-8", "ignore")
