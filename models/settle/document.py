"""A statement as a document: everything that an export shows, in one frozen value.

Rows are as in the tables of `settle`; lines carry what a reader needs of their CDRs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from models.money import round_to_minor_unit
from models.tables.settle import STATEMENT_KEY

Row = dict[str, Any]
_GAINED = (
    *("repriced_count", "repriced_claimed_excl_vat", "settled_excl_vat"),
    *("rejected_charges_excl_vat", "rejected_credits_excl_vat"),
)


@dataclass(frozen=True)
class Document:
    """One partner's month, as its readers get it.

    Args:
        partner: our name for the connection.
        month: as 2026-10.
        statements: rows of `settle.statements`, one for each counterparty, currency, direction
            and section, in the order of their key.
        vat: their rows of `settle.statement_vat`.
        lines: their rows of `settle.statement_lines`, with session, place and times.
        disputes: their rows of `settle.disputes`.
    """

    partner: str
    month: str
    statements: pl.DataFrame
    vat: pl.DataFrame
    lines: pl.DataFrame
    disputes: pl.DataFrame

    def parts(self) -> list[Document]:
        """Return the document of each single statement, in order."""
        keys = self.statements.select(STATEMENT_KEY).rows()
        return [self._only(dict(zip(STATEMENT_KEY, key, strict=True))) for key in keys]

    def of_party(self, country_code: str, party_id: str) -> Document:
        """Return the document of one counterparty."""
        return self._only({"country_code": country_code, "party_id": party_id})

    def _only(self, key: Row) -> Document:
        frames = (self.statements, self.vat, self.lines, self.disputes)
        return Document(self.partner, self.month, *(frame.filter(**key) for frame in frames))


def as_json(document: Document, *, lines: bool = True) -> bytes:
    """Return the document as JSON: the same document gives the same bytes.

    Amounts are texts, so that no reader makes floating point of them; unknown is null. Without
    `lines` (and disputes) there are only statements and their VAT.
    """
    parts = []
    for part in document.parts():
        (statement,) = part.statements.to_dicts()
        statement["vat"] = _rows(part.vat)
        if lines:
            statement["lines"] = _rows(part.lines)
            statement["disputes"] = _rows(part.disputes)
        parts.append(statement)
    whole = {"partner": document.partner, "month": document.month, "statements": parts}
    text = json.dumps(whole, default=_plain, ensure_ascii=False, indent=1)
    return (text + "\n").encode()


def statement_sha256(document: Document) -> str:
    """Identify statements and VAT of the document, as a close keeps it.

    Columns that statements gained later are left out where they hold nothing: a month that was
    locked before keeps its hash.
    """
    statements = document.statements
    empty = [name for name in _GAINED if statements[name].null_count() == statements.height]
    known = replace(document, statements=statements.drop(empty))
    return hashlib.sha256(as_json(known, lines=False)).hexdigest()


def _rows(frame: pl.DataFrame) -> list[Row]:
    return frame.drop([name for name in STATEMENT_KEY if name in frame.columns]).to_dicts()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def plain_decimal(value: Decimal, places: int = 2) -> str:
    """Return a decimal as text: no exponent, at least `places` decimals, no needless zero."""
    text = f"{value:f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{decimals}" if decimals else whole


@dataclass(frozen=True)
class AssumedVat:
    """The tax of a statement with rates assumed where nobody stated any.

    Args:
        payable_vat: tax on the payable amount.
        payable_incl_vat: payable after taxes.
        assumptions: the rates taken, as `NL 21 %`.
    """

    payable_vat: Decimal
    payable_incl_vat: Decimal
    assumptions: tuple[str, ...]


def assume_vat(part: Document, rates: Mapping[str, Decimal]) -> AssumedVat | None:
    """Return the tax of a document of one statement where its unknown part can be assumed.

    Args:
        part: a document of one statement.
        rates: country → percentage.

    Returns:
        None: nothing is unknown, or a country has no rate to assume.
    """
    (statement,) = part.statements.to_dicts()
    unknown = [row for row in part.vat.to_dicts() if row["vat_bucket"] == "unknown"]
    if not unknown or any(row["vat_country"] not in rates for row in unknown):
        return None
    currency = statement["currency"]
    known = sum((row["vat_amount"] or Decimal() for row in part.vat.to_dicts()), Decimal())
    assumed = sum(
        (
            round_to_minor_unit(row["payable_excl_vat"] * rates[row["vat_country"]] / 100, currency)
            for row in unknown
        ),
        Decimal(),
    )
    names = sorted({f"{row['vat_country']} {rates[row['vat_country']]} %" for row in unknown})
    total = known + assumed
    return AssumedVat(total, statement["payable_excl_vat"] + total, tuple(names))
