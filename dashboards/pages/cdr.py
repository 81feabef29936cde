"""A CDR: what was claimed, what we expect, line by line, and where each comes from."""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.cdr_parts import evidence, timeline
from dashboards.filters import text
from dashboards.format import money, number, plain, timestamp, words
from dashboards.navigation import go, link
from dashboards.parts import figures, heading, report_empty, table
from dashboards.price_lines import price_lines
from models.settle.causes import title_of

_KEY: Final = ("partner", "country_code", "party_id", "id")


def draw() -> None:
    """Draw the page."""
    st.title("A CDR")
    key = {name: st.query_params.get(name) for name in _KEY}
    asked = text("CDR or session id", "find", hint="Paste an id")
    if asked:
        _found(asked)
        return
    if not all(key.values()):
        _worst()
        return
    named = {name: str(value) for name, value in key.items()}
    claim = data.one("cdr/claim", **named)
    verdict = data.one("cdr/verdict", **named)
    if claim is None:
        report_empty("There is no such CDR in this snapshot. Look for it by its id.")
        return
    _head(claim, verdict)
    priced = data.query("cdr/priced", **named)
    _compare(named, verdict, priced)
    timeline(claim, named)
    _findings(named)
    _lines(named, verdict, priced)
    evidence(claim, named)


def _found(asked: str) -> None:
    rows = data.query("cdr/find", asked=asked)
    if rows.height == 1:
        _open(rows.row(0, named=True))
    chosen = table(rows, "found", empty="No CDR and no session has this id.", selectable=True)
    if chosen:
        _open(chosen)


def _worst() -> None:
    heading("CDRs with the most money in doubt")
    chosen = table(
        data.listing("cdr/worst", partner=None),
        "worst",
        empty="Every claim is agreed.",
        height=420,
        selectable=True,
    )
    if chosen:
        _open(chosen)


def _open(row: dict[str, Any]) -> None:
    st.session_state.pop("find", None)
    go("cdr", **{name: row[name] for name in _KEY})


def _head(claim: dict[str, Any], verdict: dict[str, Any] | None) -> None:
    st.markdown(f"### {plain(claim['id'])}")
    place = ", ".join(filter(None, (claim["location_name"], claim["city"], claim["evse_id"])))
    st.text(
        f"{claim['partner']} · {claim['country_code']}/{claim['party_id']} · "
        f"{timestamp(claim['start_at'])} to {timestamp(claim['end_at'])}"
    )
    st.text(place or "Place unknown")
    if verdict is None:
        report_empty("It was not judged yet: run `roamhouse run`.")
        return
    currency = verdict["currency"]
    figures(
        ("Verdict", words(verdict["verdict"]), None, _why(verdict)),
        ("Claimed", money(verdict["claimed_excl_vat"], currency), "claimed", "before taxes"),
        (
            "Expected",
            money(verdict["expected_excl_vat"], currency),
            "expected",
            f"by the {plain(verdict['tariff_source'])} tariff",
        ),
        ("Payable", money(verdict["payable_excl_vat"], currency), "payable", "before taxes"),
        (
            "Held back",
            money(verdict["held_back_excl_vat"], currency),
            "disputed",
            f"energy {number(claim['total_energy_kwh'], digits=3, unit='kWh')}",
        ),
    )


def _why(verdict: dict[str, Any]) -> str:
    cause = verdict["cause"] or verdict["main_rule_id"]
    return plain(title_of(cause) if cause else words(verdict["reason"] or "no finding"))


def _compare(key: dict[str, str], verdict: dict[str, Any] | None, priced: pl.DataFrame) -> None:
    heading("Claimed against expected", "claimed", "expected")
    source = (verdict or {}).get("tariff_source") or "embedded"
    agreed = "agreement" in priced["source"].to_list()
    table(
        data.query("cdr/compared", **key, source=source),
        "compared",
        empty="The CDR states no amounts.",
        labels={"published_excl_vat": "List price", "agreement_excl_vat": "As agreed"},
        hide=[] if agreed else ["published_excl_vat", "agreement_excl_vat"],
    )
    for row in priced.filter(source=source).iter_rows(named=True):
        if row["state"] != "priced":
            st.caption(f"It cannot be priced: {plain(words(row['reason']))}")


def _findings(key: dict[str, str]) -> None:
    heading("Findings")
    rows = data.query("cdr/findings", **key)
    for message in rows["message"].drop_nulls():
        st.text(message)
    table(
        rows,
        "findings",
        empty="No rule found anything.",
        labels={"related_id": "Other id"},
        hide=["message"],
    )
    dispute = data.one("cdr/dispute", **key)
    if dispute is not None:
        link("disputes", "To the queue of disputes", icon="gavel", partner=key["partner"])


def _lines(key: dict[str, str], verdict: dict[str, Any] | None, priced: pl.DataFrame) -> None:
    heading("Price lines", "expected")
    # The tariff that it is judged by comes first.
    judged = (verdict or {}).get("tariff_source")
    found = priced.filter(state="priced")["source"].to_list()
    sources = sorted(found, key=lambda source: source != judged)
    if not sources:
        report_empty("No tariff prices this CDR, so there are no lines.")
        return
    for tab, source in zip(st.tabs([words(source) for source in sources]), sources, strict=True):
        with tab:
            table(
                _in_words(data.query("cdr/lines", **key, source=source)),
                f"lines_{source}",
                empty="The price is zero: no line.",
                labels={"start": "From (UTC)", "tariff_id": "Tariff"},
            )


def _in_words(lines: pl.DataFrame) -> data.Listing:
    """Return price lines as they are read; downloaded they keep their figures."""
    return data.Listing(price_lines(lines, None), lines.height, {}, lambda: lines)


if __name__ == "__main__":
    draw()
