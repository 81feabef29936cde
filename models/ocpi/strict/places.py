"""Coordinates of a whole page at once (OCPI GeoLocation)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from models.ocpi.strict.batch import Columns
from models.ocpi.strict.structs import Coordinates
from models.ocpi.values.countries import BOXES

LATITUDE, LONGITUDE, COUNTRY = "latitude", "longitude", "country"
_DEGREES = r"^-?[0-9]{1,3}(\.[0-9]+)?$"
_WORLD = (-90, 90, -180, 180)


def add_places(columns: Columns, places: Sequence[Coordinates]) -> None:
    """Add latitude and longitude; clean where they are possible and in the country, if known."""
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
