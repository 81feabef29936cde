"""`roamhouse price --json`: one object, written a column at a time, as it can be large."""

from __future__ import annotations

import json
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
_NULL = pl.lit("null")


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
    text = _object(
        {
            "id": _text(rows, "id"),
            "currency": _text(rows, "price_currency"),
            "expected_excl_vat": _amount("expected_excl_vat"),
            "expected_incl_vat": _amount("expected_incl_vat"),
            "claimed_excl_vat": _amount("total_cost_excl_vat"),
            "claimed_incl_vat": _amount("total_cost_incl_vat"),
            "verdict": _name("verdict"),
            "reason": _name("reason"),
            "cause": _name("cause"),
            "totals": _list(pl.concat_str(_totals(), separator=", ", ignore_nulls=True)),
            "lines": _list(pl.col("lines").fill_null("")),
            "notes": _list(_name_list("notes")),
        }
    )
    joined = rows.with_columns(pl.col("cdr_row").cast(pl.Int64)).join(
        lines, on="cdr_row", how="left", maintain_order="left"
    )
    yield from joined.select(text.alias("text")).get_column("text")


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of each CDR as the members of a JSON list."""
    text = _object(
        {
            "period_index": _count("period_index"),
            "dimension": _name("dimension"),
            "part": _name("part"),
            **{name: _amount(name) for name in _AMOUNTS},
            "tariff_id": _text(lines, "tariff_id"),
            "element_index": _count("element_index"),
        }
    )
    return (
        lines.select("cdr_row", text.alias("lines"))
        .group_by("cdr_row", maintain_order=True)
        .agg(pl.col("lines").str.join(", "))
    )


def _totals() -> list[pl.Expr]:
    """Return each total that the claim states or the price knows, both sides; null: neither."""
    return [
        pl.when(
            pl.col(f"{claimed}_{side}_vat").is_not_null()
            | (pl.col(f"{expected}_{side}_vat") != 0).fill_null(value=False)
        ).then(
            _object(
                {
                    "name": pl.lit(f'"{name}"'),
                    "side": pl.lit(f'"{side}"'),
                    "claimed": _amount(f"{claimed}_{side}_vat"),
                    "expected": _amount(f"{expected}_{side}_vat"),
                }
            )
        )
        for name, claimed, expected in _TOTALS
        for side in ("excl", "incl")
    ]


def _object(members: dict[str, pl.Expr]) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for name, value in members.items():
        pieces += [pl.lit(f'{", " if pieces else "{"}"{name}": '), value]
    return pl.concat_str([*pieces, pl.lit("}")])


def _list(members: pl.Expr) -> pl.Expr:
    return pl.concat_str([pl.lit("["), members, pl.lit("]")])


def _count(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null(_NULL)


def _name(column: str) -> pl.Expr:
    """Return a word of ours as JSON."""
    return pl.concat_str([pl.lit('"'), pl.col(column), pl.lit('"')]).fill_null(_NULL)


def _name_list(column: str) -> pl.Expr:
    joined = pl.concat_str([pl.lit('"'), pl.col(column).list.join('", "'), pl.lit('"')])
    return pl.when(pl.col(column).list.len() > 0).then(joined).otherwise(pl.lit(""))


def _text(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return a partner's text as JSON; each distinct one is written once."""
    written = {text: json.dumps(text) for text in rows.get_column(column).unique().drop_nulls()}
    return pl.col(column).replace_strict(written, default=None, return_dtype=pl.String).fill_null(
        _NULL
    )  # fmt: skip


def _amount(column: str) -> pl.Expr:
    """Return a decimal as text with two decimals or as many as it needs."""
    text = pl.col(column).cast(pl.String).str.replace(r"^(-?\d+\.\d\d\d*?)0+$", "${1}")
    return pl.concat_str([pl.lit('"'), text, pl.lit('"')]).fill_null(_NULL)
