"""The evidence of a CDR: its periods, its session, its tariffs, the page it came from."""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data, palette, services
from dashboards.charts import spans
from dashboards.format import ABSENT, UNKNOWN, number, timestamp
from dashboards.parts import folded, heading, report_empty, table

_WHAT: Final = {
    "Charging": palette.BLUE,
    "Parking": palette.ORANGE,
    "Reserved": palette.PURPLE,
    "Session": palette.SKY,
    "Other": palette.GREY,
}


def timeline(claim: dict[str, Any], key: dict[str, str]) -> None:
    """Draw the charging periods on an axis of time, and the session's own times below."""
    heading("Periods")
    rows = data.query("cdr/periods", **key, end_at=claim["end_at"])
    if rows.is_empty():
        report_empty("The CDR has no charging periods.")
        return
    drawn = rows.with_columns(what=_what(), line=pl.lit("CDR"))
    session = _session(claim, key)
    if session and session["start_at"] and session["end_at"]:
        own = pl.DataFrame(
            {
                "start_at": [session["start_at"]],
                "end_at": [session["end_at"]],
                "what": ["Session"],
                "line": ["Session"],
            },
            schema={name: drawn.schema[name] for name in ("start_at", "end_at", "what", "line")},
        )
        drawn = pl.concat([drawn, own], how="diagonal")
    chart = spans(
        drawn,
        row="line",
        colour="what",
        colours=_WHAT,
        tips=["period_index", "what", "energy_kwh", "time_h", "parking_time_h", "tariff_id"],
    )
    st.altair_chart(chart, width="stretch")
    table(
        rows,
        "periods",
        empty="No periods.",
        height=220,
        absent=ABSENT,
    )


def evidence(claim: dict[str, Any], key: dict[str, str]) -> None:
    """Draw session, tariff versions and raw page, each in its tab."""
    heading("What it rests on")
    session, tariffs, page = st.tabs(["Session", "Tariff versions", "As it came"])
    with session:
        _session_alongside(claim, _session(claim, key))
    with tariffs:
        _tariffs(claim)
    with page:
        _page(claim)


def _what() -> pl.Expr:
    def some(name: str) -> pl.Expr:
        return pl.col(name).fill_null(0) > 0

    return (
        pl.when(some("reservation_time_h"))
        .then(pl.lit("Reserved"))
        .when(some("parking_time_h"))
        .then(pl.lit("Parking"))
        .when(some("energy_kwh") | some("time_h"))
        .then(pl.lit("Charging"))
        .otherwise(pl.lit("Other"))
    )


def _session(claim: dict[str, Any], key: dict[str, str]) -> dict[str, Any] | None:
    verdict = data.one("cdr/verdict", **key)
    session_id = (verdict or {}).get("session_id") or claim["session_id"]
    if session_id is None:
        return None
    owner = {name: value for name, value in key.items() if name != "id"}
    return data.one("cdr/session", **owner, session_id=session_id)


def _session_alongside(claim: dict[str, Any], session: dict[str, Any] | None) -> None:
    if session is None:
        report_empty("We have no session for this CDR.")
        return
    pairs = (
        ("Id", claim["session_id"], session["id"]),
        ("Status", "\N{EN DASH}", session["status"]),
        ("Start", timestamp(claim["start_at"]), timestamp(session["start_at"])),
        ("End", timestamp(claim["end_at"]), _session_end(session)),
        ("Energy", _kwh(claim["total_energy_kwh"]), _kwh(session["energy_kwh"])),
        ("EVSE", claim["evse_id"] or claim["evse_uid"], session["evse_id"] or session["evse_uid"]),
        ("Token", claim["token_uid"], session["token_uid"]),
        ("Contract", claim["contract_id"], session["contract_id"]),
    )
    rows = [(name, left or UNKNOWN, right or UNKNOWN) for name, left, right in pairs]
    frame = pl.DataFrame(rows, schema=["what", "in the CDR", "in the session"], orient="row")
    table(frame, "session", empty="We have no session for this CDR.")


def _session_end(session: dict[str, Any]) -> str:
    running = session["end_at"] is None and session["status"] in ("ACTIVE", "PENDING")
    return "still runs" if running else timestamp(session["end_at"])


def _kwh(value: Any) -> str:
    return number(value, digits=3, unit="kWh")


def _tariffs(claim: dict[str, Any]) -> None:
    embedded = data.query(
        "cdr/embedded", partner=claim["partner"], hashes=claim["tariff_hashes"] or []
    )
    ids = [name.upper() for name in embedded["id"]] + [
        name.upper() for name in claim["connector_tariff_ids"] or []
    ]
    published = data.query(
        "cdr/published",
        **{name: claim[name] for name in ("partner", "country_code", "party_id", "start_at")},
        ids=ids,
    )
    if embedded.is_empty() and published.is_empty():
        report_empty("Neither the CDR nor the partner's list has a tariff for it.")
    for row in published.iter_rows(named=True):
        until = timestamp(row["valid_to_at"]) if row["valid_to_at"] else "now"
        _tariff(
            "Published when the session started",
            f"published_{row['id']}",
            f"{row['id']}: from {timestamp(row['valid_from_at'])} until {until}",
            row["tariff"],
        )
    for row in embedded.iter_rows(named=True):
        _tariff("In the CDR itself", f"embedded_{row['content_hash']}", row["id"], row["tariff"])


def _tariff(label: str, key: str, what: str, tariff: str) -> None:
    with folded(label, key) as is_open:
        if is_open:
            st.text(what)
            st.code(tariff, language="json", wrap_lines=True, height=360)


def _page(claim: dict[str, Any]) -> None:
    page = data.one("cdr/page", page_id=claim["page_id"])
    if page is None:
        report_empty("The page is not known any more.")
        return
    st.text(f"GET {page['url']}")
    st.text(
        f"HTTP {page['http_status']}, OCPI {page['ocpi_version'] or UNKNOWN}, fetched "
        f"{timestamp(page['fetched_at'])}, {number(page['bytes'])} bytes, "
        f"{number(page['object_count'])} objects, run {page['run_id']}"
    )
    st.text(f"SHA-256 {page['sha256']}")
    if not st.button("Show the object as it was received", icon=":material/data_object:"):
        return
    found = services.landed_object(page["sha256"], page["module"], claim["id"])
    if found is None:
        report_empty("The landing has this page no more, or the object is not on it under this id.")
        return
    st.caption("People's identifiers are hidden.")
    st.code(found, language="json", wrap_lines=True, height=480)
