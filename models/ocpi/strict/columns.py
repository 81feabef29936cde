"""Whole columns of clean values: what is clean, and what it means, as polars expressions.

A value is clean exactly where the lenient reader of the same kind would note nothing. Columns
come in as texts (numbers as their JSON text) or booleans; null is unknown and clean.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.ocpi.field_kinds import Alpha2, Alpha3, Currency, Enum, Flag, Instant, Json, Kind, Text

NO_NUMBER = ("", "null")
UNREADABLE = ""  # stands for JSON that no canonical text can be made of
_WHOLE_SECOND = len("2026-10-01T00:00:00Z")
# A moment that exists: each month with its days, 29 February in the leap years of this century.
_DAY = (
    r"(?:[1-9]DDD-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]D|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]D|30)"
    r"|02-(?:0[1-9]|1D|2[0-8]))|20(?:[02468][048]|[13579][26])-02-29)"
)
_INSTANT = rf"^{_DAY}T(?:[01]D|2[0-3]):[0-5]D:[0-5]D(?:\.D{{1,6}})?Z$".replace("D", "[0-9]")
_PLAIN, _BETWEEN = "-", "\x1f"
_DIRTY_TEXTS = (
    r"(?:^|\x1f)(?:\s|\x1f|$)|\s(?:\x1f|$)|[\x00-\x1e\x7f-\x{9f}]"
    r"|[\x{c2}-\x{f4}][\x{80}-\x{bf}\x{20ac}\x{2018}-\x{203a}\x{152}-\x{17e}\x{2c6}\x{2dc}]"
)
_CURRENCY = "^[A-Z]{3}$"


def conditions(kind: Kind, text: pl.Expr) -> list[pl.Expr]:
    """Return what holds where a column of a kind is clean, beyond what its strict type ensures."""
    if isinstance(kind, (Flag, Enum, Alpha2, Alpha3)):
        return []
    if isinstance(kind, Text):
        fits = [] if kind.limit is None else [_or_null(text.str.len_chars() <= kind.limit)]
        return [*fits, _or_null(text == text.str.to_uppercase())] if kind.upper else fits
    if isinstance(kind, Instant):
        return is_clean_instant(text)
    if isinstance(kind, Currency):
        return [_or_null(text.str.contains(_CURRENCY))]
    if isinstance(kind, Json):
        return [_or_null(text != UNREADABLE)]
    raise TypeError(f"no columns for {type(kind).__name__}")


def value(kind: Kind, text: pl.Expr) -> pl.Expr | None:
    """Return the values of a clean column of a kind; None: they are the column itself."""
    return instants(text) if isinstance(kind, Instant) else None


def are_clean_texts(names: Sequence[str]) -> list[pl.Expr]:
    """Return what holds where none of these texts needs cleaning: looked at together, for speed."""
    if not names:
        return []
    joined = pl.concat_str([pl.col(name).fill_null(_PLAIN) for name in names], separator=_BETWEEN)
    separators = joined.str.count_matches(_BETWEEN, literal=True)
    return [separators == len(names) - 1, ~joined.str.contains(_DIRTY_TEXTS)]


def is_clean_instant(text: pl.Expr) -> list[pl.Expr]:
    """Return what holds where a text is a moment as the spec writes it."""
    return [_or_null(text.str.contains(_INSTANT))]


def instants(text: pl.Expr) -> pl.Expr:
    """Moments; null where there is none."""
    # A format without a fraction is five times as fast as one with, and what most partners send.
    whole = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us")
    rest = pl.when(text.str.len_bytes() > _WHOLE_SECOND).then(text)
    fine = rest.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", strict=False, time_unit="us")
    return pl.coalesce(whole, fine).dt.replace_time_zone("UTC")


def number_pattern(scale: int) -> str:
    """Return a number in plain notation that a DECIMAL(18, `scale`) holds exactly."""
    return rf"^-?(0|[1-9][0-9]{{0,{18 - scale - 1}}})(\.[0-9]{{1,{scale}}})?$"


def decimals(text: pl.Expr, scale: int) -> pl.Expr:
    """Exact numbers from their texts; null where there is none."""
    return text.cast(pl.Decimal(18, scale), strict=False)


def _or_null(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=True)
