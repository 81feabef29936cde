"""Columns of tables: their names' endings, where the warehouse names units, decide their format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final, Literal

import polars as pl
import streamlit as st

from dashboards.format import ABSENT
from models.settle.causes import title_of

_UNITS: Final = {
    "_kwh": "kWh",
    "_kw": "kW",
    "_h": "h",
    "_min": "min",
    "_s": "s",
    "_days": "days",
    "_bytes": "bytes",
    "_rate": "%",
}
_TRANSLATED: Final = {"cdr": "CDR", "evse": "EVSE", "kwh": "kWh", "ocpi": "OCPI", "vat": "VAT"}
_FINE: Final = ("per_kwh", "unrounded")
"""Amounts that cents would hide."""
_RIGHT: Final = (
    *("rate", "vat", "vat_bucket", "observed", "expected", "measured", "billed", "unit_price"),
)
"""Figures among which a word may stand."""
_MEASURED: Final = ("cause", "kind", "verdict")
"""Texts that the browser would cut off: it measures the first rows alone."""
_PARTY: Final = ("country_code", "party_id")
"""Two columns that are read as one, as `NL/VLX`."""
_LINE: Final = 75
"""Texts of more letters are long: a line of them pushes other columns out."""
_LINES: Final = 2.8
"""What a high row holds of them; not all lines are full."""
_SHORTEST_LINE: Final = 36
_NAME_LINE: Final = 20
"""What a name takes at most: the rest of a cause is wrapped, as what explains it needs the room."""
_LONGEST_LINE: Final = 110
_MOST: Final = 0.9
_UNLIKE: Final = 1.5
"""The browser leaves out of its measure what is so many times as long as the rest of a column."""
_OFTEN: Final = 0.25
"""The share of rows with a long text from which on all of them are high."""
_LETTER_PX: Final = 6
_PADDING_PX: Final = 24
_ROOM_PX: Final = 84
"""What `unknown` takes; the browser makes room for headings and values alone."""
_SHORT: Final = 8
_MANY: Final = 3
"""Of so many amounts it is said once what they share: long headings push some of them out."""
_MONEY: Final = {"_excl_vat": "excl. VAT", "_incl_vat": "incl. VAT", "_amount": ""}
_DIGITS: Final = {
    "_kwh": 3,
    "_kw": 1,
    "_h": 2,
    "_s": 1,
    "unit_price": 4,
    "quantity": 4,
    "delta": 4,
    "vat_rate": 2,
    "_share": 3,
}
_FINEST: Final = 6
"""Decimals of a share, at most."""
_CAUSES: Final = {"cause": "Cause", "reason_code": "Root cause", "rule_id": "Rule"}
"""Root causes and rules, shown by their names; downloads keep the ids."""
_PLACES: Final = ("_index", "line_number")
"""Places in an order; those that end in `_index` count from nought."""
_NOT_ENDED: Final = {"removed_at": "still there"}
"""Times that are absent because nothing has ended: that is known."""


def visible_columns(frame: pl.DataFrame, hide: Sequence[str]) -> tuple[pl.DataFrame, str | None]:
    """Return the columns to show, and the currency of all amounts where there is just one."""
    currency = _only_currency(frame)
    dropped = [*hide, *(["currency"] if currency else [])]
    visible = frame.drop(dropped, strict=False)
    if set(_PARTY) <= set(visible.columns):
        party = pl.concat_str(_PARTY, separator="/").alias(_PARTY[0])
        visible = visible.with_columns(party).rename({_PARTY[0]: "party"}).drop(_PARTY[1])
    return visible.with_columns(_displayed(column) for column in visible), currency


def _displayed(shown: pl.Series) -> pl.Expr:
    """Return a column as it is read: rounded, zero without a sign, an absent text as a dash."""
    name, dtype = shown.name, shown.dtype
    column = pl.col(name)
    if dtype.is_decimal() or dtype.is_float():
        # The browser cuts off what it does not show, and writes -0.
        rounded = column.round(_shown_decimals(shown), mode="half_away_from_zero")
        return pl.when(rounded == 0).then(0).otherwise(rounded).alias(name)
    if name in _NOT_ENDED and dtype.is_temporal():
        return column.dt.to_string("%Y-%m-%d %H:%M").fill_null(_NOT_ENDED[name])
    if name in _CAUSES:
        column = cause_words(name)
    elif dtype == pl.Date:
        column = column.dt.to_string("%Y-%m-%d")
    elif name == "rules":
        column = column.map_elements(
            lambda ids: ", ".join(map(title_of, ids)), return_dtype=pl.String
        )
    elif dtype == pl.List(pl.String):
        column = column.list.join(", ")
    elif name.endswith(_PLACES):
        # The first is no nought for whoever reads it, and a place is no amount.
        return column + int(name.endswith("_index"))
    elif dtype != pl.String:
        return column
    return column.fill_null(ABSENT)


def cause_words(name: str) -> pl.Expr:
    """Return a column of root causes or rules by their names; null stays null."""
    return pl.col(name).map_elements(title_of, return_dtype=pl.String)


def _decimals(name: str) -> int:
    """Return how many decimals a column of figures shows."""
    if _is_money(name):
        return 4 if any(word in name for word in _FINE) else 2
    return next((d for ending, d in _DIGITS.items() if name.endswith(ending)), 0)


def _step(column: pl.Series) -> float:
    return 10.0 ** -_shown_decimals(column)


def _shown_decimals(column: pl.Series) -> int:
    """Return how many decimals a column shows: shares so many that none reads as all or nothing."""
    least = _decimals(column.name)
    if not column.name.endswith("_share"):
        return least
    parts = column.cast(pl.Float64)
    parts = parts.filter((parts > 0) & (parts < 1))
    return next(
        (
            digits
            for digits in range(least, _FINEST)
            if parts.round(digits).is_between(0, 1, closed="none").all()
        ),
        _FINEST,
    )


def column_config(
    frame: pl.DataFrame,
    labels: Mapping[str, str],
    currency: str | None,
    *,
    wrapped: bool = False,
) -> dict[str, Any]:
    """Return Streamlit's configuration of every column.

    Args:
        frame: what is shown.
        labels: column → heading, where the name does not say it.
        currency: of every amount; None: it stands in a column of its own.
        wrapped: whether rows are high enough for several lines of text.
    """
    said, taxes = _shared(frame, currency)
    told = None if said else currency
    headings = {name: _heading(name, labels.get(name), told, taxes=taxes) for name in frame.columns}
    return {name: _config(frame[name], text, wrapped) for name, text in headings.items()}


def said_once(frame: pl.DataFrame, currency: str | None) -> str | None:
    """Return what is said above a table instead of in the headings of all its amounts."""
    said, _ = _shared(frame, currency)
    return f"Amounts are {said}." if said else None


def _shared(frame: pl.DataFrame, currency: str | None) -> tuple[str, bool]:
    """Return what many amounts share, and whether each still has to say which taxes it holds."""
    amounts = [name for name in frame.columns if _is_money(name)]
    taxes = [next(words for end, words in _MONEY.items() if name.endswith(end)) for name in amounts]
    if len(taxes) < _MANY:
        return "", True
    alike = len(set(taxes)) == 1
    each = "for each kWh" if all("per_kwh" in name for name in amounts) else ""
    unit = " ".join(filter(None, (f"in {currency}" if currency else "", each)))
    shared = (unit, taxes[0] if alike else "")
    return ", ".join(filter(None, shared)), not alike


def _heading(name: str, label: str | None, currency: str | None, *, taxes: bool) -> str:
    """Return a heading; an amount's has its unit, whatever its label."""
    if label is None or _is_money(name):
        return column_title(name, currency, label=label, taxes=taxes)
    return label


