"""Whole columns of clean values: what is clean, and what it means, as polars expressions.

A value is clean exactly where the lenient reader of the same kind would note nothing. Columns
come in as texts (numbers as their JSON text) or booleans; null is unknown and clean.
"""

from __future__ import annotations

import polars as pl

from models.wire.countries import ALPHA2_OF, ALPHA3_OF
from models.wire.kinds import Alpha2, Alpha3, Currency, Enum, Flag, Instant, Json, Kind, Text

NO_NUMBER = ("", "null")
UNREADABLE = ""  # stands for JSON that no canonical text can be made of
_WHOLE_SECOND = len("2026-10-01T00:00:00Z")
_INSTANT = r"^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6})?Z$".replace(r"\d", "[0-9]")
_DIRTY_TEXT = (
    r"^\s|\s$|^$|[\x00-\x1f\x7f-\x{9f}]"
    r"|[\x{c2}-\x{f4}][\x{80}-\x{bf}\x{20ac}\x{2018}-\x{203a}\x{152}-\x{17e}\x{2c6}\x{2dc}]"
)
_CURRENCY = "^[A-Z]{3}$"


def conditions(kind: Kind, text: pl.Expr) -> list[pl.Expr]:
    """What holds where a column of a kind is clean."""
    if isinstance(kind, Flag):
        return []
    if isinstance(kind, Text):
        clean = is_clean_text(text, kind.limit)
        return [*clean, _or_null(text == text.str.to_uppercase())] if kind.upper else clean
    if isinstance(kind, Instant):
        return is_clean_instant(text)
    if isinstance(kind, Enum):
        clean_text = text.is_in(kind.vocabulary.values)
    elif isinstance(kind, Alpha2):
        clean_text = text.is_in(tuple(ALPHA3_OF))
    elif isinstance(kind, Alpha3):
        clean_text = text.is_in(tuple(ALPHA2_OF))
    elif isinstance(kind, Currency):
        clean_text = text.str.contains(_CURRENCY)
    elif isinstance(kind, Json):
        clean_text = text != UNREADABLE
    else:
        raise TypeError(f"no columns for {type(kind).__name__}")
    return [_or_null(clean_text)]


def value(kind: Kind, text: pl.Expr) -> pl.Expr | None:
    """The values of a clean column of a kind; None: they are the column itself."""
    return instants(text) if isinstance(kind, Instant) else None


def is_clean_text(text: pl.Expr, limit: int | None) -> list[pl.Expr]:
    """What holds where a text needs no cleaning and is not too long."""
    clean = [_or_null(~text.str.contains(_DIRTY_TEXT))]
    return clean if limit is None else [*clean, _or_null(text.str.len_chars() <= limit)]


def is_clean_instant(text: pl.Expr) -> list[pl.Expr]:
    """What holds where a text is a moment as the spec writes it."""
    return [_or_null(text.str.contains(_INSTANT)), text.is_null() | instants(text).is_not_null()]


def instants(text: pl.Expr) -> pl.Expr:
    """Moments; null where there is none."""
    # A format without a fraction is five times as fast as one with, and what most partners send.
    whole = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us")
    rest = pl.when(text.str.len_bytes() > _WHOLE_SECOND).then(text)
    fine = rest.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", strict=False, time_unit="us")
    return pl.coalesce(whole, fine).dt.replace_time_zone("UTC")


def number_pattern(scale: int) -> str:
    """A number in plain notation that a DECIMAL(18, `scale`) holds exactly."""
    return rf"^-?(0|[1-9][0-9]{{0,{18 - scale - 1}}})(\.[0-9]{{1,{scale}}})?$"


def decimals(text: pl.Expr, scale: int) -> pl.Expr:
    """Exact numbers from their texts; null where there is none."""
    return text.cast(pl.Decimal(18, scale), strict=False)


def _or_null(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=True)
