"""Charging periods of a whole page at once (OCPI ChargingPeriod, CdrDimension).

Dimensions come one after another and are put side by side by index; a period with a dimension
twice is dirty. One that has no column does not fit the strict type.
"""

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter

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
    number_pattern,
    texts_of,
)
from models.ocpi.strict.structs import Period

KEY = {"country_code": "country_code", "party_id": "party_id", "cdr_id": "id"}
_PLACE = {name: i for i, name in enumerate(COLUMN_OF)}
_TARIFF_ID = Field("tariff_id", "tariff_id", ID)
_VOLUME = "_volume"
_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


def period_frame(lists: Sequence[list[Period]], cdrs: dict[str, pl.Series]) -> pl.DataFrame:
    """Return the rows of `core.charging_periods` of all CDRs, and whether each period is clean.

    Args:
        lists: the periods of each CDR.
        cdrs: the raw columns of the CDRs, with their keys.
    """
    columns = period_columns(lists)
    for name, key in {**KEY, OBJECT: OBJECT}.items():
        columns.values[name] = pl.lit(cdrs[key]).gather(pl.col("_owner"))
    return columns.frame("core.charging_periods")


def period_columns(lists: Sequence[list[Period]]) -> Columns:
    """Return the columns of periods but for whose they are, and `_owner`: the row of the CDR."""
    counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    periods = list(chain.from_iterable(lists))
    columns = Columns()
    columns.raw["period_index"] = pl.Series("period_index", _index_within(counts), dtype=pl.Int32)
    columns.raw["_owner"] = pl.Series("_owner", np.repeat(np.arange(len(lists)), counts))
    _add_starts(columns, periods)
    _add_dimensions(columns, periods)
    return columns


def clean_owners(frame: pl.DataFrame, lists: Sequence[list[Period]]) -> _Flags:
    """Tell whether each CDR has periods, and only clean ones."""
    counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    owners = np.repeat(np.arange(len(lists)), counts)
    dirty = np.bincount(owners[~frame.get_column(CLEAN).to_numpy()], minlength=len(lists))
    is_clean: _Flags = (dirty == 0) & (counts > 0)
    return is_clean


def _add_starts(columns: Columns, periods: list[Period]) -> None:
    starts = list(map(attrgetter("start_date_time"), periods))
    columns.raw["start_at"] = pl.Series("start_at", starts, dtype=pl.String)
    columns.values["start_at"] = instants(pl.col("start_at"))
    columns.clean += is_clean_instant(pl.col("start_at"))
    tariff_ids = list(map(attrgetter("tariff_id"), periods))
    columns.add_field(_TARIFF_ID, tariff_ids)


def _add_dimensions(columns: Columns, periods: list[Period]) -> None:
    """Add one column for each dimension, and the decimals of those where they matter."""
    lists = list(map(attrgetter("dimensions"), periods))
    counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    flat = list(chain.from_iterable(lists))
    names = map(attrgetter("type"), flat)
    places = np.fromiter(map(_PLACE.__getitem__, names), dtype=np.int64, count=len(flat))
    owners = np.repeat(np.arange(len(periods)), counts)
    volumes = _volumes(texts_of({_VOLUME: list(map(attrgetter("volume"), flat))})[_VOLUME])
    is_clean = volumes.get_column(CLEAN).to_numpy() & _is_single(places, owners)
    dirty = np.bincount(owners[~is_clean], minlength=len(periods))
    columns.add_condition("_dimensions", pl.Series((dirty == 0) & (counts > 0)))
    for name, column in COLUMN_OF.items():
        found = np.flatnonzero(places == _PLACE[name])
        if not len(found):
            continue
        at = np.full(len(periods), -1, dtype=np.int64)
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


def _index_within(counts: _Ints) -> _Ints:
    """0, 1, 2 … for the members of each group."""
    first = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(first, counts)