def _only_currency(frame: pl.DataFrame) -> str | None:
    if "currency" not in frame.columns or not any(map(_is_money, frame.columns)):
        return None
    found = frame["currency"].unique()
    return found.item(0) if len(found) == 1 else None


def _is_money(name: str) -> bool:
    return name.endswith(tuple(_MONEY))


def column_title(
    name: str, currency: str | None = None, *, label: str | None = None, taxes: bool = True
) -> str:
    """Return a column's name as people read it, with its unit.

    Args:
        name: as `energy_kwh`.
        currency: of an amount; None: it stands elsewhere.
        label: the name of an amount, where its column's does not say it.
        taxes: whether an amount says which taxes it holds.
    """
    for ending, words in _MONEY.items():
        if name.endswith(ending):
            unit = " ".join(filter(None, (currency, words if taxes else "")))
            return ", ".join(filter(None, (label or _words(name.removesuffix(ending)), unit)))
    for ending in sorted(_UNITS, key=len, reverse=True):
        if name.endswith(ending):
            return f"{_words(name.removesuffix(ending))}, {_UNITS[ending]}"
    if name.endswith("_count"):
        return f"{_words(name.removesuffix('_count'))}s"
    if name in _CAUSES:
        return _CAUSES[name]
    for ending in ("_at", "_on", "_share", "_index"):
        name = name.removesuffix(ending)
    return _words(name)


