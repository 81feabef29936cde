"""Data: did every partner arrive, is it complete, how good is it, what broke?"""

from __future__ import annotations

import streamlit as st

from dashboards import data
from dashboards.charts import against_usual, trend
from dashboards.filters import partner
from dashboards.format import ABSENT, percent
from dashboards.health import health
from dashboards.parts import figures, folded, heading, report_empty, table
from models.counts import count_label

_SHARES = (
    ("timeliness", "Timeliness"),
    ("completeness", "Completeness"),
    ("correctness", "Correctness"),
    ("tariff_coverage", "Tariff coverage"),
    ("freshness", "Freshness"),
)


def draw() -> None:
    """Draw the page."""
    st.title("Partners")
    left, _ = st.columns([1, 2])
    with left:
        who = partner()
    health(who, "freshness")
    _quality(who)
    _lists(who)
    _pushes(who)
    _findings(who)
    _pulls(who)
    _volumes(who)
    _runs()


def _quality(who: str | None) -> None:
    heading("Quality", "quality_score", *(term for term, _ in _SHARES))
    rows = data.query("partners/quality", partner=who)
    if rows.height == 1:
        row = rows.row(0, named=True)
        cdrs = f"{count_label(row['cdr_count'], 'CDR')} in 90 days"
        figures(
            ("Score", percent(row["score_share"]), "quality_score", cdrs),
            *((label, _share(row[f"{term}_share"]), term, None) for term, label in _SHARES),
        )
    table(
        rows,
        "quality",
        empty="No partner was visited yet: run `roamhouse run`.",
        labels={
            "cdr_age_median_h": "Median CDR age, h",
            "session_cdr_share": "Sessions with a CDR",
            "fields_share": "Objects whole",
            "quarantine_count": "Refused",
            "deviation_count": "Repaired",
            "priced_connector_count": "Connectors with tariff",
            "last_success_at": "Last complete visit",
        },
        absent=ABSENT,
    )


def _share(share: float | None) -> str:
    """Return a share, or a dash where a partner sends nothing that it could be measured by."""
    return ABSENT if share is None else percent(share)


def _lists(who: str | None) -> None:
    heading("Lists", "latency", "freshness")
    rows = data.query("partners/lists", partner=who)
    table(
        rows,
        "lists",
        empty="Nothing was pulled yet.",
        labels={"started_at": "Newest pull"},
        height=300,
    )
    heading("Errors")
    table(
        data.query("partners/errors", partner=who),
        "errors",
        empty="No pull failed.",
    )


def _pushes(who: str | None) -> None:
    rows = data.query("partners/pushes", partner=who)
    if rows.is_empty():
        return
    heading("Pushes", "push_completeness")
    table(
        rows,
        "pushes",
        empty="Nothing was pushed yet.",
        labels={
            "push_complete_share": "Complete",
            "is_pulled": "Compared with a list",
            "inferred_missing_count": "Missing by other signs",
            "delay_median_s": "Median delay, s",
            "delay_worst_s": "95 % within, s",
            "push_count": "Pushes",
            "missed_count": "Missed",
            "late_count": "Late",
            "changed_count": "Changed silently",
            "unlisted_count": "Not listed",
            "refused_count": "Refused",
            "unusable_count": "Unusable",
            "last_push_at": "Newest push",
        },
    )


def _findings(who: str | None) -> None:
    heading("Findings about lists and sessions")
    table(
        data.query("partners/findings", partner=who),
        "findings",
        empty="Nothing was found about lists, nor about sessions without a CDR.",
        labels={"start_at": "Session began"},
        height=300,
    )


def _pulls(who: str | None) -> None:
    by_day = data.query("partners/trend", partner=who)
    if by_day.is_empty():
        return
    left, right = st.columns(2, gap="medium")
    with left:
        heading("Latency: the slowest pull of a day", "latency")
        st.altair_chart(
            trend(by_day, y="latency_worst_s", series="series", title="seconds"), width="stretch"
        )
    with right:
        heading("Requests")
        st.altair_chart(
            trend(by_day, y="request_count", series="series", title="requests a day"),
            width="stretch",
        )
    with folded("Pulls by day", "pulls_by_day") as is_open:
        if is_open:
            rows = data.query("partners/daily", partner=who)
            table(rows, "pulls_daily", empty="Nothing was pulled yet.")
    with folded("Responses by status", "responses_by_status") as is_open:
        if is_open:
            rows = data.query("partners/responses", partner=who)
            table(rows, "responses", empty="No response yet.")


def _volumes(who: str | None) -> None:
    heading("Volumes against what is usual", "volumes")
    rows = data.query("partners/volumes", partner=who)
    if rows.is_empty():
        report_empty("There are no CDRs yet.")
        return
    names = rows["partner"].unique().sort().to_list()
    today = data.query("snapshot").item(0, "as_of_at").date()
    for first in range(0, len(names), 2):
        for cell, name in zip(st.columns(2, gap="medium"), names[first : first + 2], strict=False):
            with cell:
                st.caption(
                    f"{name}: bars are CDRs a day (pale: not over), the line is what is usual"
                )
                chart = against_usual(
                    rows.filter(partner=name),
                    actual="cdr_count",
                    usual="usual_count",
                    title="CDRs",
                    today=today,
                )
                st.altair_chart(chart, width="stretch")


def _runs() -> None:
    heading("Runs")
    table(
        data.query("partners/runs"),
        "runs",
        empty="Nothing was run yet.",
        height=260,
    )


if __name__ == "__main__":
    draw()
