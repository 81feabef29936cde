"""Contract terms that a price depends on: as text for the input hash, and agreed prices as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from models.agreement import scope_of
from models.contract import Contract, ContractSpan, contract_spans
from models.tables import AGREEMENT_PRICES


def fingerprint(contract: Contract) -> str:
    """Return a text that differs where the price of a CDR may differ by contract."""
    rounding = contract.rounding
    return f"{rounding.mode}/{rounding.stage}/{'reverse' if contract.reverse_charge else 'taxed'}"


def agreement_rows(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """Return the agreed prices and fees of every partner as rows of `core.agreement_prices`.

    Args:
        contracts: partner → contract.
    """
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
