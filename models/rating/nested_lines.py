"""Rows of `rating.cdrs` with their price lines nested in them, from what the kernel wrote."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from models.rating.columns import (
    decimal_array,
    integer_array,
    list_array,
    named_array,
    places_array,
    text_array,
)
from models.rating.kernel import scale
from models.rating.kernel.tables import Line, Note, Part, Reason, Result, Table, Vector
from models.rating.run import Priced
from models.rating.tariff import TariffSet
from models.tables.rating import NESTED_LINE, PARTS, RATING_CDRS

_MONEY_DECIMALS = 6
_QUANTITY_DECIMALS = 9
_NOT_PRICED = (Reason.CREDIT, Reason.HOME_CHARGING)
_BILLED = {
    "billed_energy_kwh": Part.ENERGY,
    "billed_time_h": Part.TIME,
    "billed_parking_h": Part.PARKING,
    "billed_reservation_h": Part.RESERVATION,
}


@dataclass(frozen=True)
class _Used:
    """The tariffs that price the periods of each CDR, each once, in order."""

    tariffs: Vector  # rows of the tariff set
    first: Vector  # for each CDR the place of its first in `tariffs`, and the end of the last's


def rated_table(
    source: str, cdrs: pa.Table, owners: Vector, tariffs: TariffSet, priced: Priced
) -> pa.Table:
    """Return the rows of `rating.cdrs` by one tariff source.

    Args:
        source: one of `models.tables.rating.SOURCES`.
        cdrs: the CDRs of the batch (`batch.RatingTables.cdrs`).
        owners: for each period the row of its CDR.
        tariffs: the tariffs of the batch.
        priced: what the kernel wrote.
    """
    used = _tariffs_used(owners, priced)
    ids = text_array([tariff.id for tariff in tariffs.tariffs])
    named = ids.take(places_array(used.tariffs))
    same = np.zeros(len(cdrs), dtype=np.int64)
    columns = {name: cdrs[name] for name in ("partner", "country_code", "party_id", "currency")}
    columns |= _results(_columns(priced.results))
    columns |= {
        "cdr_id": cdrs["id"],
        "source": named_array(same, [source]),
        "input_hash": named_array(same, [""]),
        "tariff_ids": list_array(used.first, named, empty_is_null=True),
        "lines": _lines(_columns(priced.lines), used, tariffs),
    }
    if "input_hash" in cdrs.column_names:
        columns["input_hash"] = cdrs["input_hash"]
    return pa.table({column.name: columns[column.name] for column in RATING_CDRS.columns})


def _results(results: Table) -> dict[str, pa.Array]:
    """Return what the kernel's result rows, by column, say."""
    amounts = {
        "expected_excl_vat": results[Result.EXCL],
        "expected_incl_vat": results[Result.INCL],
        "unrounded_excl_vat": results[Result.UNROUNDED_EXCL],
        "unrounded_incl_vat": results[Result.UNROUNDED_INCL],
    }
    for index, part in enumerate(PARTS):
        amounts[f"{part}_cost_excl_vat"] = results[Result.PART_EXCL + index]
        amounts[f"{part}_cost_incl_vat"] = results[Result.PART_INCL + index]
    billed = {name: results[Result.BILLED + part] for name, part in _BILLED.items()}
    reasons, notes = results[Result.REASON], results[Result.NOTES]
    reasons_given = np.where(reasons == Reason.PRICED, scale.NONE, reasons)
    return {
        **{name: decimal_array(values, _MONEY_DECIMALS) for name, values in amounts.items()},
        **{name: _quantities(parts) for name, parts in billed.items()},
        "state": named_array(reasons, [_state(reason) for reason in Reason]),
        "reason": named_array(reasons_given, [reason.name for reason in Reason]),
        "notes": _note_lists().take(places_array(np.where(notes == scale.NONE, 0, notes))),
    }


@cache
def _note_lists() -> pa.Array:
    """Return the names of the notes that each sum of their bits stands for."""
    names = text_array([note.name for note in Note])
    sums = np.arange(1 << len(Note))
    is_set = [(sums & note.value) != 0 for note in Note]
    counts = np.sum(is_set, axis=0)
    _, notes = np.nonzero(np.column_stack(is_set))
    return list_array(np.append(0, np.cumsum(counts)), names.take(places_array(notes)))


