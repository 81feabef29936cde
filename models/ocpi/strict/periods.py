"""Charging periods of a whole page at once (OCPI ChargingPeriod, CdrDimension).

Dimensions come one after another and are put side by side by index; a period with a dimension
twice is dirty. One that has no column does not fit the strict type.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from models.ocpi.fields import Field
from models.ocpi.frames import OBJECT
from models.ocpi.lenient.cdrs import COLUMN_OF, QUANTITY_SCALE, STATED
from models.ocpi.maps import ID
from models.ocpi.strict.columns import (
    CLEAN,
    Columns,
    decimals,
    instants,
    is_clean_instant,
    joined_texts,
    number_pattern,
    split_texts,
)

KEY = {"country_code": "country_code", "party_id": "party_id", "cdr_id": "id"}
_PLACE = {name: i for i, name in enumerate(COLUMN_OF)}
_TARIFF_ID = Field("tariff_id", "tariff_id", ID)
_VOLUME = "_volume"
_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


class Periods:
    """The charging periods of CDRs, taken out of these some at a time."""

    def __init__(self) -> None:
        self.counts: list[int] = []  # periods of each CDR
        self._starts: list[str] = []
        self._tariff_ids: list[str | None] = []
        self._dimensions: list[int] = []  # how many each period has
        self._names = bytearray()  # of each dimension its place among `COLUMN_OF`
        self._volumes: list[bytes] = []  # JSON texts, those of some CDRs joined

    def take(self, values: Sequence[Any]) -> None:
        """Take the periods out of some CDRs."""
        lists = [value.charging_periods for value in values]
        periods = [period for own in lists for period in own]
        flat = [dimension for period in periods for dimension in period.dimensions]
        self.counts += map(len, lists)
        self._starts += [period.start_date_time for period in periods]
        self._tariff_ids += [period.tariff_id for period in periods]
        self._dimensions += [len(period.dimensions) for period in periods]
        self._names += bytes([_PLACE[dimension.type] for dimension in flat])
        if flat:
            self._volumes.append(joined_texts([dimension.volume for dimension in flat]))
        for own in lists:
            own.clear()

    def frame(self, cdrs: dict[str, pl.Series]) -> pl.DataFrame:
        """Return the rows of `core.charging_periods`, and whether each period is clean.

        `cdrs`: the raw columns of the CDRs, with their keys.
        """
        columns = self.columns()
        for name, key in {**KEY, OBJECT: OBJECT}.items():
            columns.values[name] = pl.lit(cdrs[key]).gather(pl.col("_owner"))
        return columns.frame("core.charging_periods")

    def columns(self) -> Columns:
        """Return the columns but for whose they are, and `_owner`: the row of the CDR."""
        counts = np.array(self.counts, dtype=np.int64)
        columns = Columns()
        indexes = _index_within(counts)
        columns.raw["period_index"] = pl.Series("period_index", indexes, dtype=pl.Int32)
        columns.raw["_owner"] = pl.Series("_owner", _owners(counts))
        columns.raw["start_at"] = pl.Series("start_at", self._starts, dtype=pl.String)
        columns.values["start_at"] = instants(pl.col("start_at"))
        columns.clean += is_clean_instant(pl.col("start_at"))
        columns.add_field(_TARIFF_ID, self._tariff_ids)
        self._add_dimensions(columns)
        return columns

    def clean_owners(self, frame: pl.DataFrame) -> _Flags:
        """Tell whether each CDR has periods, and only clean ones."""
        counts = np.array(self.counts, dtype=np.int64)
        return _are_all(frame.get_column(CLEAN).to_numpy(), counts)

    def _add_dimensions(self, columns: Columns) -> None:
        """Add one column for each dimension, and the decimals of those where they matter."""
        counts = np.array(self._dimensions, dtype=np.int64)
        names = np.frombuffer(self._names, dtype=np.uint8).astype(np.int64)
        owners = _owners(counts)
        volumes = _volumes(split_texts(self._volumes))
        is_clean = volumes.get_column(CLEAN).to_numpy() & _is_single(names, owners)
        columns.add_condition("_dimensions", pl.Series(_are_all(is_clean, counts)))
        for name, column in COLUMN_OF.items():
            found = np.flatnonzero(names == _PLACE[name])
            if not len(found):
                continue
            at = np.full(len(counts), -1, dtype=np.int64)
            at[owners[found]] = found
            index = f"_at {column}"
            columns.raw[index] = pl.Series(index, at)
            place = pl.when(pl.col(index) >= 0).then(pl.col(index))
            columns.values[column] = pl.lit(volumes.get_column("exact")).gather(place)
            if column in STATED:
                stated = pl.lit(volumes.get_column("decimals"))
                columns.values[f"{column}_decimals"] = stated.gather(place)


def _volumes(texts: pl.Series) -> pl.DataFrame:
    """Volumes as exact numbers, how many decimals they were stated with, whether clean."""
    text = pl.col(_VOLUME)
    point = text.str.find(".", literal=True)
    stated = (text.str.len_bytes() - 1 - point).fill_null(0)
    return pl.DataFrame({_VOLUME: texts}).select(
        decimals(text, QUANTITY_SCALE).alias("exact"),
        stated.cast(pl.Int32).alias("decimals"),
        text.str.contains(number_pattern(QUANTITY_SCALE)).alias(CLEAN),
    )


def _is_single(places: _Ints, owners: _Ints) -> _Flags:
    """Tell whether each dimension is the only one of its name in its period."""
    keys = owners * len(_PLACE) + places
    times: _Ints = np.bincount(keys)[keys] if len(keys) else keys
    is_single: _Flags = times == 1
    return is_single


def _owners(counts: _Ints) -> _Ints:
    """Return whose each member is: the place of its group."""
    return np.repeat(np.arange(len(counts)), counts)


def _are_all(which: _Flags, counts: _Ints) -> _Flags:
    """Tell for each group whether it has members, and all of them are among `which`."""
    others = np.bincount(_owners(counts)[~which], minlength=len(counts))
    are_all: _Flags = (others == 0) & (counts > 0)
    return are_all


def _index_within(counts: _Ints) -> _Ints:
    """0, 1, 2 … for the members of each group."""
    first = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(first, counts)
