"""A tariff: what it says in words, hour by hour, what is odd about it, how it changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.baskets import REASONS
from dashboards.filters import one_of, partner, text
from dashboards.format import plain, timestamp
from dashboards.navigation import go, link
from dashboards.parts import folded, heading, report_empty, table
from dashboards.place_charts import week_grid
from dashboards.places import POWER_CLASSES, translate_power
from models.marts.prices_simulation import price_grid
from models.marts.prices_words import element_words, tariff_words
from models.rating.lint import lint_tariff
from models.rating.numbers import parse_json

_KEY: Final = ("partner", "country_code", "party_id", "id")


def draw() -> None:
    """Draw the page."""
    st.title("A tariff")
    key = {name: str(st.query_params.get(name)) for name in _KEY if name in st.query_params}
    asked = text("Find a tariff", "find", hint="A part of its id")
    if asked or len(key) < len(_KEY):
        _found(asked)
        return
    versions = data.query("tariff/versions", **key)
    if versions.is_empty():
        report_empty("There is no such tariff in this snapshot. Look for it by its id.")
        return
    version = _version(versions)
    st.markdown(f"### {plain(version['id'])}")
    _head(key, version)
    tariff = parse_json(version["tariff"])
    _words(tariff)
    _grid(key, version)
    _lint(tariff)
    _history(key, versions)
    with folded("The tariff as JSON, in OCPI 2.3.0 names", "tariff_json") as is_open:
        if is_open:
            st.code(version["tariff"], language="json", wrap_lines=True, height=360)


def _found(asked: str) -> None:
    left, _ = st.columns([1, 3])
    with left:
        who = partner()
    chosen = table(
        data.listing("tariff/find", asked=asked, partner=who),
        "tariffs",
        empty="No tariff has that in its id.",
        labels={
            "id": "Tariff",
            "tariff_currency": "Currency",
            "valid_from_at": "Since",
            "is_published": "Published",
        },
        height=460,
        selectable=True,
    )
    if chosen:
        st.session_state.pop("find", None)
        go("tariff", **{name: chosen[name] for name in _KEY})


def _version(versions: pl.DataFrame) -> dict[str, Any]:
    rows = {row["valid_from_at"].isoformat(): row for row in versions.to_dicts()}
    left, _ = st.columns([1, 3])
    with left:
        chosen = one_of("Version", list(rows), "version", shown=_since)
    return rows[chosen or next(iter(rows))]


def _since(version: str) -> str:
    return f"since {timestamp(datetime.fromisoformat(version))}"


def _head(key: dict[str, str], version: dict[str, Any]) -> None:
    until = version["valid_to_at"]
    st.text(
        f"{key['partner']} · {key['country_code']}/{key['party_id']} · since "
        f"{timestamp(version['valid_from_at'])} "
        + (f"until {timestamp(until)}" if until else "and current")
    )
    link("simulator", "Simulate a charge", icon="calculate", **key)


def _words(tariff: dict[str, Any]) -> None:
    heading("In words")
    for sentence in tariff_words(tariff):
        st.text(sentence)
    rows = [
        {
            "element": element.number,
            "price": "; ".join(element.prices) or "no price",
            "when": "; ".join(element.conditions) or "always",
        }
        for element in element_words(tariff)
    ]
    st.caption("Each kind of price comes from the first element that has it and applies.")
    table(pl.DataFrame(rows), "elements", empty="It has no element: nothing can be priced by it.")


def _lint(tariff: dict[str, Any]) -> None:
    heading("What is odd about it")
    as_of: datetime = data.query("snapshot").item()
    findings = lint_tariff(tariff, as_of)
    rows = [
        {
            "severity": finding.severity,
            "what": finding.message,
            "repair": finding.repair,
            "where": finding.path or "tariff",
            "rule": finding.rule,
        }
        for finding in findings
    ]
    table(pl.DataFrame(rows), "lint", empty="Nothing is wrong or surprising.")


def _grid(key: dict[str, str], version: dict[str, Any]) -> None:
    heading("Hour by hour", "price_grid")
    used = data.query("tariff/places", **key)
    cells = st.columns([1, 1, 2])
    classes = [name for name in POWER_CLASSES if name != "unknown"]
    common = used.filter(pl.col("power_class").is_in(classes))["power_class"].to_list()
    order = list(dict.fromkeys([*common, *classes]))
    with cells[0]:
        chosen = one_of("At the power of", order, "class", shown=POWER_CLASSES.__getitem__)
    zones = list(dict.fromkeys(zone for zone in used["zone"] if zone != "unknown"))
    with cells[1]:
        zone = one_of("Time zone", zones, "zone") if len(zones) > 1 else next(iter(zones), None)
    as_of: datetime = data.query("snapshot").item()
    rows = _priced(version["tariff"], chosen or order[0], zone, as_of)
    with cells[2]:
        st.caption(f"Local time of {zone}." if zone else "No connector names it: hours in UTC.")
    if rows["per_kwh_excl_vat"].null_count() == rows.height:
        gross = rows["per_kwh_incl_vat"].null_count() < rows.height
        reason = "Only the price after taxes is known." if gross else _why(rows)
        report_empty(reason)
        return
    unit = f"{version['tariff_currency']} for each kWh, excl. VAT"
    chart = week_grid(rows, value="per_kwh_excl_vat", title=unit, number=".4f")
    st.altair_chart(chart, width="stretch")
    if rows["per_kwh_excl_vat"].null_count():
        st.caption(f"Empty hours: {_why(rows)}")


def _why(rows: pl.DataFrame) -> str:
    reasons = rows["reason"].drop_nulls().unique().to_list()
    return " ".join(REASONS.get(reason, reason) for reason in reasons)


@st.cache_data(show_spinner="Pricing a week …", max_entries=200)
def _priced(tariff: str, power_class: str, zone: str | None, as_of: datetime) -> pl.DataFrame:
    first = (as_of + timedelta(days=1)).date()
    return price_grid(tariff, power_class, zone, first)


def _history(key: dict[str, str], versions: pl.DataFrame) -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        heading("Versions")
        table(
            versions.select("valid_from_at", "valid_to_at", "fetched_at", "page_id").with_columns(
                pl.col("valid_to_at").dt.strftime("%Y-%m-%d %H:%M").fill_null("current")
            ),
            "versions",
            empty="",
            labels={"valid_from_at": "Since", "valid_to_at": "Until (UTC)", "page_id": "Page"},
        )
    with right:
        heading("What they changed, per kWh before taxes", "price_change", "basket")
        table(
            translate_power(data.query("tariff/changes", **key)),
            "tariff_changes",
            empty="Only one version of it was ever seen, or its versions do not differ.",
            labels={
                "valid_from_at": "Since",
                "before_per_kwh_excl_vat": "Before",
                "after_per_kwh_excl_vat": "After",
                "delta_per_kwh_excl_vat": "Difference",
            },
        )


if __name__ == "__main__":
    draw()
