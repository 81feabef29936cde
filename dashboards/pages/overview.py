"""Overview: is everything there, what is at stake, what changed, what needs a person?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.filters import month
from dashboards.format import ABSENT, UNKNOWN, money, number, percent
from dashboards.health import health
from dashboards.navigation import go, link
from dashboards.parts import Figure, figures, folded, heading, report_empty, table
from dashboards.places import with_coverage
from models.counts import count_label

_ATTENTION: Final = {
    "partner_failing": ("A partner fails: visits without everything", "partners"),
    "removals_withheld": ("Objects kept though their list lacks them", "partners"),
    "dispute_escalation": ("Disputes long overdue: escalate them", "disputes"),
    "dispute_overdue": ("Disputes whose answer is overdue", "disputes"),
    "dispute_unsent": ("Disputes opened but not sent", "disputes"),
    "dispute_undecided": ("Claims in doubt that nobody has decided on", "disputes"),
    "tolerance_exceeded": ("Tolerated differences add up to too much", "settlement"),
    "month_unlocked": ("A month is over and not locked", "settlement"),
    "objects_refused": ("Objects refused in the last week", "quarantine"),
    "sessions_in_doubt": ("Sessions not authorised, or reserved and not used", "partners"),
    "numbers_missing": ("Numbers that count up lack some", "partners"),
    "tariffs_missing": ("Connectors without a known tariff", "partners"),
}
_CHANGES: Final = {
    "cdrs": "CDRs",
    "sessions": "Sessions",
    "tariff_versions": "Tariff versions",
    "locations_added": "Locations added",
    "locations_removed": "Locations removed",
    "evses_added": "EVSEs added",
    "evses_removed": "EVSEs removed",
    "conflicts": "CDRs sent again, changed",
    "quarantined": "Objects refused",
    "decisions": "Disputes worked on",
}


def draw() -> None:
    """Draw the page."""
    st.title("Overview")
    _network()
    _money()
    _attention()
    _partners()
    _changes()


def _network() -> None:
    heading("The network now", "live_status", "tariff_coverage", "uptime_strict")
    row = data.query("overview/network").row(0, named=True)
    if not row["connector_count"]:
        report_empty("No partner has published a location yet: run `roamhouse run`.")
        return
    _network_figures(row, data.query("overview/days"))
    _ways()


def _network_figures(row: dict[str, Any], days: pl.DataFrame) -> None:
    # The newest day is not over: of it there is next to nothing in the first hours.
    over = days.head(-1)
    observed = over.drop_nulls("strict_share")
    worked = observed["strict_share"]
    rows: list[Figure] = [
        (
            "Connectors",
            number(row["connector_count"]),
            None,
            f"{number(row['evse_count'])} EVSEs, each counted once",
        ),
        ("Work now", percent(row["working_share"]), "live_status", number(row["working_count"])),
        ("Out of service", number(row["out_count"]), "outage", "connectors, now"),
        (
            "With a price",
            percent(row["priced_share"]),
            "basket",
            f"with a known tariff {percent(row['resolved_share'])}",
        ),
        (
            "Uptime, newest whole day",
            percent(worked[-1]) if len(worked) else UNKNOWN,
            "uptime_strict",
            with_coverage(
                f"observed on {count_label(len(worked), 'day')} of the last 30",
                observed["coverage_share"][-1] if len(worked) else None,
                of="day",
            ),
        ),
    ]
    trends = {"Uptime, newest whole day": [float(share) for share in worked]}
    if days["cdr_count"].sum():
        rows.append(
            (
                "Charges, 31 days",
                number(days["cdr_count"].sum()),
                "volumes",
                "CDRs; the line: each day",
            )
        )
        trends["Charges, 31 days"] = [float(count) for count in over["cdr_count"]]
    figures(*rows, trends=trends)


def _ways() -> None:
    """Draw where to look next."""
    ways = (
        ("availability", "What works, where", "map"),
        ("pricing_cheapest", "Cheapest for a charge", "savings"),
        ("pricing_changes", "What changed", "difference"),
        ("charges", "What we charged", "ev_station"),
    )
    for cell, (view, words, icon) in zip(st.columns(len(ways)), ways, strict=True):
        with cell:
            link(view, words, icon=icon)


def _money() -> None:
    heading("Money at stake", "claimed", "agreed", "payable", "disputed", "rejected")
    left, _ = st.columns([1, 3])
    with left:
        chosen = month()
    rows = data.query("overview/money", month=chosen)
    if rows.is_empty():
        report_empty("Nothing was claimed in this month. Choose another, or run `roamhouse run`.")
        return
    _figures(rows.row(0, named=True))
    if rows.height > 1:
        label = count_label(rows.height - 1, "other currency", "other currencies")
        with folded(label, "other_currencies_open") as is_open:
            if is_open:
                table(rows.slice(1), "other_currencies", empty="")


def _figures(row: dict[str, Any]) -> None:
    notes = {
        term: f"{percent(row[f'{term}_share'], digits=2)} of claimed"
        for term in ("agreed", "payable", "disputed", "rejected")
    }
    notes = {"claimed": count_label(row["cdr_count"], "CDR")} | notes
    figures(
        *(
            (term.capitalize(), money(row[f"{term}_excl_vat"], row["currency"]), term, note)
            for term, note in notes.items()
        )
    )


def _attention() -> None:
    heading("Needs a person")
    words = {kind: text for kind, (text, _) in _ATTENTION.items()}
    rows = data.query("overview/attention").with_columns(
        pl.col("kind").replace_strict(words).alias("what")
    )
    chosen = table(
        rows.select("what", "item_count", "amount_excl_vat", "currency", "partners", "kind"),
        "attention",
        empty="Nothing waits for anybody.",
        hide=["kind"],
        height=330,
        selectable=True,
        absent=ABSENT,
    )
    if chosen:
        go(_ATTENTION[chosen["kind"]][1])


def _partners() -> None:
    chosen = health(None, "freshness", "quality_score", selectable=True)
    if chosen:
        go("partners", partner=chosen["partner"])


def _changes() -> None:
    heading("What changed in the last day")
    rows = data.query("overview/changes")
    if rows.is_empty():
        report_empty("Nothing came in the day before the newest page.")
        return
    wide = rows.pivot("kind", index="partner", values="change_count")
    kinds = [kind for kind in _CHANGES if kind in wide.columns]
    table(
        wide.select(
            "partner", *(pl.col(kind).fill_null(0).alias(_CHANGES[kind]) for kind in kinds)
        ),
        "changes",
        empty="Nothing came.",
    )


if __name__ == "__main__":
    draw()
