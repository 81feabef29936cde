"""`roamhouse price --json`: one object, written some CDRs at a time, as it can be large."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

import polars as pl

from models.tables.rating import PARTS
from pipelines.stages.rating.pricing import PricedCdrs

_AMOUNTS = (
    "quantity",
    "billed_quantity",
    "unit_price",
    "amount_excl_vat",
    "vat_rate",
    "vat_amount",
    "amount_incl_vat",
)
_TOTALS = (("total", "total_cost", "expected"),
           *((part, f"total_{part}_cost", f"{part}_cost") for part in PARTS))  # fmt: skip


class _Writable(Protocol):
    def write(self, text: str, /) -> int: ...


def write_json(priced: Iterable[PricedCdrs], file: _Writable) -> bool:
    """Write the CDRs of all files as one object; tell whether any of them differs.

    `file`: takes the object; it is ASCII.
    """
    refused: list[str] = []
    differs = False
    file.write('{"cdrs": [')
    separator = ""
    for some in priced:
        texts = list(cdr_objects(some))
        if texts:
            file.write(separator + ", ".join(texts))
            separator = ", "
        refused += [json.dumps({"id": i, "reasons": list(why)}) for i, why in some.refused]
        differs |= some.differs
    file.write(f'], "refused": [{", ".join(refused)}]}}\n')
    return differs


def cdr_objects(priced: PricedCdrs) -> Iterator[str]:
    """Yield each CDR as JSON in ASCII; amounts are decimal strings, null is unknown."""
    rated = priced.rated
    prices = rated.prices.rename({"currency": "price_currency"})
    rows = pl.concat(
        [rated.cdrs.drop("currency"), prices.drop(set(rated.cdrs.columns) & set(prices.columns)),
         priced.judged],
        how="horizontal",
    ).with_row_index("cdr_row")  # fmt: skip
    lines = _lines(rated.lines())
    head = pl.struct(
        "id",
        pl.col("price_currency").alias("currency"),
        *(_amount(f"expected_{side}_vat") for side in ("excl", "incl")),
        *(_amount(f"total_cost_{side}_vat", f"claimed_{side}_vat") for side in ("excl", "incl")),
        "verdict",
        "reason",
        "cause",
    )
    tail = pl.struct(
        pl.coalesce("lines", pl.lit([], dtype=lines.schema["lines"])).alias("lines"),
        pl.col("notes").fill_null([]),
    )
    text = pl.concat_str(
        head.struct.json_encode().str.strip_suffix("}"),
        pl.lit(',"totals":['),
        pl.concat_str(_totals(), separator=",", ignore_nulls=True),
        pl.lit("],"),
        tail.struct.json_encode().str.strip_prefix("{"),
    )
    joined = rows.with_columns(pl.col("cdr_row").cast(pl.Int64)).join(
        lines, on="cdr_row", how="left", maintain_order="left"
    )
    yield from map(_ascii, joined.select(text.alias("text")).get_column("text"))


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of each CDR."""
    line = pl.struct(
        "period_index",
        "dimension",
        "part",
        *(_amount(name) for name in _AMOUNTS),
        "tariff_id",
        "element_index",
    )
    grouped = lines.select("cdr_row", line.alias("lines")).group_by("cdr_row", maintain_order=True)
    return grouped.agg("lines")


def _totals() -> list[pl.Expr]:
    """Return each total as JSON that the claim states or the price knows; null: neither does."""
    return [
        pl.when(
            pl.col(f"{claimed}_{side}_vat").is_not_null()
            | (pl.col(f"{expected}_{side}_vat") != 0).fill_null(value=False)
        ).then(
            pl.concat_str(
                pl.lit(f'{{"name":"{name}","side":"{side}","claimed":'),
                _quoted(_amount(f"{claimed}_{side}_vat")),
                pl.lit(',"expected":'),
                _quoted(_amount(f"{expected}_{side}_vat")),
                pl.lit("}"),
            )
        )
        for name, claimed, expected in _TOTALS
        for side in ("excl", "incl")
    ]


def _quoted(amount: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), amount, pl.lit('"')).fill_null("null")


def _amount(column: str, name: str | None = None) -> pl.Expr:
    """Return a decimal as text with two decimals or as many as it needs."""
    amount = pl.col(column)
    cents = amount.cast(pl.Decimal(38, 2))
    text = (
        pl.when(amount == cents)
        .then(cents.cast(pl.String))
        .otherwise(amount.cast(pl.String).str.strip_chars_end("0"))
    )
    return text.alias(name or column)


def _ascii(text: str) -> str:
    """Return JSON with what is not ASCII escaped: any output can carry it, nothing is raw in it."""
    if text.isascii():
        return text
    return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)
