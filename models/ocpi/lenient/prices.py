"""Claimed amounts in every version's shape (OCPI Price, types).

2.1.1: a number, before taxes. 2.2.x: `excl_vat`, `incl_vat`. 2.3.0: `before_taxes` and a list
of taxes. An amount after taxes is known only where taxes were stated.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.ocpi.issues import Issues
from models.ocpi.json.canonical import canonical_text
from models.ocpi.values.numbers import fitted, read_decimal, read_number

MONEY_SCALE = 6
_NAMES = {
    "2.3.0": (("before_taxes", "excl_vat"), ("after_taxes", "incl_vat")),
    "2.2.x": (("excl_vat", "before_taxes"), ("incl_vat", "after_taxes")),
}


@dataclass(frozen=True, slots=True)
class Price:
    """An amount before and after taxes; None: not stated."""

    excl: Decimal | None = None
    incl: Decimal | None = None
    taxes: str | None = None


def read_price(value: Any, version: str, path: str, issues: Issues) -> Price:
    """Return an OCPI Price: an object, or a number before taxes.

    The names of the version are expected; others are noted as renamed.
    """
    if not isinstance(value, dict):
        excl = read_number(value, MONEY_SCALE, path, issues)
        if excl is not None and version != "2.1.1":
            issues.add_deviation(path, "coerced", value, {_spellings(version)[0][0]: excl})
        return Price(excl)
    excl_names, incl_names = _spellings(version)
    excl = _member(value, excl_names, path, issues)
    incl = _member(value, incl_names, path, issues)
    taxes = value.get("taxes")
    if excl is None:
        issues.add_deviation(f"{path}.{excl_names[0]}", "absent")
    if incl is None and excl is not None and isinstance(taxes, list) and taxes:
        incl = _with_taxes(excl, taxes, path, issues)
    return Price(excl, incl, canonical_text(taxes) if taxes else None)


def put_price(
    row: dict[str, Any], name: str, tree: dict[str, Any], version: str, issues: Issues
) -> Price:
    """Put the price that an object has under a name into `<name>_excl_vat` and `<name>_incl_vat`.

    Returns:
        The price; of nothing where the object has none.
    """
    sent = tree.get(name)
    price = Price() if sent is None else read_price(sent, version, name, issues)
    row[f"{name}_excl_vat"], row[f"{name}_incl_vat"] = price.excl, price.incl
    return price


def _spellings(version: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return _NAMES["2.3.0" if version == "2.3.0" else "2.2.x"]


def _member(
    value: dict[str, Any], names: tuple[str, str], path: str, issues: Issues
) -> Decimal | None:
    for name in names:
        if value.get(name) is not None:
            if name != names[0]:
                issues.add_deviation(f"{path}.{names[0]}", "renamed", name, names[0])
            return read_number(value[name], MONEY_SCALE, f"{path}.{name}", issues)
    return None


def _with_taxes(excl: Decimal, taxes: list[Any], path: str, issues: Issues) -> Decimal | None:
    total = excl
    for i, tax in enumerate(taxes):
        at = f"{path}.taxes[{i}].amount"
        sent = tax.get("amount") if isinstance(tax, dict) else None
        if sent is None:
            issues.add_deviation(at, "absent")
            return None
        amount = read_decimal(sent, at, issues)
        if amount is None:
            return None
        total += amount
    return fitted(total, MONEY_SCALE, f"{path}.taxes", issues)
