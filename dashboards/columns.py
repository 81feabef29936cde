"""How a column is shown, told from the ending of its name: the warehouse names units there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

_UNITS: Final = {
    "_kwh": "kWh",
    "_kw": "kW",
    "_h": "h",
    "_min": "min",
    "_s": "s",
    "_days": "days",
    "_bytes": "bytes",
}
_SPELT: Final = {"cdr": "CDR", "evse": "EVSE", "kwh": "kWh", "vat": "VAT"}
_PRICE: Final = "per_kwh"
_MONEY: Final = {"_excl_vat": "excl. VAT", "_incl_vat": "incl. VAT"}
_DIGITS: Final = {
    "_kwh": 3,
    "_kw": 1,
    "_h": 2,
    "_s": 1,
    "unit_price": 4,
    "quantity": 4,
    "delta": 4,
    "vat_rate": 2,
}
_ABSENT: Final = "\N{EN DASH}"


def shown(frame: pl.DataFrame, hide: Sequence[str]) -> tuple[pl.DataFrame, str | None]:
    """The columns to show, and the currency of all amounts where there is just one.

    Args:
        frame: all columns.
        hide: those to leave out.
    """
    currency = _only_currency(frame)
    dropped = [*hide, *(["currency"] if currency else [])]
    visible = frame.drop(dropped, strict=False)
    return visible.with_columns(
        _text(name, dtype) for name, dtype in visible.schema.items()
    ), currency


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Where a text or a date is absent there is nothing to say; a figure would be unknown."""
    column = pl.col(name)
    if dtype == pl.Date:
        column = column.dt.to_string("%Y-%m-%d")
    elif dtype == pl.List(pl.String):
        column = column.list.join(", ")
    elif dtype != pl.String:
        return column
    return column.fill_null(_ABSENT)


def column_config(
    frame: pl.DataFrame, labels: Mapping[str, str], currency: str | None
) -> dict[str, Any]:
    """Streamlit's configuration of every column.

    Args:
        frame: what is shown.
        labels: column → heading, where the name does not say it.
        currency: of every amount; None: it stands in a column of its own.
    """
    return {
        name: _config(name, dtype, labels.get(name) or _heading(name, currency))
        for name, dtype in frame.schema.items()
    }


def _only_currency(frame: pl.DataFrame) -> str | None:
    if "currency" not in frame.columns or not any(map(_is_money, frame.columns)):
        return None
    found = frame["currency"].unique()
    return found.item(0) if len(found) == 1 else None


def _is_money(name: str) -> bool:
    return name.endswith(tuple(_MONEY))


def _heading(name: str, currency: str | None) -> str:
    for ending, words in _MONEY.items():
        if name.endswith(ending):
            unit = f"{currency} {words}" if currency else words
            return f"{_words(name.removesuffix(ending))}, {unit}"
    for ending in sorted(_UNITS, key=len, reverse=True):
        if name.endswith(ending):
            return f"{_words(name.removesuffix(ending))}, {_UNITS[ending]}"
    if name.endswith("_count"):
        return f"{_words(name.removesuffix('_count'))}s"
    for ending in ("_at", "_on", "_share"):
        name = name.removesuffix(ending)
    return _words(name)


def _words(name: str) -> str:
    text = " ".join(_SPELT.get(word, word) for word in name.split("_"))
    return text[:1].upper() + text[1:]


def _config(name: str, dtype: pl.DataType, heading: str) -> Any:
    if name.endswith("_share"):
        return st.column_config.NumberColumn(heading, format="percent", step=0.001)
    if isinstance(dtype, pl.Datetime):
        return st.column_config.DatetimeColumn(
            f"{heading} (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC"
        )
    if _is_money(name):
        step = 0.0001 if _PRICE in name else 0.01
        return st.column_config.NumberColumn(heading, format="localized", step=step)
    if dtype.is_numeric():
        digits = next((d for ending, d in _DIGITS.items() if name.endswith(ending)), 0)
        return st.column_config.NumberColumn(heading, format="localized", step=10**-digits)
    return st.column_config.Column(heading, width="large" if name == "message" else None)
