"""Hashes of closed months and of rates: of our own text, and the same for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.settle.document import canonical_text
from models.settle.fx import QUOTES_SCHEMA, fx_table
from models.settle.view import LockedMonth
from pipelines.decisions.serialization import rows_sha256

KEY = {
    "partner": "voltix",
    "cdr_country_code": "NL",
    "cdr_party_id": "VOL",
    "month": "2026-10",
    "country_code": "NL",
    "party_id": "VOL",
    "currency": "EUR",
    "direction": "payable",
    "section": "roaming",
}
AT = datetime(2026, 10, 10, 12, 0, 0, 678, tzinfo=UTC)


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    kinds = {
        "payable_excl_vat": pl.Decimal(18, 6),
        "basis_at": pl.Datetime("us", "UTC"),
        "rules": pl.List(pl.String()),
    }
    return pl.DataFrame(
        [{**KEY, **row} for row in rows],
        schema_overrides={name: kind for name, kind in kinds.items() if name in rows[0]},
    )


def locked_month() -> LockedMonth:
    lines = frame(
        {
            **{"cdr_id": "b", "basis_at": AT, "credit": True, "rules": ["X", None, "Y"]},
            **{"message": 'said "no",\nthen', "payable_excl_vat": D("-1.5"), "empty": None},
        },
        {
            **{"cdr_id": "a", "basis_at": None, "credit": False, "rules": []},
            **{"message": "", "payable_excl_vat": D("12345678.123456"), "empty": None},
        },
    )
    vat = frame({"cdr_id": "a", "vat_country": "NL", "vat_bucket": "21.00"})
    return LockedMonth(lines, vat, frame({"cdr_count": 2, "payable_excl_vat": D(0)}))


def test_a_month_that_was_locked_before_keeps_its_hash() -> None:
    assert rows_sha256(locked_month()) == (
        "cf07ff776b865cdfd57c96e314da8342e2bdb333bb9359ff967d0cb6b7a0207c"
    )


def test_rates_that_were_locked_before_keep_their_hash() -> None:
    rows = [("DKK", date(2026, 10, 9), D("7.5")), ("USD", date(2026, 10, 9), D("1.2"))]
    table = fx_table("EUR", pl.DataFrame(rows, schema=QUOTES_SCHEMA, orient="row"))
    assert table.sha256 == "0003e826f60632323620d57d39f135753de0847990945144c611d50e74670210"


def test_the_text_is_written_out() -> None:
    text = canonical_text(locked_month().lines.select("cdr_id", "basis_at", "credit", "rules"))
    assert text == (
        "cdr_id,basis_at,credit,rules\n"
        "b,2026-10-10T12:00:00.000678+0000,true,X\x1fY\n"
        'a,\\N,false,""\n'
    )
    assert canonical_text(locked_month().lines.select("message", "payable_excl_vat")) == (
        'message,payable_excl_vat\n"said ""no"",\nthen",-1.500000\n"",12345678.123456\n'
    )


@pytest.mark.parametrize("null", ["\\N"])
@given(
    texts=st.lists(st.none() | st.text(max_size=8), min_size=1, max_size=5),
    amount=st.decimals("-99999999999", "99999999999", places=6),
)
def test_the_text_is_that_of_months_closed_before(
    null: str, texts: list[str | None], amount: D
) -> None:
    rows = pl.DataFrame(
        {"text": texts, "amount": [amount] * len(texts), "count": list(range(len(texts)))},
        schema={"text": pl.String(), "amount": pl.Decimal(18, 6), "count": pl.Int64()},
    )
    assert canonical_text(rows) == rows.write_csv(null_value=null)
