"""Settlement: who claims how much, what is payable, and why not all of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards import data, month_end, palette, services
from dashboards.charts import Step, across, stacked, waterfall
from dashboards.columns import cause_words
from dashboards.deciding import checklist
from dashboards.filters import month_or_all, one_of, partners
from dashboards.format import money, plain, words
from dashboards.navigation import go
from dashboards.parts import heading, report_empty, reporting_refusals, table

_LEDGERS = {
    "csv": "Every field (CSV)",
    "datev": "DATEV (CSV)",
    "sap": "SAP (CSV)",
    "own": "Columns of company.yaml (CSV)",
}
_PARTS = {
    "payable_excl_vat": "payable",
    "disputed_excl_vat": "disputed",
    "rejected_excl_vat": "rejected",
}


def draw() -> None:
    """Draw the page."""
    st.title("Statements")
    filters = st.columns(3)
    with filters[0]:
        who = partners()
    with filters[1]:
        when = month_or_all()
    currencies = data.query("settlement/currencies", partners=who, month=when)
    if currencies.is_empty():
        report_empty("Nothing was claimed. Choose another month, or run `roamhouse run`.")
        return
    with filters[2]:
        currency = one_of("Currency of the charts", currencies["currency"].to_list(), "currency")
    if when is not None:
        _moved(who, when)
    _statements(who, when)
    if when is not None:
        _vat_return(when)
        _ledger(who, when)
    if currency is None:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _waterfall(who, when, currency)
    with right:
        _monthly(who, currency)
    _causes(who, when, currency)


def _moved(who: list[str] | None, when: str) -> None:
    """Say what moved since the month before, and what is open where partners are chosen."""
    for one in who or (None,):
        if who and len(who) > 1:
            st.markdown(f"**{plain(one)}**")
        for change in data.read(services.read_month_changes, when, one):
            st.text(change.sentence)
        if one is not None:
            checklist(one, when)


def _vat_return(when: str) -> None:
    heading(f"VAT return, {when}, all partners")
    rows = data.read(services.read_vat_return, when)
    table(
        rows,
        "vat_return",
        empty="Nothing is payable.",
        labels={"rate": "Rate, %"},
    )


def _ledger(who: list[str] | None, when: str) -> None:
    heading(f"Ledger, {when}")
    rows = data.query("settlement/ledger", partners=who, month=when)
    table(rows, "ledger_accounts", empty="Nothing is booked in this month.")
    if rows.is_empty():
        return
    cell, _ = st.columns([1, 3])
    with cell:
        kind = one_of("File", list(services.LEDGER_FORMATS), "ledger", shown=_LEDGERS.__getitem__)
    with reporting_refusals(), data.connection() as con:
        st.text("\n".join(month_end.ledger_remarks(con, when, who, kind or "csv")))
        st.download_button(
            "Download the entries",
            data.later(partial(month_end.ledger, month=when, partners=who, kind=kind or "csv")),
            f"ledger-{when}-{kind}.csv",
            "text/csv",
            key="ledger_file",
            icon=":material/download:",
            on_click="ignore",
        )


def _statements(who: list[str] | None, when: str | None) -> None:
    heading("Statements", "claimed", "expected", "payable", "disputed", "rejected")
    st.caption("Choose a row for its CDRs, VAT, exports and the close of the month.")
    chosen = table(
        data.query("settlement/statements", partners=who, month=when),
        "statements",
        empty="No statement matches. Choose another month or partner.",
        labels={"unstated_count": "Without a total"},
        height=320,
        selectable=True,
    )
    if chosen:
        go("statement", partner=chosen["partner"], month=chosen["month"])


def _waterfall(who: list[str] | None, when: str | None, currency: str) -> None:
    heading("From claimed to payable", "claimed", "disputed", "rejected", "payable")
    values: dict[str, data.Value] = {"partners": who, "month": when, "currency": currency}
    ends = data.one("settlement/totals", **values)
    if ends is None:
        return
    held_back = ends["claimed_excl_vat"] - ends["payable_excl_vat"]
    st.text(
        f"Of {money(ends['claimed_excl_vat'], currency)} claimed, "
        f"{money(held_back, currency)} is held back and "
        f"{money(ends['payable_excl_vat'], currency)} payable."
    )
    taken = data.query("settlement/waterfall", **values)
    if taken.is_empty():
        return
    steps = [
        *(
            Step(_label(row["verdict"], row["what"]), row["taken_excl_vat"], row["what"])
            for row in taken.iter_rows(named=True)
        ),
        Step("Held back in all", held_back, "held back", total=True),
    ]
    st.altair_chart(waterfall(steps, currency), width="stretch")


def _label(verdict: str, what: str) -> str:
    return (
        words(verdict) if what != "rejected" or verdict == what else f"{words(verdict)}, rejected"
    )


def _monthly(who: list[str] | None, currency: str) -> None:
    heading("By month", "payable", "disputed", "rejected")
    rows = data.query("settlement/monthly", partners=who, currency=currency)
    chart = stacked(
        rows, x="month", parts=_PARTS, title=f"{currency} excl. VAT", colours=palette.AMOUNTS
    )
    st.altair_chart(chart, width="stretch")


def _causes(who: list[str] | None, when: str | None, currency: str) -> None:
    heading("Why it is held back", "disputed", "rejected")
    rows = data.query("settlement/causes", partners=who, month=when, currency=currency)
    if rows.is_empty():
        report_empty("Nothing is held back.")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chart = across(
            rows.head(12).with_columns(name=cause_words("cause")),
            category="name",
            hover=["cause"],
            value="held_back_excl_vat",
            title=f"{currency} excl. VAT, held back",
        )
        st.altair_chart(chart, width="stretch")
    with right:
        chosen = table(
            rows,
            "causes",
            empty="Nothing is held back.",
            selectable=True,
        )
    if chosen:
        known = chosen["cause"] in data.query("disputes/reasons")["reason_code"]
        reason = chosen["cause"] if known else None
        parameters = {"reason": reason, "partner": who, "month": when}
        go("disputes", **{key: value for key, value in parameters.items() if value})


if __name__ == "__main__":
    draw()
