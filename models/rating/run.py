"""Runs of the kernel over a batch: compiled where that pays, unbounded where needed."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.rating.compiled import price_all
from models.rating.kernel import engine, scale
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Line,
    Moment,
    Period,
    Reason,
    Result,
    Table,
    Tally,
    Vector,
)

WORTH_COMPILING = 256
"""CDRs from which on loading the compiled engine is quicker than doing without."""

_TIMES = (Period.TIME, Period.PARKING, Period.RESERVATION)
_FLAT_FEES = 3
_TOTAL_ROUNDINGS = 1
_UNSTATED = 3
_PARTS = 5


class Inputs(NamedTuple):
    """The tables that a batch is priced from (see `kernel.tables.Batch`)."""

    cdrs: Table
    periods: Table
    candidates: Table
    tariffs: Table
    elements: Table
    zones: Table


@dataclass(frozen=True)
class Priced:
    """Tables that the kernel wrote."""

    lines: Table  # line rows, those of a CDR together and in the order of the CDRs
    results: Table  # a result row for each CDR
    period_tariffs: Vector  # the tariff of each period; meaningless where the CDR has no price
    period_counts: Vector  # how many periods each CDR has
    # whether in some CDR several tariffs price one period, each its dimensions
    is_mixed: bool = False


def price(inputs: Inputs, *, compiled: bool | None = None) -> Priced:
    """Price a batch.

    `compiled`: whether by the compiled kernel; None: if it is loaded, or the batch worth it.
    """
    count = len(inputs.cdrs) - 1
    if compiled is None:
        compiled = count >= WORTH_COMPILING or is_loaded()
    if not compiled:
        return _price_unbounded(inputs)
    batch = batch_of(inputs, count)
    written = price_all()(batch, scale.NARROW)
    return _price_overflows_again(inputs, _priced(batch, written))


def is_loaded() -> bool:
    """Tell whether the compiled kernel is there already."""
    return price_all.cache_info().currsize > 0


def batch_of(inputs: Inputs, count: int = 0) -> Batch:
    """Return the tables as the kernel's functions take them, with room for so many CDRs' prices."""
    return Batch(
        *inputs,
        lines=np.empty((_most_lines(inputs.periods, count), Line.COLUMNS), dtype=np.int64),
        results=np.empty((count, Result.COLUMNS), dtype=np.int64),
        moment=np.zeros(Moment.COLUMNS, dtype=np.int64),
        tally=np.zeros(Tally.COLUMNS, dtype=np.int64),
    )


def _most_lines(periods: Table, count: int) -> int:
    """Return an upper bound of the lines: volumes, fees, limit and parts of each tariff, total."""
    volumes = sum(int(np.count_nonzero(periods[:, column] > 0)) for column in _TIMES)
    energy = periods[:, Period.ENERGY]
    volumes += int(np.count_nonzero((energy != 0) & (energy != scale.NONE)))
    alone = _FLAT_FEES + _TOTAL_ROUNDINGS + _UNSTATED
    return volumes + count * alone + len(periods) * (1 + _PARTS)


def _price_unbounded(inputs: Inputs) -> Priced:
    """Price a batch by the same functions uncompiled, on Python's integers."""
    batch = Batch(*(table.astype(object) for table in batch_of(inputs, len(inputs.cdrs) - 1)))
    written = engine.price_all(batch, scale.WIDE)
    return _priced(batch, written)


def _priced(batch: Batch, written: int) -> Priced:
    if written == engine.WRONG_COLUMNS:
        raise ValueError("a table does not have the columns of models.rating.kernel.tables")
    counts = np.diff(batch.cdrs[:, Cdr.FIRST_PERIOD])
    return Priced(
        lines=batch.lines[:written].astype(np.int64, copy=False),
        results=batch.results.astype(np.int64, copy=False),
        period_tariffs=batch.periods[:, Period.TARIFF].astype(np.int64, copy=False),
        period_counts=counts.astype(np.int64, copy=False),
    )


def _price_overflows_again(inputs: Inputs, priced: Priced) -> Priced:
    """Price the CDRs whose amounts did not fit 64-bit steps once more, on unbounded integers."""
    rows = np.flatnonzero(priced.results[:, Result.REASON] == Reason.OUT_OF_RANGE)
    if not len(rows):
        return priced
    taken, periods = select_cdrs(inputs, rows)
    again = _price_unbounded(taken)
    return replace_prices(priced, rows, again, periods, np.ones(len(rows), dtype=np.bool_))


def replace_prices(
    priced: Priced, rows: Vector, again: Priced, periods: Vector, wanted: npt.NDArray[np.bool_]
) -> Priced:
    """Put other prices of some CDRs in the place of those they have.

    Args:
        priced: the prices, changed in place but for the lines.
        rows: the CDRs that were priced again.
        again: their other prices (`Line.CDR` is a place in `rows`).
        periods: the rows of their periods.
        wanted: for each of `rows` whether it is to change.
    """
    places = again.lines[:, Line.CDR]
    lines = again.lines[wanted[places]].copy()
    lines[:, Line.CDR] = rows[lines[:, Line.CDR]]
    kept = priced.lines[~np.isin(priced.lines[:, Line.CDR], rows[wanted])]
    priced.results[rows[wanted]] = again.results[wanted]
    owners = np.repeat(np.arange(len(rows)), again.period_counts)
    chosen = wanted[owners]
    priced.period_tariffs[periods[chosen]] = again.period_tariffs[chosen]
    lines = np.concatenate([kept, lines])
    ordered = lines[np.argsort(lines[:, Line.CDR], kind="stable")]
    return replace(priced, lines=ordered, is_mixed=priced.is_mixed or again.is_mixed)


def select_cdrs(inputs: Inputs, rows: Vector) -> tuple[Inputs, Vector]:
    """Return the inputs of some of the CDRs, and the rows of their periods."""
    cdrs = inputs.cdrs[np.append(rows, -1)]
    periods, cdrs[:, Cdr.FIRST_PERIOD] = _ranges(inputs.cdrs[:, Cdr.FIRST_PERIOD], rows)
    candidates, cdrs[:, Cdr.FIRST_CANDIDATE] = _ranges(inputs.cdrs[:, Cdr.FIRST_CANDIDATE], rows)
    taken = inputs._replace(
        cdrs=cdrs, periods=inputs.periods[periods], candidates=inputs.candidates[candidates]
    )
    return taken, periods


def _ranges(first: Vector, rows: Vector) -> tuple[Vector, Vector]:
    """Return the members of the ranges of some rows, and where the ranges now begin and end."""
    members = [np.arange(first[row], first[row + 1]) for row in rows]
    return np.concatenate(members), np.cumsum([0, *map(len, members)])
