"""What the kernel wrote, as rows of `rating.lines` and `rating.cdrs`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from models.rating.columns import decimal_column, integer_column
from models.rating.kernel import scale
from models.rating.kernel.tables import Dimension, Line, Note, Part, Reason, Result, Table, Vector
from models.rating.run import Priced
from models.rating.tariff_set import TariffSet
from models.tables.rating import PARTS, RATING_CDRS, RATING_LINES

_MONEY_DECIMALS = 6
_QUANTITY_DECIMALS = 9
_KEY = ("partner", "country_code", "party_id")
_NOT_PRICED = (Reason.CREDIT, Reason.HOME_CHARGING)
_BILLED = {
    "billed_energy_kwh": Part.ENERGY,
    "billed_time_h": Part.TIME,
    "billed_parking_h": Part.PARKING,
    "billed_reservation_h": Part.RESERVATION,
}
_NOTE_LISTS = [[note.name for note in Note if bits & note] for bits in range(1 << len(Note))]


@dataclass(frozen=True)
class Rated:
    """Rows of `rating.lines` and of `rating.cdrs`."""

    lines: pl.DataFrame
    cdrs: pl.DataFrame


def rated_frames(
    source: str, cdrs: pl.DataFrame, owners: pl.Series, tariffs: TariffSet, priced: Priced
) -> Rated:
    """The rows of one tariff source.

    Args:
        source: embedded or published.
        cdrs: the CDRs of the batch (`batch.RatingBatch.cdrs`), with `input_hash`.
        owners: for each period the row of its CDR.
        tariffs: the tariffs of the batch.
        priced: what the kernel wrote.
    """
    tariff_ids = pl.Series("tariff_id", [tariff.id for tariff in tariffs.tariffs], dtype=pl.String)
    return Rated(
        lines=_line_rows(source, cdrs, tariff_ids, tariffs, priced),
        cdrs=_cdr_rows(source, cdrs, owners, tariff_ids, priced),
    )


def _line_rows(
    source: str, cdrs: pl.DataFrame, tariff_ids: pl.Series, tariffs: TariffSet, priced: Priced
) -> pl.DataFrame:
    lines = _columns(priced.lines)
    owners: Vector = lines[Line.CDR]
    keys = cdrs.select(*_KEY, pl.col("id").alias("cdr_id"), "currency")[owners]
    excl, incl = lines[Line.EXCL], lines[Line.INCL]
    tax = np.where((excl == scale.NONE) | (incl == scale.NONE), scale.NONE, incl - excl)
    quantities = {
        "quantity": _nine_decimals(lines[Line.QUANTITY]),
        "billed_quantity": _nine_decimals(lines[Line.BILLED]),
    }
    amounts = {
        "unit_price": lines[Line.PRICE],
        "amount_excl_vat": excl,
        "vat_rate": _times(lines[Line.RATE], 100),
        "vat_amount": tax,
        "amount_incl_vat": incl,
    }
    columns = [
        *(decimal_column(name, values, _QUANTITY_DECIMALS) for name, values in quantities.items()),
        *(decimal_column(name, values, _MONEY_DECIMALS) for name, values in amounts.items()),
        integer_column("line_index", _index_within(owners), pl.Int32()),
        integer_column("period_index", lines[Line.PERIOD], pl.Int32()),
        integer_column("element_index", _element_index(lines, tariffs), pl.Int32()),
        _named("dimension", lines[Line.DIMENSION], [dimension.name for dimension in Dimension]),
        _named("part", lines[Line.PART], list(PARTS)),
        _gathered(tariff_ids, lines[Line.TARIFF]),
    ]
    frame = keys.with_columns(pl.lit(source).alias("source"), *columns)
    return frame.select(RATING_LINES.polars_schema().keys())


def _cdr_rows(
    source: str, cdrs: pl.DataFrame, owners: pl.Series, tariff_ids: pl.Series, priced: Priced
) -> pl.DataFrame:
    results = _columns(priced.results)
    amounts = {
        "expected_excl_vat": results[Result.EXCL],
        "expected_incl_vat": results[Result.INCL],
        "unrounded_excl_vat": results[Result.UNROUNDED_EXCL],
        "unrounded_incl_vat": results[Result.UNROUNDED_INCL],
    }
    for index, part in enumerate(PARTS):
        amounts[f"{part}_cost_excl_vat"] = results[Result.PART_EXCL + index]
        amounts[f"{part}_cost_incl_vat"] = results[Result.PART_INCL + index]
    reasons = results[Result.REASON]
    columns = [
        *(decimal_column(name, values, _MONEY_DECIMALS) for name, values in amounts.items()),
        *(
            decimal_column(name, _nine_decimals(results[Result.BILLED + part]), _QUANTITY_DECIMALS)
            for name, part in _BILLED.items()
        ),
        _named("state", reasons, [_state(reason) for reason in Reason]),
        _named(
            "reason",
            np.where(reasons == Reason.PRICED, scale.NONE, reasons),
            [r.name for r in Reason],
        ),
        pl.Series("notes", _NOTE_LISTS, dtype=pl.List(pl.String)).gather(
            _note_sets(results[Result.NOTES])
        ),
        _tariffs_used(tariff_ids, owners, priced),
    ]
    frame = cdrs.select(*_KEY, pl.col("id").alias("cdr_id"), "currency", "input_hash").with_columns(
        pl.lit(source).alias("source"), *columns
    )
    return frame.select(RATING_CDRS.polars_schema().keys())


def _columns(table: Table) -> Table:
    """A table column by column: reading one out of the rows would touch the whole table."""
    return np.ascontiguousarray(table.T)


def _state(reason: Reason) -> str:
    if reason == Reason.PRICED:
        return "priced"
    return "not_priced" if reason in _NOT_PRICED else "unpriceable"


def _note_sets(notes: Vector) -> Vector:
    """Note bits as places in `_NOTE_LISTS`."""
    return np.where(notes == scale.NONE, 0, notes)


def _nine_decimals(parts: Vector) -> Vector:
    """Parts of a unit as billionths, half up; `NONE` stays."""
    return np.where(parts == scale.NONE, scale.NONE, (parts + scale.NANO // 2) // scale.NANO)


def _times(values: Vector, factor: int) -> Vector:
    return np.where(values == scale.NONE, scale.NONE, values * factor)


def _index_within(owners: Vector) -> Vector:
    """0, 1, 2 … within each run of equal owners."""
    if not len(owners):
        return owners
    starts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    lengths = np.diff(np.append(starts, len(owners)))
    return np.arange(len(owners)) - np.repeat(starts, lengths)


def _element_index(lines: Table, tariffs: TariffSet) -> Vector:
    """Rows of the element table as the element's place in its tariff; `lines` by column."""
    elements = lines[Line.ELEMENT]
    first = tariffs.first_elements[np.maximum(lines[Line.TARIFF], 0)]
    return np.where(elements == scale.NONE, scale.NONE, elements - first)


