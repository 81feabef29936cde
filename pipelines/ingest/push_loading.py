"""Loading a pull of pushes: merged into whole objects, decoded as any other, with a row for each.

Belongs here: what a landed push becomes. Not here: how a PATCH is merged
(`models.ocpi.push_merging`), or what the loader makes of rows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec
import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.decode import decode_pages
from models.ocpi.decoded import PageContext
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.push_merging import PushMerger, PushRefused, needed_parts
from models.ocpi.pushes import Push, read_pushes
from models.ocpi.values.timestamps import as_instant
from models.tables.operations import PUSHES
from pipelines.ingest.batches import DAMAGED
from pipelines.ingest.known_parts import KnownParts
from pipelines.landing.bodies import write_merged
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.landing.records import PageRecord
from pipelines.warehouse.loader import Loader

_LARGEST = 1 << 30
_PEOPLE = 100_000


class _LastUpdated(msgspec.Struct):
    last_updated: str | None = None


_STATED = msgspec.json.Decoder(_LastUpdated)


def load_pushes(
    con: DuckDB,
    landing: Landing,
    merged: Path,
    pseudonym: Callable[[str], str],
    loader: Loader,
    pages: Sequence[PageRecord],
) -> None:
    """Hand everything that a pull of pushes brought to its loader; keep in `merged` what it was."""
    loading = _PushLoading(con, landing, merged, lru_cache(_PEOPLE)(pseudonym), loader)
    for page in pages:
        try:
            body = landing.objects.read(page.sha256, max_bytes=_LARGEST)
        except LandingError as error:
            loader.fail(f"{DAMAGED}: page {page.page_id}: {error}")
            continue
        loading.take(page, read_pushes(body))
    loading.finish()


class _PushLoading:
    def __init__(
        self,
        con: DuckDB,
        landing: Landing,
        merged: Path,
        pseudonym: Callable[[str], str],
        loader: Loader,
    ) -> None:
        pull = loader.pull
        self._pull = pull
        self._merged = merged
        self._pseudonym = pseudonym
        self._loader = loader
        version = pull.ocpi_version or ""
        self._known = KnownParts(
            con, landing, pull.partner, pull.module, version, pull.own_party, pseudonym, merged
        )
        self._merger = PushMerger(self._known)

    def take(self, page: PageRecord, pushes: Sequence[Push]) -> None:
        """Merge, decode and stage the pushes of a page."""
        self._known.look_up(key for push in pushes for key in needed_parts(push))
        merged: list[tuple[list[bytes], PageContext]] = []
        rows: list[dict[str, object]] = []
        for push in pushes:
            reason = push.refusal
            if not reason and push.method == "DELETE":
                country, party, object_id = push.key
                self._loader.delete((country, party), object_id, push.received_at)
            elif not reason:
                try:
                    merged.append(([self._merger.merge(push)], self._context(page, push)))
                except PushRefused as error:
                    reason = str(error)
            rows.append(self._row(page, push, reason))
        if merged:
            self._loader.add(decode_pages(merged).frames)
        self._loader.add_pushes(pl.DataFrame(rows, schema=PUSHES.polars_schema()))

    def finish(self) -> None:
        """Keep what the pushes became, for the next ones to build on."""
        if self._merger.parts:
            write_merged(self._merged, self._pull.pull_id, self._merger.parts)

    def _context(self, page: PageRecord, push: Push) -> PageContext:
        return PageContext(
            partner=self._pull.partner,
            module=self._pull.module,
            version=self._pull.ocpi_version,
            page_id=page.page_id,
            fetched_at=push.received_at,
            own_party=self._pull.own_party,
            pseudonym=self._pseudonym,
        )

    def _row(self, page: PageRecord, push: Push, reason: str) -> dict[str, object]:
        owner, ids = push.path[:2], list(push.path[2:])
        country_code, party_id = owner or ("", "")
        if self._pull.module == "tokens":
            ids = [self._pseudonym(uid) for uid in ids]
        state = "refused" if push.refusal else "unusable" if reason else "loaded"
        return {
            "push_id": push.push_id,
            "partner": push.partner,
            "module": push.module,
            "country_code": country_code.upper() or None,
            "party_id": party_id.upper() or None,
            "object_id": "/".join(ids) or None,
            "method": push.method,
            "ocpi_version": push.version,
            "state": state,
            "reason": reason or None,
            "received_at": push.received_at,
            "last_updated_at": _stated_at(push),
            "page_id": page.page_id,
        }


def _stated_at(push: Push) -> datetime | None:
    try:
        return as_instant(_STATED.decode(push.body.encode()).last_updated)
    except NOT_JSON:
        return None
