"""A partner's month: its statements, VAT, CDRs, exports, and its close."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboards import access, data, services
from dashboards.deciding import checklist, move_month, offer_settlement
from dashboards.filters import any_of, month, one_of, some_of
from dashboards.format import money, number, plain, timestamp, words
from dashboards.navigation import go
from dashboards.parts import figures, heading, report_empty, reporting_refusals, table
from models.counts import count_label
from models.settle.causes import title_of
from models.tables.recon import VERDICTS

_STEPS: Final[dict[services.Close, str]] = {
    "soft_closed": "Soft-close: done but for a last look",
    "signed_off": "Sign off",
    "locked": "Lock: nothing changes it any more",
    "reopened": "Reopen",
}
_AVAILABLE: Final[dict[str, tuple[services.Close, ...]]] = {
    "open": ("soft_closed", "locked"),
    "soft_closed": ("signed_off", "locked", "reopened"),
    "locked": ("reopened",),
}


def draw() -> None:
    """Draw the page."""
    st.title("A partner's month")
    left, right = st.columns(2)
    with left:
        names = data.query("partners")["partner"].to_list()
        who = one_of("Partner", names, "partner")
    with right:
        when = month()
    if who is None or when is None:
        report_empty("There are no statements yet: run `roamhouse run`.")
        return
    rows = data.query("settlement/statement", partner=who, month=when)
    if rows.is_empty():
        report_empty("This partner claimed nothing in this month. Choose another.")
        return
    if warning := data.read(services.missing_rates):
        st.warning(warning, icon=":material/currency_exchange:")
    for change in data.read(services.read_month_changes, when, who):
        st.text(change.sentence)
    with data.connection() as con:
        assumed = services.assumed_vat(con, who, when)
    for row in rows.iter_rows(named=True):
        _statement(row, assumed.get(services.statement_key(row)))
    _lines(who, when)
    _vat(who, when)
    _accruals(who, when)
    left, right = st.columns(2, gap="medium")
    with left:
        _exports(who, when, sorted(set(rows.select("country_code", "party_id").iter_rows())))
    with right:
        _close(who, when)


def _statement(row: dict[str, Any], assumed: services.AssumedVat | None) -> None:
    currency = row["currency"]
    energy = number(row["energy_kwh"], digits=1, unit="kWh")
    title = f"{plain(row['country_code'])}/{plain(row['party_id'])} · {currency}"
    if row["section"] == "home_charging":
        title += " · compensation for charging at home"
    elif row["direction"] == "receivable":
        title += " · they owe us"
    with st.expander(title, expanded=row["direction"] == "payable" and row["cdr_count"] > 1):
        notes = (
            f"{count_label(row['cdr_count'], 'CDR')}, {energy}",
            f"expected {money(row['expected_excl_vat'], currency)}",
            _with_vat(row, assumed),
            f"over 60 days old {money(row['disputed_over_60_days_excl_vat'], currency)}",
            f"tolerated {money(row['tolerated_difference_excl_vat'], currency)}",
        )
        terms = ("claimed", "agreed", "payable", "disputed", "rejected")
        figures(
            *(
                (term.capitalize(), money(row[f"{term}_excl_vat"], currency), term, note)
                for term, note in zip(terms, notes, strict=True)
            )
        )
        if row["expected_agreement_excl_vat"] is not None:
            st.text(
                "CDRs with an agreed price: claimed "
                f"{money(row['agreement_claimed_excl_vat'], currency)} · "
                f"at list prices {money(row['expected_published_excl_vat'], currency)} · "
                f"as agreed {money(row['expected_agreement_excl_vat'], currency)}"
            )
        if row["fees_excl_vat"]:
            st.text(f"Of the payable amount {money(row['fees_excl_vat'], currency)} are fees")
        if row["tolerance_exceeded"]:
            st.warning(
                "The tolerated differences of this statement add up to more than agreed "
                f"({money(row['tolerance_excl_vat'], currency)}).",
                icon=":material/balance:",
            )


def _with_vat(row: dict[str, Any], assumed: services.AssumedVat | None) -> str:
    currency = row["currency"]
    if assumed is None:
        return f"with VAT {money(row['payable_incl_vat'], currency)}"
    rates = ", ".join(assumed.assumptions)
    return f"with VAT {money(assumed.payable_incl_vat, currency)}, partly assumed at {rates}"


def _lines(who: str, when: str) -> None:
    heading("CDRs", "claimed", "expected", "payable", "disputed", "rejected")
    left, right = st.columns(2)
    with left:
        verdicts = some_of("Verdicts", list(VERDICTS), "verdict", every="All verdicts")
    with right:
        causes = data.query("disputes/reasons")["reason_code"].to_list()
        cause = any_of("Root cause", causes, "cause", every="All causes", shown=title_of)
    values = {"partner": who, "month": when, "cause": cause}
    chosen = table(
        data.listing("settlement/lines", **values, verdicts=verdicts or None),
        "lines",
        empty="No CDR matches. Take a filter away.",
        labels={
            "basis_at": "Charged",
            "cdr_id": "CDR",
            "cdr_country_code": "Country",
            "cdr_party_id": "Party",
        },
        hide=["message"],
        height=380,
        selectable=True,
    )
    if chosen:
        go(
            "cdr",
            partner=who,
            country_code=chosen["cdr_country_code"],
            party_id=chosen["cdr_party_id"],
            id=chosen["cdr_id"],
        )


def _vat(who: str, when: str) -> None:
    heading("VAT on the payable amount")
    table(
        data.query("settlement/vat", partner=who, month=when),
        "vat",
        empty="Nothing is payable.",
        labels={"vat_bucket": "Rate, %"},
    )


def _accruals(who: str, when: str) -> None:
    rows = data.query("settlement/accruals", partner=who, month=when)
    if rows.is_empty():
        return
    heading("Accrued: sessions without a CDR")
    table(
        rows,
        "accruals",
        empty="",
        labels={"session_id": "Session", "cdr_id": "CDR that came"},
        hide=("actual_excl_vat",) if rows["actual_excl_vat"].is_null().all() else (),
        height=310,
    )


def _exports(who: str, when: str, parties: list[tuple[str, str]]) -> None:
    heading("Exports")
    left, right = st.columns(2)
    with left:
        kinds = services.EXPORTS
        kind = one_of("File", list(kinds), "export", shown=lambda name: kinds[name].title)
    chosen = kinds[kind or "pdf"]
    with right:
        choices = [None, *parties] if len(parties) > 1 else parties
        party = st.selectbox(
            "Party",
            choices,
            format_func=lambda one: "All parties" if one is None else "/".join(one),
            key="export_party",
        )
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        issued_on = st.date_input("Date of the document", services.now().date(), key="export_date")
    with right:
        make = st.button("Prepare", key="prepare_export", icon=":material/draft:")
    if not make:
        return
    with reporting_refusals(), data.connection() as con:
        content = services.export(con, who, when, kind or "pdf", party=party, issued_on=issued_on)
        st.download_button(
            f"Download {chosen.title}",
            content,
            f"{who}-{when}-{kind}.{chosen.suffix}",
            chosen.media_type,
            key="export_file",
            icon=":material/download:",
            on_click="ignore",
            type="primary",
        )


def _close(who: str, when: str) -> None:
    heading("Close of the month")
    settlement = services.settlement_month(who, when)
    st.text(
        f"{words(settlement.state)}"
        + (f", signed off by {settlement.signed_off_by}" if settlement.signed_off_by else "")
    )
    for event in settlement.history:
        st.text(
            f"{timestamp(event.at)}  {words(event.name)} by {event.who}"
            + (f": {event.data['reason']}" if event.data.get("reason") else "")
        )
    if settlement.state != "locked":
        checklist(who, when)
    visitor = access.visitor()
    steps = [
        step
        for step in _AVAILABLE[settlement.state]
        if (visitor.may_reopen if step == "reopened" else visitor.may_decide)
    ]
    if not steps:
        st.caption(
            "It is locked: only an admin reopens it."
            if visitor.may_decide
            else "Your role may look, not close or reopen."
        )
        return
    with st.form("close_form", border=True):
        step = st.selectbox("Step", steps, format_func=lambda name: _STEPS[name], key="close_step")
        reason = st.text_input("Reason (for reopening)", key="close_reason", max_chars=500)
        done = st.form_submit_button("Do it", icon=":material/lock:")
    if done and step:
        with reporting_refusals():
            move_month(visitor, who, when, step, reason)
            st.rerun()
    offer_settlement(visitor)


if __name__ == "__main__":
    draw()