def _gathered(values: pl.Series, rows: Vector) -> pl.Series:
    """Values by row, `NONE` as null."""
    return values.gather(integer_column("row", rows, pl.Int64()))


def _named(name: str, codes: Vector, names: list[str]) -> pl.Series:
    return _gathered(pl.Series(name, names, dtype=pl.String), codes)


def _tariffs_used(tariff_ids: pl.Series, owners: pl.Series, priced: Priced) -> pl.Series:
    """For each CDR the ids of the tariffs that price its periods, in order; null without price."""
    count = len(priced.results)
    rows, tariffs = owners.to_numpy(), priced.period_tariffs
    is_new = np.ones(len(rows), dtype=np.bool_)
    is_new[1:] = (rows[1:] != rows[:-1]) | (tariffs[1:] != tariffs[:-1])
    is_new &= (priced.results[:, Result.REASON] == Reason.PRICED)[rows]
    used = pl.DataFrame({"cdr_row": rows[is_new], "tariff": tariffs[is_new]})
    used = used.unique(maintain_order=True)
    per_cdr = np.bincount(used["cdr_row"].to_numpy(), minlength=count)
    ends = np.cumsum(np.append(0, per_cdr))
    ids = _gathered(tariff_ids, used["tariff"].to_numpy()).to_arrow()
    lists = pa.LargeListArray.from_arrays(pa.array(ends), ids, mask=pa.array(per_cdr == 0))
    return pl.Series("tariff_ids", lists)
