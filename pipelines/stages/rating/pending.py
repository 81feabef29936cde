"""Finds the CDRs to price, lays out their inputs, and reads them batch by batch."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
from duckdb import DuckDBPyConnection as DuckDB

from models.agreement import discounted_tariff, scope_of
from models.contract import Contract, ContractSpan, contract_spans
from models.rating.batch import RatingTables
from models.rating.columns import integers_of
from models.rating.kernel.tables import Vector
from models.rating.tariff import TariffSet, compile_tariff_text, tariff_set
from models.rating.zones import ONLY_ZONES
from models.tables.charging import AGREEMENT_PRICES
from models.tables.kinds import INSTANT
from models.tables.rating import SOURCES
from models.terms import PriceTerms
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import (
    fetch_int,
    fetch_table,
    insert_frame,
    query,
    registered,
    row_count,
)

#: Where the source of prices lies: if any of it changes, everything is priced anew.
_SOURCES = (
    *("models/agreement.py", "models/rating", "models/sql/rating", "models/tables/rating.py"),
    "pipelines/stages/rating",
)
# Temporary tables, each made by the statement of its name, in this order.
_FIND = (
    *("period_tariff_ids", "wanted_tariff_ids", "published_tariffs", "agreed_prices"),
    "rating_changes",
)
_LAY_OUT = ("pending_periods", "rating_tariffs", "pending_tariffs")
_NO_END = 2**62


def find_pending(
    con: DuckDB, contracts: Mapping[str, Contract], left: Collection[str] = ()
) -> tuple[int, int]:
    """Fill `rating_changes` with what is to be priced or forgotten, `pending_*` with its inputs.

    Where nothing is to be priced there are no inputs either.

    Returns:
        How many CDRs there are, and how many of them are to be priced.
    """
    _write_agreements(con, contracts)
    values: dict[str, dict[str, Any]] = {
        "published_tariffs": {"former": sorted(left)},
        "rating_changes": {"engine": source_digest(*_SOURCES)},
    }
    zones = pl.DataFrame({"country": list(ONLY_ZONES), "zone": list(ONLY_ZONES.values())})
    terms = _contract_terms(con, contracts)
    with registered(con, country_zones=zones, contract_terms=terms):
        for name in _FIND:
            con.execute(query("rating", name), values.get(name))
        to_price = fetch_int(con, "select count(cdr_number) from temp.rating_changes")
        for name in _LAY_OUT if to_price else ():
            con.execute(query("rating", name))
    return row_count(con, "core.cdrs"), to_price


def drop_pending(con: DuckDB) -> None:
    """Drop the temporary tables."""
    for table in (*_FIND, *_LAY_OUT):
        con.execute(f"drop table if exists temp.{table}")


def _write_agreements(con: DuckDB, contracts: Mapping[str, Contract]) -> None:
    """Put what is agreed into the warehouse; of a partner that is not there it stays."""
    con.execute(
        f"delete from {AGREEMENT_PRICES.name} where list_contains($partners, partner)",  # noqa: S608
        {"partners": list(contracts)},
    )
    insert_frame(con, AGREEMENT_PRICES.name, agreement_rows(contracts))


def agreement_rows(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """Return the agreed prices and fees of every partner as rows of `core.agreement_prices`."""
    rows = [
        row
        for span in contract_spans(contracts)
        if span.contract.tariff_source == "agreement"
        for row in _rows_of_span(span)
    ]
    places: dict[str, int] = {}
    for row in rows:
        row["position"] = places[row["partner"]] = places.get(row["partner"], -1) + 1
    schema = AGREEMENT_PRICES.polars_schema()
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)


def _rows_of_span(span: ContractSpan) -> Iterator[dict[str, Any]]:
    contract = span.contract
    for price in contract.agreement:
        start = _midnight(price.valid_from or date(1, 1, 1), contract)
        after = date(9999, 1, 1) if price.valid_to is None else price.valid_to + timedelta(days=1)
        from_at = max(start, span.from_at)
        until_at = min(_midnight(after, contract), span.until_at)
        if from_at >= until_at:
            continue
        for name in price.names:
            is_price = name == "price"
            yield {
                "partner": span.partner,
                "name": name,
                "applies_to": price.applies_to,
                **scope_of(price.applies_to),
                "rank": price.rank(),
                "from_at": from_at,
                "until_at": until_at,
                "currency": price.currency or contract.currency,
                "discount": price.discount if is_price else None,
                "amount_excl_vat": None if is_price else getattr(price, name),
                "vat_rate": price.vat,
                "tariff": price.tariff_text(contract.currency) if is_price else None,
            }


def _midnight(day: date, contract: Contract) -> datetime:
    """Return when a day begins by the clock of the contract."""
    if not 1 < day.year < 9999:
        return datetime.combine(day, time(), UTC)
    return datetime.combine(day, time(), ZoneInfo(contract.time_zone)).astimezone(UTC)


def _contract_terms(con: DuckDB, contracts: Mapping[str, Contract]) -> pl.DataFrame:
    rows = con.execute("select distinct partner from core.cdrs order by partner").fetchall()
    of_all = {str(partner): contracts.get(partner, Contract()) for (partner,) in rows}
    terms = [
        (
            *(span.partner, span.terms, span.from_at, span.until_at),
            *(span.contract.month_basis, str(span.contract.price_terms)),
        )
        for span in contract_spans(of_all)
    ]
    texts = dict.fromkeys(("month_basis", "fingerprint"), pl.String())
    schema = {"partner": pl.String(), "terms": pl.String(), "from_at": INSTANT, "until_at": INSTANT}
    return pl.DataFrame(terms, schema={**schema, **texts}, orient="row")


def read_batches(
    con: DuckDB, contracts: Mapping[str, Contract], size: int
) -> Iterator[RatingTables]:
    """Yield the CDRs to price, in order.

    `con`: the connection whose temporary tables `find_pending` filled.
    """
    tariffs = _tariffs(con)
    terms = {span.terms: span.contract.price_terms for span in contract_spans(contracts)}
    begins = con.execute(query("rating", "batch_spans"), {"size": size}).fetchall()
    for (first,), (end,) in pairwise([*begins, (_NO_END,)]):
        yield _read(con, {"first": first, "end": end}, tariffs, terms)


def _tariffs(con: DuckDB) -> TariffSet:
    rows = con.execute(
        "select coalesce(tariff, ''), discount from temp.rating_tariffs order by number"
    ).fetchall()
    return tariff_set([compile_tariff_text(discounted_tariff(*row)) for row in rows])


def _read(
    con: DuckDB, span: dict[str, int], tariffs: TariffSet, contracts: Mapping[str, PriceTerms]
) -> RatingTables:
    cdrs = fetch_table(con, query("rating", "batch_cdrs"), span)
    numbers = integers_of(cdrs["cdr_number"])
    periods = fetch_table(con, query("rating", "batch_periods"), span)
    candidates = {}
    for source in SOURCES:
        offered = fetch_table(con, query("rating", "batch_tariffs"), {**span, "source": source})
        candidates[source] = _with_rows(offered, numbers)
    periods = _in_order(_with_rows(periods, numbers))
    return RatingTables(cdrs, periods, candidates, tariffs, contracts)


def _with_rows(table: pa.Table, numbers: Vector) -> pa.Table:
    """Add the row of each row's CDR in the batch, as `cdr_row`."""
    rows = np.searchsorted(numbers, integers_of(table["cdr_number"]))
    return table.append_column("cdr_row", pa.array(rows))


def _in_order(periods: pa.Table) -> pa.Table:
    """Return the periods by CDR and index: mostly they are so already."""
    rows, indexes = integers_of(periods["cdr_row"]), integers_of(periods["period_index"])
    steps, index_steps = np.diff(rows), np.diff(indexes)
    if ((steps > 0) | ((steps == 0) & (index_steps >= 0))).all():
        return periods
    return periods.take(pa.array(np.lexsort((indexes, rows))))
