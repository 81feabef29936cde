"""What was agreed with each partner, as tables that queries can join."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb
import polars as pl

from models.contract import Contract
from models.tables.kinds import MONEY, QUANTITY
from pipelines.stages.recon.queries import create_table, query

PartyCode = tuple[str, str]
_NEAR = "CDR_NEAR_DUPLICATE"
_TERMS: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "tolerance_absolute": MONEY,
    "tolerance_relative": QUANTITY,
    "reverse_charge": pl.Boolean(),
    "contract_currency": pl.String(),
    "billing": pl.String(),
    "tariff_source": pl.String(),
    "month_basis": pl.String(),
    "time_zone": pl.String(),
    "parties_known": pl.Boolean(),
    "near_start_s": pl.Int64(),
    "near_energy_kwh": QUANTITY,
}
_PARTIES: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "country_code": pl.String(),
    "party_id": pl.String(),
}


@dataclass(frozen=True)
class Terms:
    """The terms of a reconciliation.

    Args:
        contracts: partner → contract; a partner that is not there has the default one.
        parties: partner → `(country_code, party_id)` that it acts for; one that is not there may
            act for anybody.
    """

    contracts: Mapping[str, Contract] = field(default_factory=dict)
    parties: Mapping[str, Collection[PartyCode]] = field(default_factory=dict)


def create_contract_table(con: duckdb.DuckDBPyConnection, terms: Terms) -> None:
    """Create `recon_terms` and `recon_parties` for the partners that anything came from."""
    partners = [row[0] for row in con.execute(query("partners")).fetchall()]
    rows = [_row(partner, terms) for partner in partners]
    accepted = [
        (partner, country_code, party_id)
        for partner in partners
        for country_code, party_id in sorted(terms.parties.get(partner, ()))
    ]
    create_table(con, "recon_terms", pl.DataFrame(rows, schema=_TERMS, orient="row"))
    create_table(con, "recon_parties", pl.DataFrame(accepted, schema=_PARTIES, orient="row"))


def _row(partner: str, terms: Terms) -> tuple[object, ...]:
    contract = terms.contracts.get(partner, Contract())
    return (
        partner,
        contract.tolerance.absolute,
        contract.tolerance.relative,
        contract.reverse_charge,
        contract.currency,
        contract.billing,
        contract.tariff_source,
        contract.month_basis,
        contract.time_zone,
        partner in terms.parties,
        int(contract.threshold(_NEAR, "start_s")),
        Decimal(contract.threshold(_NEAR, "energy_kwh")),
    )
