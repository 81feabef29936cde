"""What must hold of any price, whatever the tariff."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from batches import rate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import charges, stamp

from models.tables.rating import RATING_CDRS, RATING_LINES
from models.tables.schema_failures import schema_failures

Charge = dict[str, Any]
quick = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
some = st.lists(charges(), min_size=6, max_size=6)
TOTALS = ("state", "reason", "expected_excl_vat", "expected_incl_vat", "unrounded_excl_vat")


def totals(together: list[Charge]) -> list[tuple[Any, ...]]:
    return rate(together, compiled=True).cdrs.select(TOTALS).rows()


@quick
@given(some)
def test_lines_add_up_to_their_parts_and_the_total(together: list[Charge]) -> None:
    rated = rate(together, compiled=True)
    for row in rated.cdrs.filter(pl.col("state") == "priced").to_dicts():
        lines = rated.lines.filter(pl.col("cdr_id") == row["cdr_id"])
        for side in ("excl", "incl"):
            amounts = lines[f"amount_{side}_vat"]
            total = row[f"expected_{side}_vat"]
            if total is not None:
                assert sum(amounts.to_list(), Decimal(0)) == total
            for part in ("energy", "time", "parking", "fixed", "reservation"):
                mine = lines.filter(pl.col("part") == part)[f"amount_{side}_vat"].to_list()
                cost = row[f"{part}_cost_{side}_vat"]
                # What rounding adds to an unknown amount is unknown too: there is no such line.
                known = [amount for amount in mine if amount is not None]
                assert cost is None or sum(known, Decimal(0)) == cost


@quick
@given(some)
def test_rows_are_as_the_tables_declare(together: list[Charge]) -> None:
    rated = rate(together, compiled=True)
    assert schema_failures(RATING_LINES, rated.lines) is None
    assert schema_failures(RATING_CDRS, rated.cdrs) is None


@quick
@given(some)
def test_a_batch_prices_as_one_by_one(together: list[Charge]) -> None:
    alone = [totals([charge])[0] for charge in together]
    assert totals(together) == alone


@quick
@given(some, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(together: list[Charge], chance: Any) -> None:
    order = list(range(len(together)))
    chance.shuffle(order)
    shuffled = totals([together[place] for place in order])
    assert shuffled == [totals(together)[place] for place in order]


NEVER = {
    "price_components": [
        {"type": kind, "price": Decimal(99)} for kind in ("ENERGY", "TIME", "PARKING_TIME", "FLAT")
    ],
    "restrictions": {"start_date": "1999-01-01", "end_date": "1999-01-01"},
}


@quick
@given(some, st.booleans())
def test_an_element_that_never_matches_changes_nothing(together: list[Charge], first: bool) -> None:
    # Of a reservation that expired only the tariff as a whole says whether charging is priced.
    charging = [charge for charge in together if not expired(charge)]
    assume(charging)
    more = copy.deepcopy(charging)
    for charge in more:
        for tariff in charge["tariffs"]:
            tariff["elements"].insert(0 if first else len(tariff["elements"]), NEVER)
    assert totals(more) == totals(charging)


def expired(charge: Charge) -> bool:
    return all("RESERVATION_TIME" in period for period in charge["cdr"]["periods"])


def split(charge: Charge, index: int) -> Charge:
    """The CDR with a period cut in two halves of the same kind, energy and time shared out."""
    cut = copy.deepcopy(charge)
    periods = cut["cdr"]["periods"]
    period = periods[index]
    end = periods[index + 1]["start"] if index + 1 < len(periods) else cut["cdr"]["end"]
    start = datetime.fromisoformat(period["start"])
    length = (datetime.fromisoformat(end) - start) // timedelta(seconds=1)
    assume(length >= 2)
    second = {**period, "start": stamp(start + timedelta(seconds=length // 2))}
    lengths = (length // 2, length - length // 2)
    for half, seconds in zip((period, second), lengths, strict=True):
        for name in ("TIME", "PARKING_TIME", "RESERVATION_TIME"):
            if name in half:
                half[name] = format((Decimal(seconds) / 3600).quantize(Decimal("1e-9")), "f")
    if "ENERGY" in period:
        whole = Decimal(period["ENERGY"])
        period["ENERGY"] = format((whole / 2).quantize(Decimal("1e-9")), "f")
        second["ENERGY"] = format(whole - Decimal(period["ENERGY"]), "f")
    periods.insert(index + 1, second)
    return cut


def exact_times(charge: Charge) -> Charge:
    """The CDR with every time stated as exactly the length of its period, no restrictions."""
    plain = copy.deepcopy(charge)
    for tariff in plain["tariffs"]:
        for element in tariff["elements"]:
            use = (element.pop("restrictions", None) or {}).get("reservation")
            if use is not None:
                element["restrictions"] = {"reservation": use}
    periods = plain["cdr"]["periods"]
    ends = [period["start"] for period in periods[1:]] + [plain["cdr"]["end"]]
    for period, end in zip(periods, ends, strict=True):
        length = datetime.fromisoformat(end) - datetime.fromisoformat(period["start"])
        for name in ("TIME", "PARKING_TIME", "RESERVATION_TIME"):
            if name in period:
                hours = Decimal(length // timedelta(seconds=1)) / 3600
                period[name] = format(hours.quantize(Decimal("1e-9")), "f")
    return plain


@quick
@given(charges(), st.integers(0, 3))
def test_splitting_where_nothing_changes_does_not_change_the_price(
    charge: Charge, index: int
) -> None:
    plain = exact_times(charge)
    # Lines rounded one by one do depend on how many there are: that is what the stage means.
    plain["stage"] = "total"
    assume(index < len(plain["cdr"]["periods"]))
    assert totals([split(plain, index)]) == totals([plain])


@quick
@given(charges(), st.sampled_from(["ENERGY", "TIME", "PARKING_TIME"]))
def test_more_never_costs_less(charge: Charge, kind: str) -> None:
    """Monotone tariffs only: no restrictions, no negative prices, no limits, one tariff.

    Where a limit clamps one side, the other moves with the session's own blend of tax: more of a
    part with less tax then costs less after taxes, as it should.
    """
    plain = exact_times(charge)
    plain["tariffs"] = plain["tariffs"][:1]
    for limit in ("min_price", "max_price"):
        plain["tariffs"][0].pop(limit, None)
    for element in plain["tariffs"][0]["elements"]:
        for component in element["price_components"]:
            component["price"] = abs(component["price"])
    last = plain["cdr"]["periods"][-1]
    assume(kind in last and "RESERVATION_TIME" not in last)
    # The time rule takes a volume near its period's length for that length: stay clear of it.
    last[kind] = format(Decimal(last[kind]) + 5, "f")
    more = copy.deepcopy(plain)
    more["cdr"]["periods"][-1][kind] = format(Decimal(last[kind]) + Decimal("0.7"), "f")
    less_row, more_row = totals([plain])[0], totals([more])[0]
    assume(less_row[0] == "priced")
    for before, after in zip(less_row[2:4], more_row[2:4], strict=True):
        assert before is None or after is None or after >= before
