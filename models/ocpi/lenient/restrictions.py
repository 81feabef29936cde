"""Tariff restrictions, mended without ever making them weaker (OCPI TariffRestrictions).

An element whose restriction was dropped would apply where it must not. So what cannot be read
is kept under a name of its own, and where it could decide rating gives no price:
`unusable_<field>` for a value, `restrictions_list` for several sets of restrictions.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from models.ocpi.field_kinds import Enum
from models.ocpi.issues import Issues
from models.ocpi.json.canonical import canonical, canonical_number
from models.ocpi.values import enumerations as words
from models.ocpi.values.numbers import read_decimal
from models.ocpi.values.timestamps import read_date, read_time

RESTRICTIONS_LIST = "restrictions_list"
UNUSABLE = "unusable_"
_Reader = Callable[[Any, str, Issues], Any]
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def read_restrictions(value: Any, path: str, issues: Issues) -> dict[str, Any]:
    """Return the restrictions of one element in canonical form; empty: it is unrestricted.

    Known fields are mended, unknown ones kept under their own name, null and empty ones dropped.
    """
    if isinstance(value, list):
        sets = [item for item in value if not says_nothing(item)]
        issues.add_deviation(path, "coerced", value, sets[0] if len(sets) == 1 else sets)
        if len(sets) > 1:
            return {RESTRICTIONS_LIST: canonical(sets)}
        value = sets[0] if sets else {}
    if isinstance(value, str) and not value.strip():
        issues.add_deviation(path, "empty", value)
        return {}
    if not isinstance(value, dict):
        issues.add_deviation(path, "unusable", value)
        return {f"{UNUSABLE}restrictions": canonical(value)}
    restrictions: dict[str, Any] = {}
    for sent_name, sent in value.items():
        name = _known_name(sent_name)
        if name != sent_name:
            issues.add_deviation(f"{path}.{sent_name}", "renamed", sent_name, name)
        if not says_nothing(sent):
            restrictions.update(_read_one(name, sent, f"{path}.{sent_name}", issues))
    return restrictions


def take_restrictions(element: dict[str, Any], path: str, issues: Issues) -> Any:
    """Take out of an element what restricts it, whatever the member is called; None: nothing does.

    An element whose restrictions stand under another name, or beside its components, would look
    unrestricted.
    """
    sets = [element.pop("restrictions", None)]
    alone: dict[str, Any] = {}
    for sent_name in [name for name in element if name != "price_components"]:
        name = _known_name(sent_name)
        if name in _READERS:
            alone[sent_name] = element.pop(sent_name)
        elif _snake(sent_name).endswith(("restriction", "restrictions")):
            sets.append(element.pop(sent_name))
            name = "restrictions"
        else:
            continue
        issues.add_deviation(f"{path}.{sent_name}", "renamed", sent_name, f"restrictions.{name}")
    said = [one for one in (*sets, alone) if not says_nothing(one)]
    if not said:
        return sets[0]
    names = [_known_name(name) for one in said if isinstance(one, dict) for name in one]
    if all(isinstance(one, dict) for one in said) and len(set(names)) == len(names):
        said = [{name: value for one in said for name, value in one.items()}]
    return said[0] if len(said) == 1 else said


def _read_one(name: str, sent: Any, path: str, issues: Issues) -> dict[str, Any]:
    reader = _READERS.get(name)
    if reader is None:
        issues.add_deviation(path, "unknown_value", sent, sent)
        return {name: canonical(sent)}
    mark = len(issues.deviations)
    taken = reader(sent, path, issues)
    if taken is None or taken == []:
        del issues.deviations[mark:]
        issues.add_deviation(path, "unusable", sent)
        kept = _readable_days(sent) if name == "day_of_week" else sent
        return {UNUSABLE + name: canonical(kept)}
    return {name: taken}


def _known_name(name: str) -> str:
    snake = _snake(name)
    return snake if snake in _READERS else name


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name.strip()).replace("-", "_").lower()


def says_nothing(value: Any) -> bool:
    """Return whether a JSON value holds nothing but nulls, empty texts and empty lists."""
    if isinstance(value, dict):
        return all(says_nothing(member) for member in value.values())
    return value is None or value in ("", [])


def _number(value: Any, path: str, issues: Issues) -> int | Decimal | None:
    number = read_decimal(value, path, issues)
    return None if number is None else canonical_number(number)


def _days(value: Any, path: str, issues: Issues) -> list[str] | None:
    """Return the weekdays; None where one is none, because dropping it changes the tariff."""
    sent = value if isinstance(value, list) else [value]
    if sent is not value:
        issues.add_deviation(path, "coerced", value, sent)
    days = [_DAY.read(day, f"{path}[{i}]", issues) for i, day in enumerate(sent)]
    known = [day for day in days if day is not None]
    return known if len(known) == len(days) else None


def _readable_days(sent: Any) -> Any:
    """Return the list with readable days in OCPI's spelling, the others as they were sent."""
    if not isinstance(sent, list):
        return sent
    return [_DAY.read(day, "", Issues()) or day for day in sent]


_DAY = Enum(words.DAY_OF_WEEK, strict=True)
_NUMBERS = (
    *("min_kwh", "max_kwh", "min_current", "max_current"),
    *("min_power", "max_power", "min_duration", "max_duration"),
)
_READERS: dict[str, _Reader] = {
    "start_time": read_time,
    "end_time": partial(read_time, is_end=True),
    "start_date": read_date,
    "end_date": read_date,
    **dict.fromkeys(_NUMBERS, _number),
    "day_of_week": _days,
    "reservation": Enum(words.RESERVATION_RESTRICTION, strict=True).read,
}