def _words(name: str) -> str:
    text = " ".join(_TRANSLATED.get(word, word) for word in name.split("_"))
    return text[:1].upper() + text[1:]


def _config(column: pl.Series, heading: str, wrapped: bool) -> Any:
    name, dtype = column.name, column.dtype
    if name.endswith("_share"):
        return st.column_config.NumberColumn(heading, format="percent", step=_step(column))
    if isinstance(dtype, pl.Datetime):
        return st.column_config.DatetimeColumn(
            f"{heading} (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC"
        )
    if name in _NOT_ENDED:
        heading = f"{heading} (UTC)"
    if _is_money(name):
        return st.column_config.NumberColumn(heading, format="localized", step=_step(column))
    if name.endswith(_PLACES):
        return st.column_config.NumberColumn(heading, format="%d")
    if dtype.is_numeric():
        width = _ROOM_PX if column.has_nulls() and len(heading) < _SHORT else None
        return st.column_config.NumberColumn(
            heading, format="localized", step=_step(column), width=width
        )
    side: Literal["right"] | None = "right" if name in _RIGHT else None
    return st.column_config.Column(heading, width=_text_width(column, wrapped), alignment=side)


def has_long_texts(frame: pl.DataFrame, *, often: bool) -> bool:
    """Return whether texts need several lines, for which every row is to be high.

    Args:
        frame: what is shown.
        often: whether few of them are none: where a row can be chosen, it is read elsewhere.
    """
    least = _OFTEN if often else 0.0
    return any(_long_share(column) > least for column in frame)


def _text_width(column: pl.Series, wrapped: bool) -> int | None:
    if column.dtype != pl.String or column.is_empty():
        return None
    texts = column.filter(column != ABSENT)
    most = int(texts.str.len_chars().quantile(_MOST) or 0)
    if wrapped and column.name in _CAUSES:
        letters = min(_longest(column), _NAME_LINE)
    elif wrapped and _long_share(column) > 0:
        letters = min(max(_SHORTEST_LINE, ceil(most / _LINES)), _LONGEST_LINE)
    elif column.name in _MEASURED:
        letters = min(max(len(column.name), _longest(column)), _LINE)
    elif _long_share(column) > 0:
        # The browser would make room for the longest; few are.
        letters = min(most, _LINE)
    elif _SHORT < _longest(column) <= _NAME_LINE and _is_unlike(column):
        letters = _longest(column)
    else:
        return None
    return _LETTER_PX * letters + _PADDING_PX


def _is_unlike(column: pl.Series) -> bool:
    return _longest(column) > _UNLIKE * float(str(column.str.len_chars().mean()))


def _longest(column: pl.Series) -> int:
    """Return the letters of the longest text; capitals are a third wider than others."""
    letters = column.str.len_chars() + column.str.count_matches("[A-Z_]") // 3
    return int(str(letters.max() or 0))


def _long_share(column: pl.Series) -> float:
    """Return the share of rows with a long text; nought for what is no text."""
    if column.dtype != pl.String or column.is_empty():
        return 0.0
    return float((column.str.len_chars() > _LINE).sum()) / len(column)
