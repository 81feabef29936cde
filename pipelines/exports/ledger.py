"""Journal entries as files for the books: our own CSV, and what DATEV and SAP take in.

Accounts are roles until here; the chart of accounts in company.yaml gives them their numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.money import round_to_minor_unit
from models.settle.document import plain_decimal
from pipelines.exports.company import CompanyError, Ledger
from pipelines.exports.formats import DIALECTS, write_csv
from pipelines.exports.formulas import escape_formula

Row = Mapping[str, Any]

_TEXTS = {
    "charging": "EV charging",
    "vat": "VAT on EV charging",
    "reverse_charge": "Reverse charge on EV charging",
    "dispute_reserve": "Disputed EV charging",
    "accrual": "Accrued EV charging",
    "accrual_reversal": "Accrued EV charging, reversed",
    "exchange_accrual": "Exchange difference on accrued EV charging",
    "exchange_correction": "Exchange difference on corrected EV charging",
    "exchange_reserve": "Exchange difference on disputed EV charging",
    "exchange_invoice": "Exchange difference on an EV charging invoice",
}
_FIELDS = (
    *("month", "posted_on", "reference", "partner", "party", "kind", "debit", "credit"),
    *("debit_account", "credit_account", "amount", "currency", "vat_country", "vat_bucket"),
    *("cost_centre", "text"),
)
#: Fields for columns of one's own: `csv` keeps its columns, so that a locked month keeps its bytes.
_MORE_FIELDS = (
    *("amount_comma", "day_month", "document"),
    *("reporting_currency", "reporting_amount", "reporting_amount_comma"),
)
_DATEV = (
    ("Umsatz (ohne Soll/Haben-Kz)", "amount_comma"),
    ("Soll/Haben-Kennzeichen", "debit_sign"),
    ("WKZ Umsatz", "currency"),
    ("Konto", "debit_account"),
    ("Gegenkonto (ohne BU-Schlüssel)", "credit_account"),
    ("Belegdatum", "day_month"),
    ("Belegfeld 1", "reference"),
    ("Buchungstext", "text"),
    ("KOST1 - Kostenstelle", "cost_centre"),
)
_SAP = (
    ("Document", "document"),
    ("Posting date", "posted_on"),
    ("Posting key", "posting_key"),
    ("Account", "account"),
    ("Amount", "amount"),
    ("Currency", "currency"),
    ("Cost centre", "cost_centre"),
    ("Tax code", "vat_bucket"),
    ("Reference", "reference"),
    ("Text", "text"),
)
_DEBIT_KEY, _CREDIT_KEY = "40", "50"


def ledger_csv(rows: Sequence[Row], ledger: Ledger, kind: str) -> bytes:
    """Return journal entries as CSV; the same entries give the same bytes.

    Args:
        rows: of `settle.journal`, in their order.
        ledger: chart of accounts, cost centres and columns of company.yaml.
        kind: csv: every field; datev: a line for each entry, with decimal commas; sap: two lines
            for each entry, by posting key; own: the columns that company.yaml names. Claims may
            have parts of a cent, which books do not take: but in csv, which is exact, each entry is
            rounded once, as on an invoice, and left out where nothing is left.
    """
    if kind != "csv":
        rows = [row for row in map(_rounded, rows) if row["amount"]]
    entries = [_entry(row, ledger, number) for number, row in enumerate(rows, 1)]
    if kind == "datev":
        return _write(_DATEV, entries, "excel-semicolon")
    if kind == "sap":
        return _write(_SAP, [line for entry in entries for line in _sides(entry)])
    if kind == "own":
        return _write(_own_columns(ledger), entries)
    return _write(tuple((field, field) for field in _FIELDS), entries)


def _rounded(row: Row) -> Row:
    return {**row, "amount": round_to_minor_unit(row["amount"], row["currency"])}


def _own_columns(ledger: Ledger) -> tuple[tuple[str, str], ...]:
    known = (*_FIELDS, *_MORE_FIELDS)
    unknown = [field for field in ledger.columns.values() if field not in known]
    if unknown or not ledger.columns:
        named = f": there is no {unknown[0]!r}" if unknown else ""
        raise CompanyError(
            f"company.yaml: ledger.columns names the columns, header: field{named}; fields are "
            f"{', '.join(known)}"
        )
    return tuple(ledger.columns.items())


def _entry(row: Row, ledger: Ledger, number: int) -> dict[str, str]:
    country = row["vat_country"]
    amount = plain_decimal(row["amount"])
    reported = row["reporting_amount"]
    in_reporting = "" if reported is None else plain_decimal(reported)
    day = row["posted_on"]
    return {
        "document": str(number),
        "month": row["month"],
        "posted_on": day.isoformat(),
        "day_month": f"{day:%d%m}",
        "reference": row["reference"],
        "partner": row["partner"],
        "party": f"{row['country_code']}/{row['party_id']}",
        "kind": row["kind"],
        "debit": row["debit"],
        "credit": row["credit"],
        "debit_account": ledger.account(row["debit"], country),
        "credit_account": ledger.account(row["credit"], country),
        "debit_sign": "S",
        "amount": amount,
        "amount_comma": amount.replace(".", ","),
        "currency": row["currency"],
        "reporting_currency": row["reporting_currency"] or "",
        "reporting_amount": in_reporting,
        "reporting_amount_comma": in_reporting.replace(".", ","),
        "vat_country": country,
        "vat_bucket": row["vat_bucket"],
        "cost_centre": ledger.cost_centres.get(country, ledger.cost_centres.get("*", "")),
        "text": f"{_TEXTS[row['kind']]} {row['month']} {country}".rstrip(" *"),
    }


def _sides(entry: Mapping[str, str]) -> Iterable[dict[str, str]]:
    """Return the two lines of an entry, debit first."""
    yield {**entry, "posting_key": _DEBIT_KEY, "account": entry["debit_account"]}
    yield {**entry, "posting_key": _CREDIT_KEY, "account": entry["credit_account"]}


def _write(
    columns: Sequence[tuple[str, str]], entries: Sequence[Mapping[str, str]], dialect: str = "excel"
) -> bytes:
    rows = ([escape_formula(entry[field]) for _, field in columns] for entry in entries)
    return write_csv([name for name, _ in columns], rows, DIALECTS[dialect])
