"""The declaration of tables: columns of a few kinds, each with its unit in its name.

Nothing about any particular table belongs here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import polars as pl

MONEY = pl.Decimal(18, 6)
QUANTITY = pl.Decimal(18, 9)
INSTANT = pl.Datetime("us", "UTC")

_DUCKDB_TYPES: dict[Any, str] = {
    pl.String(): "VARCHAR",
    pl.Boolean(): "BOOLEAN",
    pl.Int32(): "INTEGER",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Date(): "DATE",
    INSTANT: "TIMESTAMPTZ",
    MONEY: "DECIMAL(18,6)",
    QUANTITY: "DECIMAL(18,9)",
    pl.UInt8(): "UTINYINT",
}


@dataclass(frozen=True)
class Column:
    """One column: name, polars type, whether it may be unknown (null), what it means."""

    name: str  # the column's name
    dtype: pl.DataType  # its polars type
    description: str  # what it means
    nullable: bool = True  # whether it may be unknown
    among: tuple[str, ...] = ()  # the values that it may have; none: any
    least: int | None = None  # the least that it may be; None: anything
    # what a partner states, in a column that is younger than its table; see `added`
    is_added: bool = False

    @property
    def duckdb_type(self) -> str:
        """The column's type in DuckDB."""
        return _duckdb_type(self.dtype)


def _duckdb_type(dtype: Any) -> str:
    if isinstance(dtype, pl.List):
        return f"{_duckdb_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Struct):
        fields = ", ".join(f"{field.name} {_duckdb_type(field.dtype)}" for field in dtype.fields)
        return f"STRUCT({fields})"
    return _DUCKDB_TYPES[dtype]


@dataclass(frozen=True)
class Table:
    """One warehouse table or view: its qualified name, its key, its columns in order."""

    name: str  # `stage.table`, the public name
    description: str  # what one row is
    key: tuple[str, ...]  # the columns whose values identify a row; never null
    columns: tuple[Column, ...]  # every column, in the order of the table
    # columns that the loader fills in; adapters and engines leave them out
    loaded: frozenset[str] = field(default_factory=frozenset)
    # of a view, the select that its rows come from; None: a table that holds its rows
    query: str | None = None

    def __repr__(self) -> str:
        return f"Table({self.name!r})"

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        unknown = (set(self.key) | self.loaded) - set(names)
        if unknown or len(set(names)) != len(names):
            raise ValueError(f"{self.name}: unknown or repeated columns {sorted(unknown)}")

    @property
    def stage(self) -> str:
        """The schema the table lives in: ops, core, rating, recon, settle or mart."""
        return self.name.split(".", 1)[0]

    @property
    def frame_columns(self) -> tuple[Column, ...]:
        """The columns a producer's frame carries: all but those the loader fills in."""
        return tuple(column for column in self.columns if column.name not in self.loaded)

    def polars_schema(self, *, loaded: bool = True) -> dict[str, pl.DataType]:
        """Column name → polars type; without the loader's columns where `loaded` is false."""
        columns = self.columns if loaded else self.frame_columns
        return {column.name: column.dtype for column in columns}

    def empty(self) -> pl.DataFrame:
        """Return a producer's frame of no rows."""
        return pl.DataFrame(schema=self.polars_schema(loaded=False))

    def ddl(self) -> str:
        """Return the statement that creates it in DuckDB, without keys (see the design)."""
        if self.query is not None:
            return f"create or replace view {self.name} as\n{self.query}"
        body = ",\n  ".join(f'"{c.name}" {c.duckdb_type}' for c in self.columns)
        return f"create table if not exists {self.name} (\n  {body}\n)"


def table(
    name: str,
    description: str,
    key: tuple[str, ...],
    *columns: Column,
    loaded: frozenset[str] = frozenset(),
    query: str | None = None,
) -> Table:
    """Declare a table, its columns in order."""
    return Table(name, description, key, columns, loaded, query)


def text(
    name: str, description: str, *, nullable: bool = True, among: Iterable[str] = ()
) -> Column:
    """Return a text, null where the partner did not state it (never the empty string)."""
    return Column(name, pl.String(), description, nullable, tuple(sorted(among)))


def required(name: str, description: str, *, among: Iterable[str] = ()) -> Column:
    """Return a text that is always there."""
    return text(name, description, nullable=False, among=among)


class Kind(NamedTuple):
    """A kind of column, which makes one of a name and a description."""

    dtype: pl.DataType
    nullable: bool = True
    least: int | None = None

    def __call__(self, name: str, description: str, *, nullable: bool | None = None) -> Column:
        """Return a column of this kind; `nullable`: None as the kind is."""
        null = self.nullable if nullable is None else nullable
        return Column(name, self.dtype, description, null, least=self.least)


texts = Kind(pl.List(pl.String()))  # null: not stated, empty: stated as none
json = Kind(pl.String())  # a document as text
instant = Kind(INSTANT)  # in UTC, to the microsecond
day = Kind(pl.Date())
flag = Kind(pl.Boolean())
whole = Kind(pl.Int32())  # below two thousand million
count = Kind(pl.Int64(), nullable=False, least=0)
money = Kind(MONEY)  # in the row's `currency`, exact to a millionth; null: unknown
quantity = Kind(QUANTITY)  # kWh, hours, kW, A: exact to nine decimals; null: unknown
real = Kind(pl.Float64())  # floating point: coordinates only, never money or energy


def added(column: Column) -> Column:
    """Return a column of a partner's content that a table got when it already stood in warehouses.

    It counts in the content hash only where a value is known, so that what a partner sent before is
    the same when it comes again.
    """
    return replace(column, is_added=True)


PARTNER = required("partner", "Our name for the connection, from the partners file.")
OWNER = (
    PARTNER,
    required("country_code", "ISO 3166-1 alpha-2 code of the party that owns the object."),
    required("party_id", "Id of the party that owns the object, upper case."),
)
OBJECT_KEY = ("partner", "country_code", "party_id", "id")
LAST_UPDATED = instant("last_updated_at", "The object's own `last_updated`.")
ORIGIN = (
    required("content_hash", "Hash of the canonical content without `last_updated`."),
    instant("fetched_at", "When the page that brought this content was fetched.", nullable=False),
    required("page_id", "The page that brought this content (`ops.pages`)."),
)
