"""Overview: is everything there, what is at stake, what changed, what needs a person?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.filters import month
from dashboards.format import count_label, money, percent
from dashboards.health import health
from dashboards.navigation import go
from dashboards.parts import figures, heading, report_empty, table

_ATTENTION: Final = {
    "partner_failing": ("A partner fails: visits without everything", "partners"),
    "dispute_overdue": ("Disputes whose answer is overdue", "disputes"),
    "dispute_unsent": ("Disputes opened but not sent", "disputes"),
    "dispute_undecided": ("Claims in doubt that nobody has decided on", "disputes"),
    "tolerance_exceeded": ("Tolerated differences add up to too much", "settlement"),
    "month_unlocked": ("A month is over and not locked", "settlement"),
    "objects_refused": ("Objects refused in the last week", "quarantine"),
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
    _money()
    _attention()
    _partners()
    _changes()


def _money() -> None:
    heading("Money at stake", "claimed", "agreed", "payable", "disputed", "rejected")
    chosen = month()
    rows = data.query("overview/money", month=chosen)
    if rows.is_empty():
        report_empty("Nothing was claimed in this month. Choose another, or run `roamhouse run`.")
        return
    for row in rows.iter_rows(named=True):
        _figures(row)


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
        rows.select("what", "item_count", "partners", "currency", "amount_excl_vat", "kind"),
        "attention",
        empty="Nothing waits for anybody.",
        labels={"item_count": "Items"},
        hide=["kind"],
        height=330,
        selectable=True,
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
