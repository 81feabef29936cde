"""The rows of one page, a column at a time: raw columns in, clean rows in canonical columns out.

A value is clean exactly where the lenient reader of the same kind would note nothing. Columns come
in as texts (numbers as their JSON text) or booleans; null is unknown and clean. Everything that
polars computes is gathered as expressions and run at once, because on a page of a thousand objects
a call costs more than its work.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl
from msgspec import Raw

from models.ocpi.decoded import EmbeddedTariff
from models.ocpi.field_kinds import (
    ALPHA2,
    ALPHA3,
    CURRENCY,
    FLAG,
    INSTANT,
    JSON,
    Enum,
    Kind,
    Number,
    Text,
)
from models.ocpi.fields import Field, Need
from models.ocpi.frames import OBJECT, draft_columns
from models.ocpi.json.canonical import LAST_UPDATED, content_text
from models.ocpi.json.parse import NOT_JSON, parse_strictly
from models.ocpi.strict.structs import NOTHING
from models.tables import BY_NAME

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
    if isinstance(kind, Enum) or kind in (FLAG, ALPHA2, ALPHA3):
        return []
    if isinstance(kind, Text):
        fits = [] if kind.limit is None else [_or_null(text.str.len_chars() <= kind.limit)]
        return [*fits, _or_null(text == text.str.to_uppercase())] if kind.upper else fits
    if kind is INSTANT:
        return is_clean_instant(text)
    if kind is CURRENCY:
        return [_or_null(text.str.contains(_CURRENCY))]
    if kind is JSON:
        return [_or_null(text != UNREADABLE)]
    raise TypeError(f"no columns for {type(kind).__name__}")


def clean_value(kind: Kind, text: pl.Expr) -> pl.Expr | None:
    """Return the values of a clean column of a kind; None: they are the column itself."""
    return instants(text) if kind is INSTANT else None


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


CLEAN = "_clean"
_SEPARATOR = b"\n"
_CACHED = 250  # objects


@dataclass(frozen=True)
class StrictRows:
    """The rows that the strict decoder made of a page."""

    # table → rows with `_object`, as `frames.partial_frame` makes them
    partial_rows: dict[str, pl.DataFrame]
    # places on the page of the objects that are in them; the others are left over
    objects: frozenset[int]
    # tariffs embedded in them, each distinct one with the first that shows it
    embedded: list[EmbeddedTariff]


class Members(dict[str, list[Any]]):
    """Members of objects by their path, taken out of these some at a time."""

    def take(self, objects: Sequence[Any]) -> None:
        """Take the members of further objects."""
        for path, own in self.items():
            own += map(attrgetter(path), objects)


@dataclass
class Columns:
    """Raw columns of one kind of row, what makes a row clean, and what its values are."""

    raw: dict[str, pl.Series] = field(default_factory=dict)  # columns as polars takes them in
    # columns of raw JSON numbers, taken in together as texts
    numbers: dict[str, Sequence[Raw]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)  # columns of texts that must need no cleaning
    # each true where the lenient reader would note nothing
    clean: list[pl.Expr] = field(default_factory=list)
    # canonical column → its value, where it is not the raw column itself
    values: dict[str, pl.Expr] = field(default_factory=dict)

    def add_fields(self, fields: Sequence[Field], members: Members) -> None:
        """Add what a field map reads."""
        for f in fields:
            self.add_field(f, members[f.path])

    def add_field(self, f: Field, members: Sequence[Any]) -> None:
        """Add the column of one field."""
        if members.count(None) == len(members):
            return  # unknown throughout: `frame` puts in a column of the table's type
        if isinstance(f.kind, Number):
            self.add_number(f.column, members, f.kind.scale, optional=f.need is Need.OPTIONAL)
            return
        if f.kind is JSON:
            members = list(map(_json_text, members))
        dtype = pl.Boolean() if f.kind is FLAG else pl.String()
        series = pl.Series(f.column, members, dtype=dtype)
        self.raw[f.column] = series
        if isinstance(f.kind, Text):
            self.texts.append(f.column)
        self.clean.extend(conditions(f.kind, pl.col(f.column)))
        value = clean_value(f.kind, pl.col(f.column))
        if value is not None:
            self.values[f.column] = value

    def add_number(self, name: str, raws: Sequence[Raw], scale: int, *, optional: bool) -> None:
        """Add a column of numbers; one that may be absent may be null too."""
        text = pl.col(name)
        is_number = text.str.contains(number_pattern(scale))
        self.numbers[name] = raws
        self.clean.append(is_number | text.is_in(NO_NUMBER) if optional else is_number)
        self.values[name] = decimals(text, scale)

    def add_condition(self, name: str, holds: Sequence[bool] | pl.Series) -> None:
        """Add something else that clean rows fulfil."""
        self.raw[name] = pl.Series(name, holds, dtype=pl.Boolean)
        self.clean.append(pl.col(name))

    def add_part(self, name: str, rows: pl.DataFrame) -> None:
        """Add finished columns with whether each row of them is clean."""
        self.add_condition(f"_{name}", rows.get_column(CLEAN))
        self.raw.update({own.name: own for own in rows.drop(CLEAN).iter_columns()})

    def hide(self, name: str, hide: Callable[[str], str]) -> None:
        """Replace people's identifiers in the values of a column by their pseudonyms."""
        if name not in self.raw:
            return
        hidden = [None if person is None else hide(person) for person in self.raw[name]]
        self.raw[f"_hidden {name}"] = pl.Series(f"_hidden {name}", hidden, dtype=pl.String)
        self.values[name] = pl.col(f"_hidden {name}")

    def frame(self, table: str) -> pl.DataFrame:
        """All rows in the columns of a table's partial rows, and whether each is clean."""
        return self.select(draft_columns(BY_NAME[table]))

    def select(self, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """All rows in these columns, and whether each is clean."""
        raw = pl.DataFrame({**self.raw, **texts_of(self.numbers)})
        values = [
            self.values.get(n, pl.col(n) if n in raw.columns else pl.lit(None, dtype=d)).alias(n)
            for n, d in schema.items()
        ]
        clean_texts = are_clean_texts(self.texts)
        clean = pl.all_horizontal(pl.lit(value=True), *clean_texts, *self.clean)
        return raw.select(*values, clean.fill_null(value=False).alias(CLEAN))


def decode_strictly(
    raws: Sequence[bytes | Raw],
    decoder: msgspec.json.Decoder[Any],
    take: Callable[[list[Any]], None],
) -> list[int]:
    """Return the places on the page of the objects that fit the strict type.

    `take`: takes all that is needed out of some of them: that many are in the processor's cache.
    """
    objects: list[int] = []
    for first in range(0, len(raws), _CACHED):
        some: list[Any] = []
        for index, raw in enumerate(raws[first : first + _CACHED], first):
            data = bytes(raw)
            try:
                if not data.isascii():
                    data.decode()  # what no field holds is skipped, its encoding unseen
                some.append(decoder.decode(data))
            except NOT_JSON:
                continue
            objects.append(index)
        take(some)
    return objects


def texts_of(columns: Mapping[str, Sequence[Raw]]) -> dict[str, pl.Series]:
    """Columns of raw JSON numbers, all of one length, as columns of their texts."""
    texts = split_texts([joined_texts(raws) for raws in columns.values() if raws])
    height = len(texts) // max(len(columns), 1)
    return {name: texts.slice(i * height, height) for i, name in enumerate(columns)}


def joined_texts(raws: Sequence[Raw]) -> bytes:
    """Return raw JSON numbers in one text, for `split_texts`."""
    joined = _SEPARATOR.join(raws)
    if joined.count(_SEPARATOR) >= len(raws):  # an object or a list where a number belongs
        joined = _SEPARATOR.join(bytes(raw).replace(_SEPARATOR, b" ") for raw in raws)
    return joined


def split_texts(joined: Sequence[bytes]) -> pl.Series:
    """Return the texts of raw JSON numbers that were joined (`joined_texts`), in their order."""
    if not joined:
        return pl.Series([], dtype=pl.String)
    text = pl.lit(_SEPARATOR.join(joined).decode("utf-8", "replace"))
    return pl.select(text.str.split(_SEPARATOR.decode()).explode()).to_series()


def objects_column(objects: Iterable[int]) -> pl.Series:
    """Return the places of objects on their page as a column."""
    return pl.Series(OBJECT, objects, dtype=pl.Int64)


def _json_text(raw: Raw) -> str | None:
    if raw is NOTHING:
        return None
    try:
        value = parse_strictly(raw)
    except NOT_JSON:
        return UNREADABLE
    return content_text(value, LAST_UPDATED)
