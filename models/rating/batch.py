"""A batch of CDRs in tables: what the engine needs of `core`, and `rating` rows back.

The tables have the columns of `models.tables`; some are added, see `RatingTables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa

from models.money import minor_unit_millionths
from models.ocpi.values.timestamps import is_zone
from models.rating.ambiguity import Claims, settle_ambiguity
from models.rating.columns import (
    codes_of,
    decimals_of,
    integers_of,
    microseconds_of,
    places_array,
    stated_decimals,
)
from models.rating.gaps import write_unknown_dimensions, write_unstated_totals
from models.rating.kernel import exact, scale
from models.rating.kernel.tables import Candidate, Cdr, Line, Period, Reason, Stage, Table, Vector
from models.rating.nested_lines import rated_table
from models.rating.run import Inputs, Priced, price
from models.rating.tariff import TariffSet
from models.rating.zones import zone_table
from models.tables.kinds import MONEY, QUANTITY
from models.terms import USUAL_TERMS, PriceTerms

_MODES = {
    "half_up": exact.ROUND_HALF_UP,
    "half_even": exact.ROUND_HALF_EVEN,
    "up": exact.ROUND_UP,
    "down": exact.ROUND_DOWN,
}
_STAGES = {"total": Stage.TOTAL, "dimension": Stage.DIMENSION, "line": Stage.LINE}

_PERIOD_QUANTITIES = {
    "energy_kwh": Period.ENERGY,
    "time_h": Period.TIME,
    "parking_time_h": Period.PARKING,
    "reservation_time_h": Period.RESERVATION,
    "min_current_a": Period.MIN_CURRENT,
    "max_current_a": Period.MAX_CURRENT,
    "min_power_kw": Period.MIN_POWER,
    "max_power_kw": Period.MAX_POWER,
}
_PERIOD_DECIMALS = {
    "time_h_decimals": Period.TIME_DECIMALS,
    "parking_time_h_decimals": Period.PARKING_DECIMALS,
    "reservation_time_h_decimals": Period.RESERVATION_DECIMALS,
}
_YEAR_US = 31_556_952 * scale.SECOND_US


@dataclass(frozen=True)
class RatingTables:
    """CDRs of one batch, their periods and tariffs, in Arrow tables, as they leave the warehouse.

    Args:
        cdrs: one row for each CDR: `partner`, `country_code`, `party_id`, `id`, `start_at`,
            `end_at`, `currency`, `period_count`, `credit`, `home_charging_compensation` as in
            `core.cdrs`;
            `total_energy_kwh`, `total_time_h`, `total_parking_time_h`, for what no period states,
            and `total_cost_excl_vat`, `total_cost_incl_vat`, for which of several tariffs was
            meant; absent ones are not stated;
            `zone` (IANA name; null: unknown), `zone_assumed` (whether it is the country's only
            zone instead of the location's own);
            `input_hash`, where the prices are stored; `terms`, the name of its contract where
            that is not its partner's.
        periods: columns of `core.charging_periods` and `cdr_row`, sorted by it and
            `period_index`.
        candidates: source → rows of `cdr_row` and `tariff` (row of the tariff set), sorted by
            `cdr_row`, in the order in which the source offers them; `by_connector`, whether the
            CDR's own connector names it; `is_only`, whether it prices every period, whatever id
            that states; absent: neither.
        tariffs: all tariffs any candidate names.
        contracts: name of terms → what they say; one that is not there is the default one.
    """

    cdrs: pa.Table
    periods: pa.Table
    candidates: Mapping[str, pa.Table]
    tariffs: TariffSet
    contracts: Mapping[str, PriceTerms]


def rate_frames(
    cdrs: pl.DataFrame,
    periods: pl.DataFrame,
    candidates: Mapping[str, pl.DataFrame],
    tariffs: TariffSet,
    contracts: Mapping[str, PriceTerms],
    *,
    compiled: bool | None = None,
) -> pa.Table:
    """Price CDRs in frames with the columns of `RatingTables`, as `rate_tables` does."""
    batch = RatingTables(
        cdrs=cdrs.to_arrow(compat_level=pl.CompatLevel.oldest()),
        periods=periods.to_arrow(compat_level=pl.CompatLevel.oldest()),
        candidates={source: _arrow_table(offered) for source, offered in candidates.items()},
        tariffs=tariffs,
        contracts=contracts,
    )
    return rate_tables(batch, compiled=compiled)


def _arrow_table(frame: pl.DataFrame) -> pa.Table:
    # Not `pa.table`, which imports pandas to ask whether the frame is one of its own.
    return pa.RecordBatchReader.from_stream(frame).read_all()


def rate_tables(batch: RatingTables, *, compiled: bool | None = None) -> pa.Table:
    """Price the CDRs of a batch by each tariff source, in their order, source by source.

    Returns:
        Rows of `rating.cdrs`, their lines nested.
    """
    owners = integers_of(batch.periods["cdr_row"])
    order = _sort_by_start(owners, microseconds_of(batch.periods["start_at"]))
    if order is not None:
        batch = replace(batch, periods=batch.periods.take(places_array(order)))
    period_ids, tariff_ids = _id_codes(batch.periods["tariff_id"], batch.tariffs)
    periods = _period_table(batch.periods, period_ids)
    cdrs, zones = _cdr_table(batch)
    cdrs[:, Cdr.FIRST_PERIOD] = _first_rows(owners, len(batch.cdrs))
    unknown = batch.periods["unknown_dimensions"]
    gaps = write_unknown_dimensions(cdrs[:-1], unknown, owners, batch.tariffs)
    write_unstated_totals(cdrs[:-1], batch.cdrs, periods, owners, gaps)
    _write_known_reasons(cdrs[:-1], batch, owners)
    claims = Claims(
        *(
            stated_decimals(batch.cdrs, f"total_cost_{side}_vat", MONEY.scale)
            for side in ("excl", "incl")
        )
    )
    rated = []
    for source, offered in batch.candidates.items():
        rows = integers_of(offered["cdr_row"])
        cdrs[:, Cdr.FIRST_CANDIDATE] = _first_rows(rows, len(batch.cdrs))
        if source == "agreement" and not len(rows):
            continue
        table = _candidate_table(offered, tariff_ids)
        inputs = Inputs(
            *(cdrs, _name_only_tariffs(periods, owners, offered, table), table),
            *(batch.tariffs.rows, batch.tariffs.elements, zones),
        )
        priced = price(inputs, compiled=compiled)
        priced = settle_ambiguity(inputs, priced, claims, compiled=compiled)
        if order is not None:
            priced = _restore_stated_order(priced, order, cdrs[:, Cdr.FIRST_PERIOD])
        result = rated_table(source, batch.cdrs, owners, batch.tariffs, priced)
        # Most CDRs are of partners without an agreement: it says nothing about them.
        rated.append(
            result.take(places_array(np.unique(rows))) if source == "agreement" else result
        )
    return pa.concat_tables(rated)


def _sort_by_start(owners: Vector, starts: Vector) -> Vector | None:
    """Return the rows of the periods in the order of their starts; None: they are in that order.

    OCPI orders no periods; equal starts stay as listed.
    """
    if not ((owners[1:] == owners[:-1]) & (starts[1:] < starts[:-1])).any():
        return None
    return np.lexsort((starts, owners))


def _restore_stated_order(priced: Priced, order: Vector, first: Vector) -> Priced:
    """Return the lines with the place of their period in the list of the CDR, not in time."""
    lines = priced.lines
    about = np.flatnonzero(lines[:, Line.PERIOD] != scale.NONE)
    begins = first[lines[about, Line.CDR]]
    lines[about, Line.PERIOD] = order[begins + lines[about, Line.PERIOD]] - begins
    return priced


def _first_rows(owners: Vector, count: int) -> Vector:
    """Return the row at which each owner's rows begin, and the end of the last's."""
    return np.append(0, np.cumsum(np.bincount(owners, minlength=count)))


def _id_codes(stated: pa.ChunkedArray, tariffs: TariffSet) -> tuple[Vector, Vector]:
    """Codes of the periods' tariff ids and of the tariffs' own: equal without regard to case."""
    known: dict[str, int] = {}
    own = [known.setdefault(tariff.id.lower(), len(known)) for tariff in tariffs.tariffs]
    codes, names = codes_of(stated)
    named = [known.setdefault(name.lower(), len(known)) for name in names]
    return _look_up(codes, named), np.array(own, dtype=np.int64)


def _period_table(periods: pa.Table, id_codes: Vector) -> Table:
    table = np.empty((len(periods), Period.COLUMNS), dtype=np.int64)
    table[:, Period.START] = microseconds_of(periods["start_at"])
    table[:, Period.TARIFF_ID] = id_codes
    for name, column in _PERIOD_QUANTITIES.items():
        table[:, column] = decimals_of(periods[name], QUANTITY.scale)
    for name, column in _PERIOD_DECIMALS.items():
        table[:, column] = integers_of(periods[name])
    return table


def _candidate_table(offered: pa.Table, tariff_ids: Vector) -> Table:
    table = np.empty((len(offered), Candidate.COLUMNS), dtype=np.int64)
    table[:, Candidate.TARIFF] = integers_of(offered["tariff"])
    table[:, Candidate.TARIFF_ID] = tariff_ids[table[:, Candidate.TARIFF]]
    named = "by_connector" in offered.column_names
    table[:, Candidate.BY_CONNECTOR] = integers_of(offered["by_connector"]) if named else 0
    return table


def _name_only_tariffs(
    periods: Table, owners: Vector, offered: pa.Table, candidates: Table
) -> Table:
    """Return the periods with the id of the tariff that prices them whatever they state."""
    if "is_only" not in offered.column_names:
        return periods
    only = integers_of(offered["is_only"]) == 1
    if not only.any():
        return periods
    ids = dict(
        zip(
            integers_of(offered["cdr_row"])[only].tolist(),
            candidates[only, Candidate.TARIFF_ID].tolist(),
            strict=True,
        )
    )
    named = periods.copy()
    stated = zip(owners.tolist(), periods[:, Period.TARIFF_ID].tolist(), strict=True)
    named[:, Period.TARIFF_ID] = [ids.get(owner, own) for owner, own in stated]
    return named


def _cdr_table(batch: RatingTables) -> tuple[Table, Table]:
    """Return the CDR table without ranges and reasons, and the zones its CDRs stand in."""
    cdrs = batch.cdrs
    table = np.zeros((len(cdrs) + 1, Cdr.COLUMNS), dtype=np.int64)
    rows = table[:-1]
    rows[:, Cdr.START] = microseconds_of(cdrs["start_at"])
    rows[:, Cdr.END] = microseconds_of(cdrs["end_at"])
    zone_codes, names = codes_of(cdrs["zone"])
    zones = [name for name in names if is_zone(name)]
    rows[:, Cdr.ZONE] = _look_up(
        zone_codes, [zones.index(n) if n in zones else scale.NONE for n in names]
    )
    rows[:, Cdr.ZONE_ASSUMED] = integers_of(cdrs["zone_assumed"])
    currency_codes, currencies = codes_of(cdrs["currency"])
    known = batch.tariffs.currencies
    rows[:, Cdr.CURRENCY] = _look_up(currency_codes, [known.get(c.upper(), -1) for c in currencies])
    rows[:, Cdr.MINOR_UNIT] = _look_up(
        currency_codes, [minor_unit_millionths(currency) for currency in currencies]
    )
    terms = "terms" if "terms" in cdrs.column_names else "partner"
    _write_contracts(rows, cdrs[terms], batch.contracts)
    years = {
        1970 + int(at) // _YEAR_US
        for at in np.unique(rows[:, (Cdr.START, Cdr.END)] // _YEAR_US) * _YEAR_US
    }
    return table, zone_table(
        zones, years | {year + 1 for year in years} | {year - 1 for year in years}
    )


def _look_up(codes: Vector, values: list[int]) -> Vector:
    """Return the value of each code; `NONE` stays."""
    return np.where(
        codes == scale.NONE,
        scale.NONE,
        np.array([*values, 0], dtype=np.int64)[np.maximum(codes, -1)],
    )


def _write_contracts(
    rows: Table, stated: pa.ChunkedArray, contracts: Mapping[str, PriceTerms]
) -> None:
    codes, names = codes_of(stated)
    terms = [contracts.get(name, USUAL_TERMS) for name in names]
    rows[:, Cdr.ROUNDING_MODE] = _look_up(codes, [_MODES[term.mode] for term in terms])
    rows[:, Cdr.ROUNDING_STAGE] = _look_up(codes, [_STAGES[term.stage] for term in terms])
    rows[:, Cdr.REVERSE_CHARGE] = _look_up(codes, [int(term.reverse_charge) for term in terms])


def _write_known_reasons(rows: Table, batch: RatingTables, owners: Vector) -> None:
    """Write reasons the CDR itself gives: credits, home charging, what could not be read of it."""
    cdrs = batch.cdrs
    reasons = rows[:, Cdr.REASON]
    present = np.bincount(owners, minlength=len(cdrs))
    sent = integers_of(cdrs["period_count"])
    reasons[(sent != scale.NONE) & (sent != present)] = Reason.PERIODS_INCOMPLETE
    reasons[integers_of(cdrs["home_charging_compensation"]) == 1] = Reason.HOME_CHARGING
    reasons[integers_of(cdrs["credit"]) == 1] = Reason.CREDIT
