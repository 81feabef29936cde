"""The facts about a CDR that rules read: what the warehouse tells, and what follows from it."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from models.contract import Contract
from models.recon.quantities import contract_threshold, ends_at, invoiceable_at, made_at
from models.recon.vat import with_vat_rates
from models.tables.kinds import QUANTITY
from models.tables.rating import PARTS


def with_derived_facts(facts: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Add the facts that follow from those of the warehouse.

    Args:
        facts: rows of `models/sql/recon/facts.sql`, with `cause` and `cause_detail`.
        as_of: the moment that the warehouse shows.
    """
    other = [f"expected_{part}_cost_excl_vat" for part in PARTS if part != "energy"]
    stated = [pl.col(f"claimed_{part}_cost_excl_vat").is_not_null() for part in PARTS]
    signed = (
        facts["signed_data"].map_elements(signed_kwh, return_dtype=QUANTITY, skip_nulls=True)
        if facts["signed_data"].null_count() < facts.height
        else pl.lit(None, dtype=QUANTITY)
    )
    return with_vat_rates(
        facts.with_columns(
            pl.lit(as_of).cast(pl.Datetime("us", "UTC")).alias("as_of"),
            pl.sum_horizontal(stated).cast(pl.Int64).alias("parts_stated"),
            pl.sum_horizontal(pl.col(name).fill_null(0) for name in other).alias(
                "expected_other_than_energy_excl_vat"
            ),
            signed.alias("signed_kwh"),
        )
    ).with_row_index("row")


def recheck_at(contracts: Mapping[str, Contract]) -> pl.Expr:
    """Return the moment from which time alone may change the findings about a CDR; null: never.

    `contracts`: partner → terms, for how long each rule waits.
    """
    credit = pl.col("credit")
    orphan = pl.when(credit & pl.col("original_id").is_null()).then(
        made_at() + _wait(contracts, "CREDIT_ORIGINAL_MISSING")
    )
    unreplaced = pl.when(
        credit & pl.col("is_cancelled_pair") & pl.col("replaced_by_id").is_null()
    ).then(made_at() + _wait(contracts, "CREDIT_WITHOUT_REPLACEMENT"))
    uninvoiced = pl.when(~credit & pl.col("invoice_id").is_null()).then(
        invoiceable_at() + _wait(contracts, "CDR_NOT_INVOICED")
    )
    ahead_s = contract_threshold(contracts, "IN_FUTURE", "ahead_s").cast(pl.Int64)
    happened = ends_at() - pl.duration(seconds=ahead_s)
    due = [
        pl.when(due_at > pl.col("as_of")).then(due_at)
        for due_at in (orphan, unreplaced, uninvoiced, happened)
    ]
    return pl.min_horizontal(due)


def _wait(contracts: Mapping[str, Contract], rule_id: str) -> pl.Expr:
    return pl.duration(hours=contract_threshold(contracts, rule_id, "wait_h").cast(pl.Int64))


_KWH_IN = {"KWH": Decimal(1), "WH": Decimal("0.001")}
_BEGIN, _END = "B", ("E", "L", "R", "A", "P")


def signed_kwh(signed_data: str) -> Decimal | None:
    """Return the energy between the first and the last signed reading.

    `signed_data`: OCPI SignedData object as JSON.

    Returns:
        kWh; None: not OCMF, or without both readings.
    """
    try:
        stated = json.loads(signed_data)
        values = [value["signed_data"] for value in stated["signed_values"]]
        readings = [reading for value in values for reading in _readings(value)]
        first = [kwh for mark, kwh in readings if mark == _BEGIN]
        last = [kwh for mark, kwh in readings if mark in _END]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return last[-1] - first[0] if first and last else None


def _readings(ocmf: str) -> list[tuple[str, Decimal]]:
    """Mark and kWh of each reading in one `OCMF|{…}|{…}` text."""
    head, payload, *_ = ocmf.split("|")
    if head.strip().upper() != "OCMF":
        return []
    found: list[tuple[str, Decimal]] = []
    document: dict[str, Any] = json.loads(payload, parse_float=Decimal)
    for reading in document["RD"]:
        factor = _KWH_IN.get(str(reading.get("RU", "kWh")).upper())
        if factor is None:
            continue
        try:
            value = Decimal(str(reading["RV"]))
        except InvalidOperation as error:
            raise ValueError("a reading that is no number") from error
        found.append((str(reading.get("TX", "")), value * factor))
    return found
