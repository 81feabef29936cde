"""The words of a finding: amounts, energies, durations and times as finance reads them."""

import re
from collections.abc import Callable
from string import Formatter

import polars as pl

from models.money import OTHER_DECIMALS, USUAL_DECIMALS, currency_decimals

UNKNOWN = "unknown"
_THOUSANDS = 3
_DAY_MIN = 24 * 60
_DAYS_FROM_MIN = 2 * _DAY_MIN


def sentence(template: str, **values: pl.Expr) -> pl.Expr:
    """Return a sentence with facts in it; an unknown one reads as such.

    Args:
        template: `{fact}` as it is, `{fact:kind}` as its kind is written: money, kwh, percent,
            duration (of seconds), hours, rule, timestamp, day, or a number of decimals.
        values: what stands for names that are no facts.
    """
    text, texts = "", []
    for literal, name, kind, _ in Formatter().parse(template):
        text += literal
        if name is not None:
            text += "{}"
            texts.append(_written(values.get(name, pl.col(name)), kind or ""))
    return pl.format(text, *texts) if texts else pl.lit(text)


def either(condition: pl.Expr, text: str, otherwise: str) -> pl.Expr:
    """Return one sentence where a condition holds, and another elsewhere."""
    return pl.when(condition).then(sentence(text)).otherwise(sentence(otherwise))


def _written(value: pl.Expr, kind: str) -> pl.Expr:
    if kind.isdecimal():
        value = decimals(value, int(kind))
    elif kind:
        value = _KINDS[kind](value)
    return value.cast(pl.String).fill_null(UNKNOWN)


def decimals(value: pl.Expr | str, places: int) -> pl.Expr:
    """Return a number with so many decimals, rounded half away from zero."""
    column = pl.col(value) if isinstance(value, str) else value
    rounded = column.cast(pl.Decimal(38, 9)).round(places, mode="half_away_from_zero")
    return rounded.cast(pl.Decimal(38, places)).cast(pl.String)


def separated(text: pl.Expr) -> pl.Expr:
    """Return a number's text with a comma between thousands, up to a million millions."""
    for _ in range(_THOUSANDS):
        text = text.str.replace(r"^(-?\d+)(\d{3})([.,]|$)", "${1},${2}${3}")
    return text


def money(value: pl.Expr | str) -> pl.Expr:
    """Return an amount with its currency, to the minor unit: `1,228.60 EUR`."""
    text = decimals(value, USUAL_DECIMALS)
    for places in OTHER_DECIMALS:
        text = pl.when(currency_decimals() == places).then(decimals(value, places)).otherwise(text)
    return pl.format("{} {}", separated(text).fill_null(UNKNOWN), pl.col("currency"))


def kwh(value: pl.Expr | str) -> pl.Expr:
    """Return an energy: `1,212.345 kWh`."""
    return pl.format("{} kWh", separated(decimals(value, 3)).fill_null(UNKNOWN))


def percent(value: pl.Expr | str) -> pl.Expr:
    """Return a rate in percent: `21.0 %`."""
    return pl.format("{} %", decimals(value, 1).fill_null(UNKNOWN))


def rule(value: pl.Expr) -> pl.Expr:
    """Return rules by their names in words."""
    return value.map_elements(rule_words, return_dtype=pl.String)


def rule_words(rule_id: str) -> str:
    """Return a rule by its name in words: `energy implausible`."""
    words = rule_id.replace("_", " ").lower()
    return re.sub(r"\b(cdr|evse|vat)(?=s?\b)", lambda name: name[0].upper(), words)


def duration(seconds: pl.Expr | str) -> pl.Expr:
    """Return a duration: `3 h 05 min`, from two days on `35 days`."""
    column = (pl.col(seconds) if isinstance(seconds, str) else seconds).cast(pl.Int64)
    minutes = (column.abs() + 30) // 60
    sign = pl.when(column < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    two_digits = (minutes % 60).cast(pl.String).str.zfill(2)
    return (
        pl.when(minutes >= _DAYS_FROM_MIN)
        .then(pl.format("{}{} days", sign, (minutes + _DAY_MIN // 2) // _DAY_MIN))
        .otherwise(pl.format("{}{} h {} min", sign, minutes // 60, two_digits))
    )


def timestamp(value: pl.Expr | str) -> pl.Expr:
    """Return a timestamp: `3 Oct 2026 18:05 UTC`."""
    column = pl.col(value) if isinstance(value, str) else value
    return column.dt.strftime("%-d %b %Y %H:%M UTC")


def day(value: pl.Expr | str) -> pl.Expr:
    """Return a day: `3 Oct 2026`."""
    column = pl.col(value) if isinstance(value, str) else value
    return column.dt.strftime("%-d %b %Y")


_KINDS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "money": money,
    "kwh": kwh,
    "percent": percent,
    "rule": rule,
    "duration": duration,
    "hours": lambda hours: duration(hours * 3600),
    "timestamp": timestamp,
    "day": day,
}
