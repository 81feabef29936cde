"""Claimed amounts of a whole page at once (OCPI Price of 2.2.x and 2.3.0)."""

from collections.abc import Sequence

import msgspec
import polars as pl
from msgspec import Raw

from models.ocpi.json.canonical import canonical_text
from models.ocpi.json.parse import NOT_JSON, parse_strictly
from models.ocpi.lenient.prices import MONEY_SCALE
from models.ocpi.strict.columns import UNREADABLE, Columns, Members, decimals, number_pattern
from models.ocpi.strict.structs import NOTHING, Price22, Price23, Tax

_PATTERN = number_pattern(MONEY_SCALE)
_NO_TAXES = (b"", b"null", b"[]")
_UNREADABLE_TAXES = [Tax(Raw(b"?"))]
_TAXES = msgspec.json.Decoder(list[Tax])


def price_of(version: str) -> type[Price22 | Price23]:
    """Return the type of a price in a version."""
    return Price23 if version == "2.3.0" else Price22


def add_prices(columns: Columns, names: Sequence[str], members: Members) -> None:
    """Add `<name>_excl_vat` and `<name>_incl_vat` of each member that holds a price.

    Where one is not there, its amounts are unknown.
    """
    for name in names:
        prices = members[name]
        shown = next((price for price in prices if price is not None), None)
        if isinstance(shown, Price22):
            _add_with_vat(columns, name, prices)
        elif shown is not None:
            _add_with_taxes(columns, name, prices)


def add_taxes(columns: Columns, column: str, prices: Sequence[Price22 | Price23]) -> None:
    """Add the taxes of 2.3.0 prices as canonical JSON; null where none were stated."""
    texts = list(map(_taxes_text, prices))
    if any(text is not None for text in texts):
        columns.raw[column] = pl.Series(column, texts, dtype=pl.String)
        columns.clean.append((pl.col(column) != UNREADABLE).fill_null(value=True))


def _add_with_vat(columns: Columns, name: str, prices: list[Price22 | None]) -> None:
    excl = [NOTHING if p is None else p.excl_vat for p in prices]
    incl = [NOTHING if p is None else p.incl_vat for p in prices]
    columns.add_number(f"{name}_excl_vat", excl, MONEY_SCALE, optional=None in prices)
    columns.add_number(f"{name}_incl_vat", incl, MONEY_SCALE, optional=True)
    if None in prices:  # an amount before taxes may only be absent with its price
        columns.clean.append(pl.col(f"{name}_excl_vat") != "null")


def _add_with_taxes(columns: Columns, name: str, prices: list[Price23 | None]) -> None:
    excl = [NOTHING if p is None else p.before_taxes for p in prices]
    columns.add_number(f"{name}_excl_vat", excl, MONEY_SCALE, optional=None in prices)
    if None in prices:
        columns.clean.append(pl.col(f"{name}_excl_vat") != "null")
    taxes = [[] if p is None else _taxes(p.taxes) for p in prices]
    incl = decimals(pl.col(f"{name}_excl_vat"), MONEY_SCALE)
    for i in range(max(map(len, taxes))):
        amount = f"_{name}_tax_{i}"
        columns.numbers[amount] = [own[i].amount if i < len(own) else NOTHING for own in taxes]
        text = pl.col(amount)
        columns.clean.append(text.str.contains(_PATTERN) | (text == ""))
        incl = incl + decimals(text, MONEY_SCALE).fill_null(0)
    has_taxes = f"_{name}_has_taxes"
    columns.raw[has_taxes] = pl.Series(has_taxes, map(bool, taxes), dtype=pl.Boolean)
    fitted = incl.cast(pl.Decimal(18, MONEY_SCALE), strict=False)
    columns.clean.append(~pl.col(has_taxes) | fitted.is_not_null())
    columns.values[f"{name}_incl_vat"] = pl.when(pl.col(has_taxes)).then(fitted)


def _taxes(raw: Raw) -> list[Tax]:
    """Return the taxes of one price; ones that cannot be read make it dirty."""
    if raw is NOTHING or bytes(raw) in _NO_TAXES:
        return []
    try:
        return _TAXES.decode(raw)
    except NOT_JSON:
        return _UNREADABLE_TAXES


def _taxes_text(price: Price22 | Price23) -> str | None:
    if not isinstance(price, Price23) or not _taxes(price.taxes):
        return None
    try:
        return canonical_text(parse_strictly(price.taxes))
    except NOT_JSON:
        return UNREADABLE