def _lines(lines: Table, used: _Used, tariffs: TariffSet) -> pa.Array:
    """Return the kernel's line rows, by column, as a list of stored lines for each CDR."""
    elements = lines[Line.ELEMENT]
    first_elements = tariffs.first_elements[np.maximum(lines[Line.TARIFF], 0)]
    columns = {
        "period_index": integer_array(lines[Line.PERIOD], np.int32),
        "dimension": integer_array(lines[Line.DIMENSION], np.uint8),
        "part": integer_array(lines[Line.PART], np.uint8),
        "quantity": _quantities(lines[Line.QUANTITY]),
        "billed_quantity": _quantities(lines[Line.BILLED]),
        "unit_price": decimal_array(lines[Line.PRICE], _MONEY_DECIMALS),
        "amount_excl_vat": decimal_array(lines[Line.EXCL], _MONEY_DECIMALS),
        "vat_rate": decimal_array(_times(lines[Line.RATE], 100), _MONEY_DECIMALS),
        "amount_incl_vat": decimal_array(lines[Line.INCL], _MONEY_DECIMALS),
        "tariff": integer_array(_places(lines, used), np.int32),
        "element_index": integer_array(
            np.where(elements == scale.NONE, scale.NONE, elements - first_elements), np.int32
        ),
    }
    names = [field.name for field in NESTED_LINE.fields]
    per_cdr = np.bincount(lines[Line.CDR], minlength=len(used.first) - 1)
    structs = pa.StructArray.from_arrays([columns[name] for name in names], names)
    return list_array(np.append(0, np.cumsum(per_cdr)), structs)


def _columns(table: Table) -> Table:
    """Return a table column by column: reading one out of the rows would touch the whole table."""
    return np.ascontiguousarray(table.T)


def _state(reason: Reason) -> str:
    if reason == Reason.PRICED:
        return "priced"
    return "not_priced" if reason in _NOT_PRICED else "unpriceable"


def _quantities(parts: Vector) -> pa.Array:
    """Parts of a unit as decimals: billionths, half up."""
    billionths = (parts + scale.NANO // 2) // scale.NANO
    return decimal_array(np.where(parts == scale.NONE, scale.NONE, billionths), _QUANTITY_DECIMALS)


def _times(values: Vector, factor: int) -> Vector:
    return np.where(values == scale.NONE, scale.NONE, values * factor)


def _tariffs_used(owners: Vector, priced: Priced) -> _Used:
    """Return the tariffs that price the periods of each CDR; none where it has no price."""
    tariffs = priced.period_tariffs
    is_new = np.ones(len(owners), dtype=np.bool_)
    is_new[1:] = (owners[1:] != owners[:-1]) | (tariffs[1:] != tariffs[:-1])
    is_new &= (priced.results[:, Result.REASON] == Reason.PRICED)[owners]
    rows = np.flatnonzero(is_new)
    users, used = owners[rows], tariffs[rows]
    if priced.is_mixed:
        users, used = _with_those_of_lines(users, used, priced.lines)
    _, first_seen = np.unique(_pairs(users, used), return_index=True)
    first_seen = np.sort(first_seen)
    users, used = users[first_seen], used[first_seen]
    per_cdr = np.bincount(users, minlength=len(priced.results))
    return _Used(used, np.append(0, np.cumsum(per_cdr)))


def _with_those_of_lines(users: Vector, used: Vector, lines: Table) -> tuple[Vector, Vector]:
    """CDRs and their tariffs, and those that only lines name, CDR by CDR."""
    named = lines[lines[:, Line.TARIFF] != scale.NONE]
    users = np.append(users, named[:, Line.CDR])
    used = np.append(used, named[:, Line.TARIFF])
    order = np.argsort(users, kind="stable")
    return users[order], used[order]


def _places(lines: Table, used: _Used) -> Vector:
    """For each line the place of its tariff among those of its CDR; `lines` by column."""
    owners, tariffs = lines[Line.CDR], lines[Line.TARIFF]
    places = np.where(tariffs == scale.NONE, scale.NONE, 0)
    per_cdr = np.diff(used.first)
    unclear = np.flatnonzero((per_cdr[owners] > 1) & (tariffs != scale.NONE))
    if not len(unclear):
        return places
    known = _pairs(np.repeat(np.arange(len(per_cdr)), per_cdr), used.tariffs)
    order = np.argsort(known)
    wanted = _pairs(owners[unclear], tariffs[unclear])
    found = order[np.searchsorted(known, wanted, sorter=order)]
    places[unclear] = found - used.first[owners[unclear]]
    return places


def _pairs(owners: Vector, tariffs: Vector) -> Vector:
    """One number for each pair of a CDR and a tariff of a batch."""
    return (owners << 32) + tariffs
