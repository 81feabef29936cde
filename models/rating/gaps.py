"""Gaps in the charging periods of a CDR: unknown dimensions, totals alone.

OCPI CdrDimensionType, ChargingPeriod, and the totals of CDR. Columns of `kernel.tables.Cdr` that
are known before anything is priced.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.rating.columns import lengths_of, stated_decimals
from models.rating.kernel import scale
from models.rating.kernel.tables import Cdr, Note, Period, Reason, Table, Vector
from models.rating.tariff import TariffSet
from models.tables.charging import NAMELESS, UNREADABLE
from models.tables.kinds import QUANTITY

_WITH_TOTAL = ("ENERGY", "TIME", "PARKING_TIME")
_UNTOLD = frozenset({"RESERVATION_TIME", NAMELESS})
"""Dimensions without a total to price, and what is no dimension at all: it may be any of them."""
_OPEN, _UNREADABLE = 1, 2
_MEASURED = frozenset(
    {
        *(*_WITH_TOTAL, "RESERVATION_TIME", "FLAT"),
        *("MIN_CURRENT", "MAX_CURRENT", "MIN_POWER", "MAX_POWER"),
    }
)
"""Dimensions that a price may hang on; one without a volume is as good as not stated."""

_ROUNDING = 10**9 // 60
"""Billionths of an hour in a minute: totals of times are rounded by less, or differ by more."""


def write_unknown_dimensions(
    rows: Table, stated: pa.ChunkedArray, owners: Vector, tariffs: TariffSet
) -> npt.NDArray[np.int8]:
    """Write which dimensions outside of OCPI a CDR states, and what could not be read of others.

    Args:
        rows: the CDR table, changed in place.
        stated: `unknown_dimensions` of the periods.
        owners: for each period the row of its CDR.
        tariffs: the tariffs of the batch.

    Returns:
        For each CDR and ENERGY, TIME, PARKING_TIME: `_OPEN` where some period names it without a
        volume, `_UNREADABLE` where some volume of it cannot be read, else 0.
    """
    gaps = np.zeros((len(rows), len(_WITH_TOTAL)), dtype=np.int8)
    for period in np.flatnonzero(lengths_of(stated) > 0):
        row = rows[owners[period]]
        names = set(stated[int(period)].as_py())
        unread = {name.removesuffix(UNREADABLE) for name in names if name.endswith(UNREADABLE)}
        for place, name in enumerate(_WITH_TOTAL):
            found = _UNREADABLE if name in unread else _OPEN if name in names else 0
            gaps[owners[period], place] = max(gaps[owners[period], place], found)
        if names & _UNTOLD or unread - {*_WITH_TOTAL, "FLAT"} & _MEASURED:
            row[Cdr.REASON] = Reason.PERIODS_INCOMPLETE
        for name in {name.removesuffix(UNREADABLE) for name in names} - _MEASURED:
            row[Cdr.NOTES] |= Note.UNKNOWN_DIMENSION
            row[Cdr.UNKNOWN_DIMENSIONS] |= tariffs.unknown_types.get(name, 0)
    return gaps


def write_unstated_totals(
    rows: Table, cdrs: pa.Table, periods: Table, owners: Vector, gaps: npt.NDArray[np.int8]
) -> None:
    """Write what a CDR states in total although none of its periods states any.

    Where some periods state a quantity and others leave it open, or no total says what none of
    them does, nobody knows how much there was.

    Args:
        rows: the CDR table, changed in place.
        cdrs: `total_energy_kwh`, `total_time_h`, `total_parking_time_h`; absent: not stated.
        periods: the period table.
        owners: for each period the row of its CDR.
        gaps: what `write_unknown_dimensions` found without a volume.
    """
    energy, time, parking = (
        stated_decimals(cdrs, name, QUANTITY.scale)
        for name in ("total_energy_kwh", "total_time_h", "total_parking_time_h")
    )
    charging = _charging_time(time, parking, periods, owners)
    for total, column, quantity, unstated, gap in (
        (energy, Period.ENERGY, energy, Cdr.UNSTATED_ENERGY, gaps[:, 0]),
        (time, Period.TIME, charging, Cdr.UNSTATED_TIME, gaps[:, 1]),
        (parking, Period.PARKING, parking, Cdr.UNSTATED_PARKING, gaps[:, 2]),
    ):
        stated = _any_of(periods[:, column] != scale.NONE, owners, len(rows))
        rows[:, unstated] = np.where((total > 0) & ~stated, quantity, scale.NONE)
        unknown = (gap == _UNREADABLE) | ((gap == _OPEN) & (stated | (total == scale.NONE)))
        rows[unknown, unstated] = scale.UNSTATED


def _charging_time(total: Vector, parking: Vector, periods: Table, owners: Vector) -> Vector:
    """Return what is left of each `total_time` without parking: nothing, so much, or nobody knows.

    `total_time` has the parking in it, and perhaps the reservation.
    """
    energy, parked = periods[:, Period.ENERGY], periods[:, Period.PARKING]
    parking_stated = parked != scale.NONE
    sums = np.zeros(len(total), dtype=np.int64)
    np.add.at(sums, owners[parking_stated], parked[parking_stated])
    rest = total - np.where(parking == scale.NONE, sums, parking)
    left = np.where(rest > _ROUNDING, rest, scale.NONE)
    known = (parking != scale.NONE) | _any_of(parking_stated, owners, len(total))
    left = np.where(known, left, scale.UNSTATED)
    # A reservation may or may not be in the total; without any charge after it nothing is left.
    reserved = _any_of(periods[:, Period.RESERVATION] > 0, owners, len(total))
    volumes = ((energy != scale.NONE) & (energy != 0)) | (parking_stated & (parked != 0))
    charged = _any_of(volumes, owners, len(total))
    return np.where(reserved, np.where(charged, scale.UNSTATED, scale.NONE), left)


def _any_of(which: npt.NDArray[np.bool_], owners: Vector, count: int) -> npt.NDArray[np.bool_]:
    """Return for each CDR whether any of its periods is one of `which`."""
    return np.bincount(owners[which], minlength=count) > 0
