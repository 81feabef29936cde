"""Rules: what AFIR, NEVI and the UK's regulations make of the chargers, and on what ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.download import safe_csv
from dashboards.format import UNKNOWN, number, percent
from dashboards.parts import figures, folded, heading, report_empty, table
from dashboards.places import WINDOWS, Places, basis, places, window
from dashboards.rule_files import AFIR_FIELDS, NEVI_FIELDS, UK_FIELDS
from models.counts import count_label

_RULE_WINDOWS: Final = {"nevi": "12m", "uk": "year"}
_TOO_EARLY: Final = "too early"


def draw() -> None:
    """Draw the page."""
    st.title("Rules: AFIR, NEVI, UK")
    chosen = places()
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        span = window(list(WINDOWS))
    with right:
        known = basis()
    _nevi(chosen, span, known)
    _uk(chosen, span, known)
    _afir(chosen)


def _nevi(chosen: Places, span: str, known: str) -> None:
    heading("United States, NEVI: uptime of each port", "uptime_us", "coverage", "basis")
    values = {"places": chosen, "basis": known, "window": span}
    row = data.query("rules/nevi", **values).row(0, named=True)
    if not row["port_count"]:
        report_empty("No EVSE matches. Take a filter away.")
        return
    judged = row["judged_count"]
    figures(
        (
            "Ports above 97 %",
            percent(row["above_share"], digits=2) if judged else _TOO_EARLY,
            "uptime_us",
            f"{number(row['above_count'])} of {number(judged)} judged"
            if judged
            else "no port was observed for a day",
        ),
        (
            "All together",
            percent(row["pooled_share"], digits=3) if judged else _TOO_EARLY,
            "uptime_us",
            "the pooled ratio, not what the rule asks for",
        ),
        (
            "Judged",
            number(judged),
            "uptime_us",
            f"of {number(row['port_count'])} ports, observed for a day or more",
        ),
        (
            "Unknown counted as up",
            percent(row["unknown_share"], digits=2) if judged else _TOO_EARLY,
            "uptime_us",
            "of the observed time of judged ports",
        ),
        ("Observed", percent(row["coverage_share"], digits=2), "coverage", _rests_on(row)),
    )
    _say_window(span, "nevi", row["coverage_share"])
    _file(
        f"EV-ChART, module 3: uptime by port ({count_label(row['port_count'], 'row')})",
        "nevi_uptime",
        data.deferred("rules/nevi_file", places=chosen, basis=known),
        NEVI_FIELDS,
    )


def _rests_on(row: dict[str, Any]) -> str:
    days = row["observed_days"]
    return f"{UNKNOWN if days is None else number(days, digits=1)} days of each port on average"


def _uk(chosen: Places, span: str, known: str) -> None:
    heading("United Kingdom: reliability of rapid chargers", "reliability_uk", "coverage", "basis")
    rows = data.query("rules/uk", places=chosen, basis=known, window=span)
    if not rows.is_empty():
        _say_window(span, "uk", None)
    table(
        rows,
        "uk_reliability",
        empty="None of these EVSEs is a rapid charger (50 kW or more) in the United Kingdom.",
        labels={
            "evse_count": "Rapid EVSEs",
            "reliable_share": "Reliability",
            "coverage_share": "Observed",
            "observed_days": "Open and observed, days each",
        },
    )

    if not rows.is_empty():
        evse_count = count_label(int(rows["evse_count"].sum()), "row")
        _file(
            f"What the yearly report rests on ({evse_count})",
            "uk_yearly_report",
            data.deferred("rules/uk_file", places=chosen, basis=known),
            UK_FIELDS,
        )


def _afir(chosen: Places) -> None:
    heading("European Union, AFIR: what operators publish", "afir")
    rows = data.query("rules/afir", places=chosen)
    table(
        rows,
        "afir_completeness",
        empty="No connector matches. Take a filter away.",
        labels={"status_age_h": "Age of status, h", "id_share": "EVSE id"},
        height=420,
    )
    _fields("afir", AFIR_FIELDS)


def _file(
    title: str, name: str, rows: Callable[[], pl.DataFrame], fields: Mapping[str, str]
) -> None:
    """Offer a file of exactly the fields that are asked for, and explain each."""
    st.download_button(
        title,
        data=lambda: safe_csv(rows().select(list(fields))),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{name}_file",
        icon=":material/download:",
        on_click="ignore",
    )
    _fields(name, fields)


def _fields(name: str, fields: Mapping[str, str]) -> None:
    with folded("The fields of the file", f"{name}_fields") as is_open:
        if is_open:
            st.text("\n".join(f"{field}: {meaning}" for field, meaning in fields.items()))


def _say_window(span: str, rule: str, observed: Any) -> None:
    said = []
    if span != _RULE_WINDOWS[rule]:
        said.append(f"The rule's window is {WINDOWS[_RULE_WINDOWS[rule]].lower()}, not this one.")
    if observed is not None and observed < 0.9:
        said.append("Less than nine tenths of the window was observed: no report can rest on this.")
    if said:
        st.caption(" ".join(said))


if __name__ == "__main__":
    draw()
