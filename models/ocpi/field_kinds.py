"""The kinds of field that OCPI objects have: how one JSON value becomes one column value.

Each kind reads leniently and notes what it had to repair. Which field is of which kind is
declared in `models.ocpi.maps`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from models.ocpi.issues import Issues
from models.ocpi.json.canonical import LAST_UPDATED, content_text
from models.ocpi.values.countries import ALPHA2_OF, ALPHA3_OF, ALPHA3_OF_HABIT
from models.ocpi.values.enumerations import Vocabulary
from models.ocpi.values.numbers import read_number
from models.ocpi.values.texts import read_text
from models.ocpi.values.timestamps import is_zone, read_instant

_INT32_MAX = 2**31 - 1
_FLAGS = {"TRUE": True, "1": True, "YES": True, "FALSE": False, "0": False, "NO": False}


class Kind(Protocol):
    """Reads one JSON value, never null, into a column value; None: unknown."""

    def read(self, value: Any, path: str, issues: Issues) -> Any:
        """Return the column's value; what was repaired goes into `issues`."""


@dataclass(frozen=True)
class Plain:
    """A kind without any choice: how it is read is all there is to it."""

    read: Callable[[Any, str, Issues], Any]


@dataclass(frozen=True)
class Text:
    """OCPI string and CiString, of at most `limit` characters."""

    limit: int | None
    upper: bool = False
    secret: bool = False

    def read(self, value: Any, path: str, issues: Issues) -> str | None:
        """Return a cleaned text."""
        return read_text(value, self.limit, path, issues, upper=self.upper, secret=self.secret)


@dataclass(frozen=True)
class Number:
    """OCPI number, as a DECIMAL(18, `scale`)."""

    scale: int

    def read(self, value: Any, path: str, issues: Issues) -> Decimal | None:
        """Return an exact number."""
        return read_number(value, self.scale, path, issues)


def _whole(value: Any, path: str, issues: Issues) -> int | None:
    """Return a whole number that is not negative; a fraction is rounded half to even."""
    number = read_number(value, 0, path, issues)
    if number is None or 0 <= number <= _INT32_MAX:
        return None if number is None else int(number)
    issues.add_deviation(path, "unusable", value)
    return None


def _flag(value: Any, path: str, issues: Issues) -> bool | None:
    """Return true or false; the usual words and digits for them are coerced."""
    if isinstance(value, bool):
        return value
    flag = _FLAGS.get(str(value).strip().upper())
    issues.add_deviation(path, "unusable" if flag is None else "coerced", value, flag)
    return flag


@dataclass(frozen=True)
class Enum:
    """OCPI enum and OpenEnum."""

    vocabulary: Vocabulary  # its words
    # what stands for a word that is not among them; None: the word itself is kept
    unknown: str | None = None
    strict: bool = False  # whether a word that is not among them gives None

    def read(self, value: Any, path: str, issues: Issues) -> str | None:
        """Return a word of the vocabulary, or what stands for an unknown one."""
        if isinstance(value, str) and self.vocabulary.is_known(value):
            return value
        if isinstance(value, bool):
            value = str(value).upper()
        word = read_text(value, None, path, Issues())
        if word is None:
            issues.add_deviation(path, "empty" if value == "" else "unusable", value, self.unknown)
            return self.unknown
        respelled = self.vocabulary.respelled(word)
        if respelled is not None:
            issues.add_deviation(path, "normalised", value, respelled)
            return respelled
        fallback = None if self.strict else self.unknown or word.upper()
        taken = self.vocabulary.alias(word) or fallback
        issues.add_deviation(path, "unknown_value", value, taken)
        return taken


@dataclass(frozen=True)
class ListOf:
    """A list of values of one kind; a single value in place of a list is taken as one."""

    item: Kind  # the kind of its members
    single: bool = False  # whether the spec itself has a single value here (2.1.1 `tariff_id`)

    def read(self, value: Any, path: str, issues: Issues) -> list[Any] | None:
        """Return the members that could be read."""
        if not isinstance(value, list):
            if not self.single:
                issues.add_deviation(path, "coerced", value, [value])
            member = self.item.read(value, path, issues)
            return None if member is None else [member]
        read = self.item.read
        members = [
            read(item, f"{path}[{i}]", issues) for i, item in enumerate(value) if item is not None
        ]
        return [member for member in members if member is not None]


def _json(value: Any, path: str, issues: Issues) -> str | None:
    """Return canonical JSON text, without any `last_updated`; None where nothing is in it."""
    return content_text(value, LAST_UPDATED)


def _alpha2(value: Any, path: str, issues: Issues) -> str | None:
    """Return an ISO 3166-1 alpha-2 code in upper case; alpha-3 is translated."""
    code = read_text(value, 3, path, issues, upper=True)
    short = ALPHA2_OF.get(code or "")
    if short is not None:
        issues.add_deviation(path, "normalised", value, short)
        return short
    if code is not None and code not in ALPHA3_OF:
        issues.add_deviation(path, "unknown_value", value, code)
    return code


def _alpha3(value: Any, path: str, issues: Issues) -> str | None:
    """Return an ISO 3166-1 alpha-3 code in upper case; alpha-2 is translated."""
    code = read_text(value, 3, path, issues, upper=True)
    if code is None or code in ALPHA2_OF:
        return code
    long = ALPHA3_OF.get(code) or ALPHA3_OF_HABIT.get(code)
    issues.add_deviation(path, "normalised" if long else "unknown_value", value, long or code)
    return long or code


def _currency(value: Any, path: str, issues: Issues) -> str | None:
    """Return an ISO 4217 code in upper case; the signs of euro and pound are translated."""
    code = read_text(value, None, path, issues, upper=True)
    signs = {"€": "EUR", "£": "GBP"}
    if code in signs:
        issues.add_deviation(path, "normalised", value, signs[code])
        return signs[code]
    if code is not None and not (len(code) == 3 and code.isascii() and code.isalpha()):
        issues.add_deviation(path, "unknown_value", value, code)
    return code


def _zone(value: Any, path: str, issues: Issues) -> str | None:
    """Return the name of an IANA time zone; None where tzdata does not have it."""
    name = read_text(value, 255, path, issues)
    if name is None or is_zone(name):
        return name
    issues.add_deviation(path, "unknown_value", value)
    return None


INSTANT = Plain(read_instant)  # OCPI DateTime
WHOLE = Plain(_whole)  # OCPI int
FLAG = Plain(_flag)  # OCPI boolean
JSON = Plain(_json)
ALPHA2 = Plain(_alpha2)  # of a party's country
ALPHA3 = Plain(_alpha3)  # of a place's country
CURRENCY = Plain(_currency)
ZONE = Plain(_zone)
