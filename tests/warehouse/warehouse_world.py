"""A small world to load from: pulls, pages and frames with sensible defaults.

Pages are numbered and timed by the pull's number alone, so that a history is its own clock.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from models.tables import BY_NAME
from models.tables.kinds import Table
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse.loader import Loader

T0 = datetime(2026, 10, 1, tzinfo=UTC)
OWNER = {"partner": "voltix", "country_code": "NL", "party_id": "VOL"}


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def started(number: int) -> datetime:
    return at(number)


def fetched(number: int, position: int = 0) -> datetime:
    return started(number) + timedelta(minutes=1 + position)


def a_pull(number: int, module: str, **changes: Any) -> PullRecord:
    values: dict[str, Any] = {
        "pull_id": f"{changes.get('partner', 'voltix')}-{module}-{number:06d}",
        "run_id": f"run-{number:06d}",
        "partner": "voltix",
        "module": module,
        "party": None,
        "ocpi_version": "2.2.1",
        "mode": "full",
        "date_from_at": None,
        "date_to_at": started(number),
        "started_at": started(number),
        "finished_at": started(number) + timedelta(minutes=30),
        "status": "complete",
        "pages": 1,
        "objects": 1,
        "total_count": None,
        "requests": 1,
        "bytes": 2,
        "error": None,
        "unchanged": False,
        "own_party": ("NL", "VOL"),
    }
    return PullRecord(**(values | changes))


def a_page(pull: PullRecord, position: int = 0) -> PageRecord:
    return PageRecord(
        page_id=f"{pull.pull_id}/{position:06d}",
        pull_id=pull.pull_id,
        run_id=pull.run_id,
        partner=pull.partner,
        module=pull.module,
        party=pull.party,
        position=position,
        url="https://partner.example/ocpi",
        http_status=200,
        ocpi_status=1000,
        headers={"X-Limit": "1000"},
        object_count=1,
        total_count=None,
        accepted=True,
        bytes=2,
        sha256=hashlib.sha256(str(position).encode()).hexdigest(),
        fetched_at=pull.started_at + timedelta(minutes=1 + position),
    )


def frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows with every column not named left unknown, or filled in where it must not be."""
    schema = table.polars_schema(loaded=False)
    required = {c.name: _filler(c.dtype) for c in table.frame_columns if not c.nullable}
    return pl.DataFrame(
        [{name: None for name in schema} | required | _owner_of(table) | row for row in rows],
        schema=schema,
    )


def _owner_of(table: Table) -> dict[str, Any]:
    columns = {column.name for column in table.columns}
    return {name: value for name, value in OWNER.items() if name in columns}


def _filler(dtype: Any) -> Any:
    if dtype == pl.String:
        return "x"
    if isinstance(dtype, pl.Datetime):
        return T0
    if isinstance(dtype, pl.Decimal):
        return Decimal(0)
    return False if dtype == pl.Boolean else 0


def load(
    con: Any, pull: PullRecord, pages: list[dict[str, list[dict[str, Any]]]], *, batch: int = 1
) -> Any:
    """Load pages of `{table: rows}`; each row gets its page's origin; `batch` pages an `add`."""
    records = [a_page(pull, position) for position in range(len(pages))]
    loader = Loader(con, pull)
    for first in range(0, len(pages), batch):
        group: dict[str, list[dict[str, Any]]] = {}
        for record, page in zip(records[first:], pages[first : first + batch], strict=False):
            origin = {
                "page_id": record.page_id,
                "fetched_at": record.fetched_at,
                "partner": pull.partner,
            }
            for name, rows in page.items():
                columns = {column.name for column in BY_NAME[name].columns}
                extra = {k: v for k, v in origin.items() if k in columns}
                group.setdefault(name, []).extend(extra | row for row in rows)
        loader.add({name: frame(BY_NAME[name], rows) for name, rows in group.items()})
    return loader.commit(records)


def contents(con: Any, table: str, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The rows of a table in the order of its key."""
    key = ", ".join(f'"{name}"' for name in BY_NAME[table].key)
    rows = con.sql(f"select * from {table} order by {key}").pl().to_dicts()  # noqa: S608
    return [{k: v for k, v in row.items() if k not in without} for row in rows]


def a_cdr(cdr_id: str, content: str = "a", periods: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": cdr_id,
        "content_hash": content,
        "currency": "EUR",
        "period_count": periods,
        "last_updated_at": T0,
    } | more


def periods_of(*cdrs: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"cdr_id": cdr["id"], "period_index": index, "tariff_id": cdr["content_hash"]}
        for cdr in cdrs
        for index in range(cdr["period_count"])
    ]


def cdr_page(*cdrs: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {"core.cdrs": list(cdrs), "core.charging_periods": periods_of(*cdrs)}


def an_evse(
    uid: str, status: str = "AVAILABLE", updated: datetime | None = T0, **more: Any
) -> dict[str, Any]:
    return {
        "location_id": "L1",
        "uid": uid,
        "canonical_evse": f"NLVOLE{uid}",
        "status": status,
        "content_hash": f"{uid}{status}",
        "last_updated_at": updated,
    } | more


def a_location(
    location_id: str = "L1", updated: datetime | None = T0, **more: Any
) -> dict[str, Any]:
    return {"id": location_id, "content_hash": location_id, "last_updated_at": updated} | more


def a_tariff(
    tariff_id: str = "T1", content: str = "a", updated: datetime | None = T0, **more: Any
) -> dict[str, Any]:
    return {
        "id": tariff_id,
        "content_hash": content,
        "currency": "EUR",
        "tariff": f'{{"is":"{content}"}}',
        "last_updated_at": updated,
    } | more
