"""The checklist of a month: what is undecided or still to come, asked before it is locked."""

from __future__ import annotations

import duckdb

from models.settle.document import plain_decimal
from pipelines.stages.settle import query
from pipelines.stages.settle.closing import open_questions
from pipelines.stages.settle.reading import read_document


def month_checklist(con: duckdb.DuckDBPyConnection, partner: str, month: str) -> list[str]:
    """Return what is open in a partner's month, a sentence each; empty: nothing.

    Raises:
        NothingThere: nothing was claimed in it.
    """
    questions = open_questions(read_document(con, partner, month))
    values = {"partner": partner, "month": month}
    (gaps,) = con.sql(query("read_month_gaps"), params=values).pl().to_dicts()
    if gaps["is_invoiced"] and not gaps["invoices"]:
        questions.append("no invoice of the partner was taken in")
    if gaps["contested_invoices"]:
        questions.append(f"{gaps['contested_invoices']:,} invoices are not payable in full")
    if gaps["missing_cdrs"]:
        amount = plain_decimal(gaps["missing_excl_vat"])
        questions.append(f"{gaps['missing_cdrs']:,} CDRs over {amount} are on no invoice yet")
    if gaps["sessions"]:
        unpriced = gaps["unpriced_sessions"]
        note = f", {unpriced:,} of them without a price" if unpriced else ""
        questions.append(f"{gaps['sessions']:,} sessions have no CDR and are accrued{note}")
    return questions
