"""Gaps in the charging periods of a CDR: unknown dimensions, totals alone.

OCPI CdrDimensionType, ChargingPeriod, and the totals of CDR. Columns of `kernel.tables.Cdr` that
are known before anything is priced.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.rating.columns import decimals_of, lengths_of
from models.rating.kernel import scale
from models.rating.kernel.tables import Cdr, Note, Period, Reason, Table, Vector
from models.rating.tariff_set import TariffSet
from models.tables.kinds import QUANTITY

MEASURED = frozenset(
    {
        *("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME"),
        *("MIN_CURRENT", "MAX_CURRENT", "MIN_POWER", "MAX_POWER"),
    }
)
"""Dimensions that a price may hang on: a volume of theirs that cannot be read is a gap."""

_NO_VOLUME_NEEDED = "FLAT"
_ROUNDING = 3_600 * 10**9 // 3_600 // 60
"""Billionths of an hour in a minute: totals of times are rounded by less, or differ by more."""


def write_unknown_dimensions(
    rows: Table, stated: pa.ChunkedArray, owners: Vector, tariffs: TariffSet
) -> None:
    """Write which dimensions outside of OCPI a CDR states, and what could not be read of others.

    Args:
        rows: the CDR table, changed in place.
        stated: `unknown_dimensions` of the periods.
        owners: for each period the row of its CDR.
        tariffs: the tariffs of the batch.
    """
    for period in np.flatnonzero(lengths_of(stated) > 0):
        row = rows[owners[period]]
        names = set(stated[int(period)].as_py()) - {_NO_VOLUME_NEEDED}
        if names & MEASURED:
            row[Cdr.REASON] = Reason.PERIODS_INCOMPLETE
        if names - MEASURED:
            row[Cdr.NOTES] |= Note.UNKNOWN_DIMENSION
        for name in names - MEASURED:
            row[Cdr.UNKNOWN_DIMENSIONS] |= tariffs.unknown_types.get(name, 0)


def write_unstated_totals(rows: Table, cdrs: pa.Table, periods: Table, owners: Vector) -> None:
    """Write what a CDR states in total although none of its periods states any.

    Args:
        rows: the CDR table, changed in place.
        cdrs: `total_energy_kwh`, `total_time_h`, `total_parking_time_h`; absent: not stated.
        periods: the period table.
        owners: for each period the row of its CDR.
    """
    energy, time, parking = (
        _total(cdrs, name) for name in ("total_energy_kwh", "total_time_h", "total_parking_time_h")
    )
    has = {column: _any(periods, owners, column, len(rows)) for column in _SUMMED}
    none = np.full(len(rows), scale.NONE, dtype=np.int64)
    rows[:, Cdr.UNSTATED_ENERGY] = np.where((energy > 0) & ~has[Period.ENERGY], energy, none)
    unstated = (parking > 0) & ~has[Period.PARKING]
    rows[:, Cdr.UNSTATED_PARKING] = np.where(unstated, parking, none)
    rows[:, Cdr.UNSTATED_TIME] = none
    for row in np.flatnonzero((time > 0) & ~has[Period.TIME]):
        mine = _of(periods, rows, int(row))
        rows[row, Cdr.UNSTATED_TIME] = _charging_time(int(time[row]), int(parking[row]), mine)


_SUMMED = (Period.ENERGY, Period.TIME, Period.PARKING)


def _charging_time(total: int, parking: int, periods: Table) -> int:
    """Return what is left of `total_time` without parking: nothing, so much, or nobody knows.

    `total_time` has the parking in it, and perhaps the reservation.
    """
    if (periods[:, Period.RESERVATION] > 0).any():
        others = periods[:, [Period.ENERGY, Period.PARKING]]
        charged = ((others != scale.NONE) & (others != 0)).any()
        return scale.UNSTATED if charged else scale.NONE
    stated = periods[:, Period.PARKING]
    known = stated[stated != scale.NONE]
    if parking == scale.NONE:
        if not len(known):
            return scale.UNSTATED
        parking = int(known.sum())
    rest = total - parking
    return rest if rest > _ROUNDING else scale.NONE


def _of(periods: Table, rows: Table, row: int) -> Table:
    end = rows[row + 1, Cdr.FIRST_PERIOD] if row + 1 < len(rows) else len(periods)
    return periods[rows[row, Cdr.FIRST_PERIOD] : end]


def _any(periods: Table, owners: Vector, column: int, count: int) -> npt.NDArray[np.bool_]:
    stated = owners[periods[:, column] != scale.NONE]
    return np.bincount(stated, minlength=count) > 0


def _total(cdrs: pa.Table, name: str) -> Vector:
    if name not in cdrs.column_names:
        return np.full(len(cdrs), scale.NONE, dtype=np.int64)
    return decimals_of(cdrs[name], QUANTITY.scale)
