"""A warehouse of a few rows, for statements that fill marts; what is not said is made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from models.tables import BY_NAME
from models.tables.kinds import INSTANT
from pipelines.warehouse.sql_files import insert_frame
from tests.in_memory import insert

AS_OF = datetime(2026, 10, 20, 12, tzinfo=UTC)
OWNER = {"partner": "volt", "country_code": "NL", "party_id": "VLX"}


def write_row(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    """Insert one row; columns that may not be null and are not given get a value of their kind."""
    insert(con, name, [_whole(name, values)])


def write_rows(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows at once, as `write_row` does one."""
    whole = [_whole(name, row) for row in rows]
    insert_frame(con, name, pl.DataFrame(whole, schema=BY_NAME[name].polars_schema()))


def _whole(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    made_up = {column.name: _made_up(column) for column in BY_NAME[name].columns}
    unknown = values.keys() - made_up.keys()
    assert not unknown, f"{name} has no {sorted(unknown)}"
    return made_up | dict(values)


def write_evse(
    con: duckdb.DuckDBPyConnection,
    uid: str,
    *,
    location: Mapping[str, Any] | None = None,
    connector: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Insert an EVSE with its location and one AC connector of 11 kW."""
    at = {**OWNER, **{name: values[name] for name in OWNER if name in values}}
    place = values.get("location_id", "L1")
    known = con.execute(
        "select count(*) from core.locations where id = ? and partner = ?", [place, at["partner"]]
    ).fetchall()[0][0]
    if not known:
        stated = {"country": "NLD", "time_zone": "Europe/Amsterdam", "operator_name": "Volt"}
        write_row(con, "core.locations", **at, id=place, **{**stated, **(location or {})})
    evse = {"canonical_evse": uid, "status": "AVAILABLE", "is_current_copy": True}
    evse |= {"last_updated_at": AS_OF, "location_id": place}
    write_row(con, "core.evses", **{**at, **evse, "uid": uid, **values})
    plug = {"power_type": "AC_3_PHASE", "power_kw": 11, "standard": "IEC_62196_T2"}
    stated = {**plug, **(connector or {})}
    write_row(con, "core.connectors", **at, location_id=place, evse_uid=uid, id="1", **stated)


def write_status(
    con: duckdb.DuckDBPyConnection,
    uid: str,
    status: str,
    from_at: datetime,
    to_at: datetime | None,
    *,
    seen_from: datetime | None = None,
    seen_until: datetime | None = None,
) -> None:
    """Insert an interval, by default observed from its beginning to its end."""
    write_row(
        con,
        "core.evse_status",
        **OWNER,
        location_id="L1",
        evse_uid=uid,
        canonical_evse=uid,
        status=status,
        from_at=from_at,
        to_at=to_at,
        observed_from_at=seen_from or from_at,
        observed_until_at=seen_until or to_at or AS_OF,
    )


def write_pulls(
    con: duckdb.DuckDBPyConnection, begin: datetime, end: datetime = AS_OF, hours: int = 2
) -> None:
    """Insert complete pulls of the locations, one every so many hours."""
    pull = {"partner": OWNER["partner"], "module": "locations", "status": "complete"}
    count = (end - begin) // timedelta(hours=hours) + 1
    moments = [begin + place * timedelta(hours=hours) for place in range(count)]
    rows = [
        {**pull, "pull_id": f"{at:%Y%m%dT%H%M%S}", "started_at": at, "finished_at": at}
        for at in moments
    ]
    write_rows(con, "ops.pulls", rows)


def _made_up(column: Any) -> Any:
    if column.nullable:
        return None
    if column.dtype == INSTANT:
        return AS_OF
    if column.dtype == pl.Boolean():
        return False
    return 0 if column.dtype.is_numeric() else "x"
