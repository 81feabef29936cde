"""Invoices: what partners ask for, held against their CDRs, and what is paid of it."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboards import access, data, month_end, services
from dashboards.deciding import offer_settlement
from dashboards.filters import month_or_all, partners
from dashboards.format import money, plain, words
from dashboards.navigation import go, link
from dashboards.parts import figures, folded, heading, report_empty, reporting_refusals, table
from models.counts import count_label

_HIDDEN: Final = (
    *("claimed_excl_vat", "payable_incl_vat", "statement_claimed_excl_vat"),
    *("statement_payable_excl_vat", "missing_count", "missing_excl_vat", "line_count"),
    *("matched_count", "cdr_count", "corrects", "seller_name", "imported_at", "imported_by"),
    *("country_code", "party_id", "message"),
)


def draw() -> None:
    """Draw the page."""
    st.title("Invoices")
    left, right = st.columns(2)
    with left:
        who = partners()
    with right:
        when = month_or_all()
    _upload(who[0] if who and len(who) == 1 else None)
    offer_settlement(access.visitor())
    rows = data.query("invoices/inbox", partners=who, month=when)
    if rows.is_empty():
        report_empty(
            "No invoice was taken in. `roamhouse invoice import FILE` takes one in, and "
            "`--dry-run` shows first what would come of it."
        )
        return
    heading("Inbox", "claimed", "payable", "disputed")
    st.caption("Those with something contested come first. Choose one for its differences.")
    chosen = table(
        rows,
        "invoices",
        empty="",
        labels={"tax_amount": "Tax payable"},
        hide=_HIDDEN,
        height=280,
        selectable=True,
        first=True,
    )
    if chosen:
        _invoice(chosen)


def _upload(who: str | None) -> None:
    """Take in files that the visitor chooses."""
    visitor = access.visitor()
    if not visitor.may_decide:
        return
    with folded("Take invoices in", "invoices_in") as is_open:
        if is_open:
            _offer(visitor, who)


def _offer(visitor: access.Visitor, who: str | None) -> None:
    with st.form("take_in", border=False):
        files = st.file_uploader(
            "UBL, CII, Factur-X or ZUGFeRD; a list of CDRs (CSV, XLSX) belongs to the document "
            "with it, or to the invoice of the number below",
            accept_multiple_files=True,
            key="invoice_files",
        )
        number = st.text_input("Number, for a list alone", key="invoice_number").strip()
        looks, takes, _ = st.columns([1, 1, 3])
        look = looks.form_submit_button("Look first", icon=":material/visibility:")
        take = takes.form_submit_button("Take in", icon=":material/upload_file:")
    if files and (look or take):
        offered = [services.Offered(file.name, file.getvalue()) for file in files]
        _take_in(visitor, offered, services.Said(partner=who, number=number or None), keeps=take)


def _take_in(
    visitor: access.Visitor,
    offered: list[services.Offered],
    said: services.Said,
    *,
    keeps: bool,
) -> None:
    """Say what invoices come to, and keep them where that is wanted."""
    with reporting_refusals(), data.connection() as con:
        reports = month_end.take_in_invoices(con, offered, said, visitor.name, keeps=keeps)
        if keeps:
            numbers = ", ".join(plain(report.invoice["number"]) for report in reports)
            st.success(f"Kept: {numbers}. What is to be paid of it shows once it is settled.")
            return
        for report in reports:
            number, message = (plain(report.invoice[name]) for name in ("number", "message"))
            st.info(f"{number}, not kept: {message}")
            st.text("\n".join(found["message"] for found in report.findings))


def _invoice(row: dict[str, Any]) -> None:
    currency = row["currency"]
    heading(f"{plain(row['number'])} of {plain(row['seller_name'] or row['partner'])}")
    st.text(row["message"])
    if row["corrects"]:
        st.caption(f"A {row['what']} of {plain(row['corrects'])}.")
    matched = f"{row['matched_count']:,} of {count_label(row['line_count'], 'line')} matched"
    with_vat = f"with VAT {money(row['payable_incl_vat'], currency)}"
    statement = f"statement: {money(row['statement_payable_excl_vat'], currency)}"
    figures(
        ("Invoice", money(row["total_excl_vat"], currency), None, words(row["verdict"])),
        ("CDRs claim", money(row["claimed_excl_vat"], currency), "claimed", matched),
        ("Payable", money(row["payable_excl_vat"], currency), "payable", with_vat),
        ("Contested", money(row["contested_excl_vat"], currency), None, statement),
    )
    if row["missing_count"]:
        amount = money(row["missing_excl_vat"], currency)
        st.caption(f"{count_label(row['missing_count'], 'CDR')} over {amount} are still to come.")
    key = {name: row[name] for name in ("partner", "country_code", "party_id", "number")}
    _findings(key)
    _lines(key)
    if row["month"]:
        link(
            "statement",
            f"The statement of {row['month']}",
            icon="arrow_forward",
            partner=row["partner"],
            month=row["month"],
        )


def _findings(key: dict[str, str]) -> None:
    heading("Differences")
    table(
        data.query("invoices/findings", **key),
        "invoice_findings",
        empty="It says what the CDRs and the statement say.",
        labels={
            "line_number": "Line",
            "at_stake_excl_vat": "Contested",
            "tax_amount": "Tax contested",
        },
        hide=("related_id",),
        height=280,
    )


def _lines(key: dict[str, str]) -> None:
    heading("Lines beside their CDRs")
    st.caption("Lines that differ come first. Choose one for its CDR.")
    chosen = table(
        data.query("invoices/lines", **key),
        "invoice_lines",
        empty="The invoice has no lines.",
        labels={"line_number": "Line", "cdr_id": "CDR"},
        hide=("cdr_country_code", "cdr_party_id"),
        height=420,
        selectable=True,
    )
    if chosen and chosen["cdr_id"]:
        go(
            "cdr",
            partner=key["partner"],
            country_code=chosen["cdr_country_code"],
            party_id=chosen["cdr_party_id"],
            id=chosen["cdr_id"],
        )


if __name__ == "__main__":
    draw()
