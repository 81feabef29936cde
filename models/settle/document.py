"""A statement as a document: everything that an export shows, in one frozen value.

Rows are as in the tables of `settle`; lines carry what a reader needs of their CDRs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from models.money import round_to_minor_unit
from models.tables.settle import STATEMENT_KEY

Row = dict[str, Any]
_GAINED = (
    *("repriced_count", "repriced_claimed_excl_vat", "settled_excl_vat"),
    *("rejected_charges_excl_vat", "rejected_credits_excl_vat"),
    *("expected_published_excl_vat", "expected_agreement_excl_vat", "fees_excl_vat"),
    "agreement_claimed_excl_vat",
)


@dataclass(frozen=True)
class Document:
    """One partner's month, as its readers get it."""

    partner: str  # our name for the connection
    month: str  # as 2026-10
    # rows of `settle.statements`, one for each counterparty, currency, direction and section, in
    # the order of their key
    statements: pl.DataFrame
    vat: pl.DataFrame  # their rows of `settle.statement_vat`
    lines: pl.DataFrame  # their rows of `settle.statement_lines`, with session, place and times
    disputes: pl.DataFrame  # their rows of `settle.disputes`

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


def plain_decimal(value: Decimal) -> str:
    """Return a decimal as text: no exponent, at least two decimals, no needless zero."""
    whole, _, decimals = f"{value:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


@dataclass(frozen=True)
class AssumedVat:
    """The tax of a statement with rates assumed where nobody stated any."""

    payable_vat: Decimal  # tax on the payable amount
    payable_incl_vat: Decimal  # payable after taxes
    assumptions: tuple[str, ...]  # the rates taken, as `NL 21 %`


def assume_vat(part: Document, rates: Mapping[str, Decimal]) -> AssumedVat | None:
    """Return the tax of a document of one statement where its unknown part can be assumed.

    `rates`: country → percentage.

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


_NULL = "\\N"


def canonical_text(frame: pl.DataFrame) -> str:
    r"""Return the rows of a frame as text, in their order; of the types that `_writer` knows.

    For hashes that must stay provable: ours, not a library's CSV. Commas, a heading, quotes only
    where a field is empty or holds a comma, quote or line break; null is `\N`. Months that are
    locked have hashes of it, so that nothing of it may ever change.
    """
    columns = [_column(frame[name]) for name in frame.columns]
    lines = [",".join(frame.columns), *map(",".join, zip(*columns, strict=True))]
    return "\n".join(lines) + "\n"


def _column(column: pl.Series) -> list[str]:
    write = _writer(column.dtype)
    return [_NULL if value is None else write(value) for value in column.to_list()]


def _writer(kind: pl.DataType) -> Callable[[Any], str]:
    if kind == pl.String():
        return _quote
    if isinstance(kind, pl.List):
        return lambda values: _quote("\x1f".join(text for text in values if text is not None))
    if isinstance(kind, pl.Decimal):
        return _decimal
    if isinstance(kind, pl.Datetime):
        return _timestamp
    if kind == pl.Boolean():
        return lambda value: "true" if value else "false"
    if kind == pl.Date():
        return date.isoformat
    return str


def _quote(text: str) -> str:
    if text and not any(mark in text for mark in ',"\n\r'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _decimal(value: Decimal) -> str:
    return f"{value:f}"


def _timestamp(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}+0000"
