"""A location: its EVSEs, what they showed when, what is doubtful, what they cost."""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.filters import one_of, text
from dashboards.format import plain, timestamp
from dashboards.navigation import go
from dashboards.parts import heading, report_empty, table
from dashboards.place_charts import status_lines
from dashboards.places import DOUBTS, basis, translate_power

_KEY: Final = ("partner", "country_code", "party_id", "id")
_SPANS: Final = {"7": "Last 7 days", "30": "Last 30 days", "365": "Last 12 months"}


def draw() -> None:
    """Draw the page."""
    st.title("A location")
    key = {name: str(st.query_params.get(name)) for name in _KEY if name in st.query_params}
    asked = text("Find a location", "find", hint="Name, address, city or id")
    if asked or len(key) < len(_KEY):
        _found(asked)
        return
    found = data.one("location/head", **key)
    if found is None:
        report_empty("There is no such location in this snapshot. Look for it by its name.")
        return
    _head(found)
    _evses(key)
    _timeline(key)
    _prices(key)
    left, right = st.columns(2, gap="medium")
    with left:
        heading("Outages of the last 12 months", "outage")
        table(
            data.query("location/outages", **key),
            "location_outages",
            empty="None.",
            labels={"until": "Until (UTC)", "uid": "EVSE"},
        )
    with right:
        heading("Doubts", "stale", "contradicting")
        table(
            data.query("location/doubts", **key).with_columns(
                pl.col("kind").replace_strict(DOUBTS)
            ),
            "location_doubts",
            empty="Nothing contradicts what it shows.",
            labels={"uid": "EVSE"},
        )
    _copies(key)


def _found(asked: str) -> None:
    chosen = table(
        data.listing("location/find", asked=asked),
        "locations",
        empty="No location has that in its name, address, place or id.",
        height=420,
        selectable=True,
    )
    if chosen:
        st.session_state.pop("find", None)
        go("location", **{name: chosen[name] for name in _KEY})


def _head(row: dict[str, Any]) -> None:
    st.markdown(f"### {plain(row['name'] or row['address'] or row['id'])}")
    parts = (row["address"], row["postal_code"], row["city"], row["country"])
    st.text(", ".join(filter(None, parts)) or "Address unknown")
    st.text(
        f"{row['partner']} · {row['country_code']}/{row['party_id']} · {row['id']} · operated by "
        f"{row['operator_name'] or 'unknown'} · time zone {row['time_zone'] or 'unknown'}"
    )
    st.caption(
        f"Last updated {timestamp(row['last_updated_at'])}, so "
        f"described since {timestamp(row['fetched_at'])}"
    )
    if row["removed_at"]:
        st.warning(f"It went away: {timestamp(row['removed_at'])}.", icon=":material/delete:")


def _evses(key: dict[str, str]) -> None:
    heading("EVSEs", "uptime_strict", "coverage", "duplicates", "basis")
    known = basis()
    table(
        data.query("location/evses", **key, basis=known),
        "location_evses",
        empty="It has no EVSE.",
        labels={
            "uid": "EVSE",
            "strict_share": "Strict, 30 days",
            "live_share": "Of it live",
            "copy_count": "Copies",
            "is_current_copy": "Counts",
        },
    )


def _timeline(key: dict[str, str]) -> None:
    heading("What it showed", "basis")
    left, _ = st.columns([1, 3])
    with left:
        chosen = one_of("Span", list(_SPANS), "span", first=1, shown=_SPANS.__getitem__)
    rows = data.query("location/timeline", **key, days=int(chosen or 30))
    if rows.is_empty():
        report_empty("Nothing is known of that time.")
        return
    order = rows["evse_uid"].unique(maintain_order=True).to_list()
    st.altair_chart(status_lines(rows, order), width="stretch")
    st.caption("Full colour: observed. Pale: before our first look, as the partner dates it.")


def _prices(key: dict[str, str]) -> None:
    heading("Connectors and their price at noon", "basket", "unpriced")
    chosen = table(
        translate_power(data.query("location/connectors", **key)),
        "location_connectors",
        empty="It has no connector.",
        labels={"evse_uid": "EVSE", "id": "Connector", "reason": "Why there is no price"},
        selectable=True,
    )
    if chosen and chosen["tariff_ids"]:
        owner = {name: key[name] for name in _KEY if name != "id"}
        go("tariff", **owner, id=chosen["tariff_ids"][0])


def _copies(key: dict[str, str]) -> None:
    rows = data.query("location/copies", **key)
    if rows.is_empty():
        return
    heading("Copies of its EVSEs elsewhere", "duplicates")
    table(rows, "copies", empty="", labels={"uid": "EVSE", "is_current_copy": "Counts"})


if __name__ == "__main__":
    draw()
