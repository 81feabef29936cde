"""Parts of objects that come again and again (CdrToken, CdrLocation), each distinct one read once.

A partner has far fewer connectors and drivers than CDRs, and says the same of them in each.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Raw, Struct

from models.ocpi.fields import Field
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.strict.columns import CLEAN, Columns, Members
from models.ocpi.strict.structs import Member, struct_of
from models.ocpi.values.countries import BOXES

_REMEMBERED = 50_000
_UNREADABLE = 0


class Parts:
    """The distinct parts seen so far under one member, as rows.

    Args:
        member: the member of the object that holds the part.
        fields: the object's field map; those under `member` are the part's.
        schema: column → type of the part's rows.
        members: further members of the part, for `add`.
        add: adds columns beside the map's; called with the columns and the parts.
    """

    def __init__(
        self,
        member: str,
        fields: Sequence[Field],
        schema: dict[str, pl.DataType],
        members: Sequence[Member] = (),
        add: Callable[[Columns, Sequence[Any]], None] | None = None,
    ) -> None:
        self._fields = [
            replace(f, path=f.path.removeprefix(f"{member}."))
            for f in fields
            if f.path.startswith(f"{member}.")
        ]
        struct: type[Struct] = struct_of(member, self._fields, *members)
        self._decoder = msgspec.json.Decoder(struct)
        self._add = add
        self._schema = schema
        self._lock = Lock()
        self._forget()

    def rows(self, raws: Sequence[Raw]) -> pl.DataFrame:
        """One row for each part, with whether it is clean."""
        texts = list(map(bytes, raws))
        with self._lock:
            if len(self._places) > _REMEMBERED:
                self._forget()
            fresh = dict.fromkeys(text for text in texts if text not in self._places)
            if fresh:
                self._read(list(fresh))
            places = np.fromiter(map(self._places.__getitem__, texts), np.int64, len(texts))
            return self._rows[places]

    def _forget(self) -> None:
        self._places: dict[bytes, int] = {}
        unreadable = {name: [None] for name in self._schema}
        self._rows = pl.DataFrame(
            {**unreadable, CLEAN: [False]}, {**self._schema, CLEAN: pl.Boolean}
        )

    def _read(self, texts: Sequence[bytes]) -> None:
        parts: list[Any] = []
        for text in texts:
            try:
                parts.append(self._decoder.decode(text))
            except NOT_JSON:
                self._places[text] = _UNREADABLE
            else:
                self._places[text] = self._rows.height + len(parts) - 1
        if parts:
            columns = Columns()
            members = Members({f.path: [] for f in self._fields})
            members.take(parts)
            columns.add_fields(self._fields, members)
            if self._add is not None:
                self._add(columns, parts)
            self._rows = self._rows.vstack(columns.select(self._schema))


LATITUDE, LONGITUDE, COUNTRY = "latitude", "longitude", "country"
_DEGREES = r"^-?[0-9]{1,3}(\.[0-9]+)?$"
_WORLD = (-90, 90, -180, 180)


def add_places(columns: Columns, locations: Sequence[Any]) -> None:
    """Add latitude and longitude; clean where they are possible and in the country, if known."""
    places = [location.coordinates for location in locations]
    columns.raw[LATITUDE] = pl.Series(LATITUDE, [p.latitude for p in places], dtype=pl.String)
    columns.raw[LONGITUDE] = pl.Series(LONGITUDE, [p.longitude for p in places], dtype=pl.String)
    degrees = {n: pl.col(n).cast(pl.Float64, strict=False) for n in (LATITUDE, LONGITUDE)}
    columns.values.update(degrees)
    north_south, east_west = degrees.values()
    south, north, west, east = (_edge(i) for i in range(4))
    columns.clean += [
        pl.col(LATITUDE).str.contains(_DEGREES) & (pl.col(LATITUDE).str.len_bytes() <= 10),
        pl.col(LONGITUDE).str.contains(_DEGREES) & (pl.col(LONGITUDE).str.len_bytes() <= 11),
        (north_south != 0) | (east_west != 0),
        north_south.is_between(south, north),
        east_west.is_between(west, east),
    ]


def _edge(side: int) -> pl.Expr:
    """One edge of each row's country, of the world where we know no box."""
    edges = {country: float(box[side]) for country, box in BOXES.items()}
    world = float(_WORLD[side])
    return pl.col(COUNTRY).replace_strict(edges, default=world, return_dtype=pl.Float64)
