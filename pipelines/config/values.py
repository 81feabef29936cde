"""The kinds of value a partners file has, each with its unit and its bounds.

A reader raises ValueError with what was *expected* (the caller adds what was found), or
`RefusedValue` with a sentence of its own where the value must not be repeated.
"""

import re
from collections.abc import Iterable
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, ValidationInfo

from models.ocpi.modules import MODULES

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_CADENCES = ("5m", "10m", "15m", "20m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d")
_LONGEST_DAYS = 7320
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class RefusedValue(ValueError):
    """A value that must not be there; its message stands alone and does not repeat it."""


class Party(NamedTuple):
    """An OCPI party; unique as the pair (2.2.1 transport_and_format, "Party identifier")."""

    country_code: str
    party_id: str

    def __str__(self) -> str:
        return f"{self.country_code}/{self.party_id}"


def whole(low: int, high: int) -> BeforeValidator:
    """Return a reader of whole numbers between two, both inclusive."""

    def read(value: object) -> int:
        text = text_of(value)
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return BeforeValidator(read)


def matching(pattern: str, expected: str) -> BeforeValidator:
    """Return a reader of texts that a pattern describes whole, and `expected` in words."""

    def read(value: object) -> str:
        if not re.fullmatch(pattern, text_of(value)):
            raise ValueError(expected)
        return text_of(value)

    return BeforeValidator(read)


def among(words: Iterable[str]) -> BeforeValidator:
    """Return a reader of one of some words."""
    *names, last = words
    return matching("|".join((*names, last)), f"{', '.join(names)} or {last}")


def existing(expected: str) -> BeforeValidator:
    """Return a reader of paths of files that are there, from the partners file's folder."""

    def read(value: object, info: ValidationInfo) -> Path:
        path = read_in_folder(text_of(value), info)
        if not path.is_file():
            raise ValueError(expected)
        return path

    return BeforeValidator(read)


def read_duration(value: object) -> timedelta:
    """Read a length of time: `30s`, `2m`, `1.5h`; at most 366 days."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d)", text_of(value))
    length = timedelta(seconds=float(match[1]) * _SECONDS[match[2]]) if match else None
    if length is None or length > timedelta(days=366):
        raise ValueError("a duration such as 30s, 2m, 6h or 7d (at most 366d)")
    return length


def read_wait(value: object) -> timedelta:
    """Read a duration above zero."""
    length = read_duration(value)
    if not length:
        raise ValueError("a duration above zero such as 30s or 2m")
    return length


def read_retention(value: object) -> timedelta | None:
    """Read how long something is kept: days up to 20 years; None: forever."""
    text = text_of(value)
    if text == "forever":
        return None
    if not re.fullmatch(r"[0-9]{1,4}d", text) or not 0 < int(text[:-1]) <= _LONGEST_DAYS:
        raise ValueError(f"days such as 30d or 3650d (at most {_LONGEST_DAYS}d), or forever")
    return timedelta(days=int(text[:-1]))


def read_destination(value: object) -> str:
    """Read where papers go: a folder, or the variable that holds addresses."""
    text = text_of(value)
    if not (text.startswith("/") or re.fullmatch(r"[A-Z][A-Z0-9_]{0,99}", text)):
        raise ValueError("the whole path of a folder, or the name of an environment variable")
    return text


def read_file_path(value: object) -> Path:
    """Read the path of a file to write: whole, since services start anywhere."""
    path = Path(text_of(value)).expanduser()
    if not path.is_absolute() or "\x00" in text_of(value):
        raise ValueError("the whole path of a file, such as /var/lib/node_exporter/roamhouse.prom")
    return path


def read_size(value: object) -> int:
    """Read a number of bytes: `512KiB`, `64MiB`, `4GiB`; from 1 KiB to 1 TiB."""
    match = re.fullmatch(r"([0-9]{1,9})(B|KiB|MiB|GiB)", text_of(value))
    size = int(match[1]) * _BYTES[match[2]] if match else 0
    if not 1 << 10 <= size <= 1 << 40:
        raise ValueError("a size such as 512KiB, 64MiB or 4GiB (from 1KiB to 1024GiB)")
    return size


def read_memory(value: object) -> int:
    """Read what a database may use of memory: `512MiB`, `4GiB`; from 256 MiB."""
    size = read_size(value)
    if size < 256 << 20:
        raise ValueError("a size such as 512MiB or 4GiB (from 256MiB)")
    return size


def read_rate(value: object) -> float:
    """Read requests in a second; below one for slow partners (0.01: one in 100 s)."""
    text = text_of(value)
    rate = float(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) else 0
    if not 0 < rate <= 1000:
        raise ValueError("requests in a second, above 0 and at most 1000, such as 10 or 0.5")
    return rate


def read_party(value: object) -> Party:
    """Read an OCPI party such as `NL/EMS`; party ids do not tell case apart."""
    match = re.fullmatch(r"([A-Z]{2})/([A-Z0-9]{3})", text_of(value).upper())
    if not match:
        raise ValueError("a party as country code and party id, such as NL/EMS")
    return Party(match[1], match[2])


def read_role(value: object) -> str:
    """Read one of our roles (OCPI Role); a warehouse is no hub."""
    if text_of(value).upper() not in {"EMSP", "CPO", "NSP", "OTHER"}:
        raise ValueError("EMSP, CPO, NSP or OTHER")
    return text_of(value).upper()


def read_variable(value: object) -> str:
    """Read an environment variable's name, in upper case so that a pasted token is noticed."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,79}", text_of(value)):
        raise RefusedValue(
            "expected the name of an environment variable in upper case, such as VOLTIX_TOKEN "
            "(what stands there is not repeated here in case it is the token itself)"
        )
    return text_of(value)


def read_in_folder(text: str, info: ValidationInfo) -> Path:
    """Return the path of a file, from the partners file's folder."""
    if not text or "\x00" in text:
        raise ValueError("a URL or a file path")
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / Path(text).expanduser()


def text_of(value: object) -> str:
    """Return a text as written; nothing else fits any reader, nor does the empty text."""
    return value if isinstance(value, str) else ""


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Wait = Annotated[timedelta, BeforeValidator(read_wait)]
# a part of an hour, of a day, or a day
Cadence = Annotated[timedelta, BeforeValidator(read_duration), among(_CADENCES)]
TimeOfDay = Annotated[
    time, matching("([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day in quotes, such as '07:30'")
]
Retention = Annotated[timedelta | None, BeforeValidator(read_retention)]
Destination = Annotated[str, BeforeValidator(read_destination)]
Copies = Annotated[int, whole(1, 1000)]
Text = Annotated[str, matching(r"(?s).*\S.*", "a text")]
FilePath = Annotated[Path, BeforeValidator(read_file_path)]
Amount = Annotated[
    Decimal, matching(r"[0-9]{1,12}(\.[0-9]{1,6})?", "an amount such as 1000 or 250.50")
]
TableName = Annotated[
    str,
    matching(
        r"(ops|core|rating|recon|settle|mart)(\.[a-z_]+)?",
        "a table such as core.cdrs, or a stage: ops core rating recon settle mart",
    ),
]
Retries = Annotated[int, whole(0, 20)]
Size = Annotated[int, BeforeValidator(read_size)]
Memory = Annotated[int, BeforeValidator(read_memory)]
PageLimit = Annotated[int, whole(1, 100_000)]
Days = Annotated[int, whole(1, 366)]
Rate = Annotated[float, BeforeValidator(read_rate)]
# our key for a connection, which becomes part of asset names and file names
Name = Annotated[
    str,
    matching(
        "[a-z][a-z0-9_]{0,39}",
        "lower-case letters, digits and _, a letter first, at most 40, such as voltix",
    ),
]
ModuleName = Annotated[str, among(MODULES)]
PartyName = Annotated[Party, BeforeValidator(read_party)]
RoleName = Annotated[str, BeforeValidator(read_role)]
TokenListFile = Annotated[Path, existing("a JSON file that exists")]
Variable = Annotated[str, BeforeValidator(read_variable)]
# authorities that may sign a partner's certificate
CaFile = Annotated[Path, existing("a PEM file that exists")]
