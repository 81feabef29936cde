"""The terms agreed with each partner, as tables that queries can join."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB
from pydantic import ValidationError

from models.contract import Contract, contract_spans
from models.tables.kinds import INSTANT, MONEY, QUANTITY
from pipelines.stages.recon import create_table, query
from pipelines.warehouse.sql_files import insert_frame

PartyCode = tuple[str, str]
_NEAR = "CDR_NEAR_DUPLICATE"
_UNACCEPTED = "PARTY_NOT_PARTNERS"
_KNOWN_CONTRACTS = "select value from recon.inputs where source = 'contract' order by value"
_SPANS: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "terms": pl.String(),
    "from_at": INSTANT,
    "until_at": INSTANT,
    "tolerance_absolute": MONEY,
    "tolerance_relative": QUANTITY,
    "reverse_charge": pl.Boolean(),
    "contract_currency": pl.String(),
    "billing": pl.String(),
    "tariff_source": pl.String(),
}
_TERMS: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "month_basis": pl.String(),
    "time_zone": pl.String(),
    "parties_known": pl.Boolean(),
    "refuses_unaccepted": pl.Boolean(),
    "is_hub": pl.Boolean(),
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
    """The terms of a reconciliation."""

    # partner → contract; one that is not there has its last known one, else the default
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    # partner → `(country_code, party_id)` that it acts for; one that is not there may act for
    # anybody
    parties: Mapping[str, Collection[PartyCode]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()  # the partners that are no longer in the partners file
    hubs: frozenset[str] = frozenset()  # the connections that bring what other parties issued


def recall_contracts(con: DuckDB, contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """Return the contracts with the last known one of each partner that they leave out.

    What a partner claimed before it left the partners file is priced, judged and settled by it.
    """
    known: dict[str, Contract] = {}
    for (value,) in con.execute(_KNOWN_CONTRACTS).fetchall():
        partner, _, text = value.partition("|")
        # A contract of an older release that is not one any more was agreed with nobody.
        with suppress(ValidationError):
            known[partner] = Contract.model_validate_json(text)
    return {**known, **contracts}


def remember_contracts(con: DuckDB, terms: Terms) -> None:
    """Write the contracts to `recon.inputs`, for runs that leave a partner out."""
    rows = [
        ("contract", f"{partner}|{contract.model_dump_json()}")
        for partner, contract in sorted(terms.contracts.items())
    ]
    frame = pl.DataFrame(rows, schema=["source", "value"], orient="row")
    insert_frame(con, "recon.inputs", frame)


def partners_without_contract(con: DuckDB, terms: Terms) -> list[str]:
    """Return the partners of CDRs without a known contract: defaults judge them."""
    rows = con.execute("select distinct partner from core.cdrs order by partner").fetchall()
    known = recall_contracts(con, terms.contracts)
    return [partner for (partner,) in rows if partner not in known]


def judged_by_defaults(con: DuckDB) -> str | None:
    """Return whose CDRs default terms judge, in a sentence; None: nobody's."""
    names = partners_without_contract(con, Terms())
    if not names:
        return None
    return (
        f"no contract of {', '.join(names)} was ever known: default terms judge its CDRs; "
        "add it to the partners file, or accept that"
    )


def create_contract_table(con: DuckDB, terms: Terms) -> None:
    """Create `recon_terms`, `recon_spans` and `recon_parties` for the partners of any data."""
    partners = [row[0] for row in con.execute(query("partners")).fetchall()]
    rows = [_row(partner, terms) for partner in partners]
    of_all = {partner: terms.contracts.get(partner, Contract()) for partner in partners}
    spans = [
        (
            *(span.partner, span.terms, span.from_at, span.until_at),
            *(span.contract.tolerance.absolute, span.contract.tolerance.relative),
            *(span.contract.reverse_charge, span.contract.currency, span.contract.billing),
            span.contract.tariff_source,
        )
        for span in contract_spans(of_all)
    ]
    accepted = [
        (partner, country_code, party_id)
        for partner in partners
        for country_code, party_id in sorted(terms.parties.get(partner, ()))
    ]
    create_table(con, "recon_terms", pl.DataFrame(rows, schema=_TERMS, orient="row"))
    create_table(con, "recon_spans", pl.DataFrame(spans, schema=_SPANS, orient="row"))
    create_table(con, "recon_parties", pl.DataFrame(accepted, schema=_PARTIES, orient="row"))


def _row(partner: str, terms: Terms) -> tuple[object, ...]:
    contract = terms.contracts.get(partner, Contract())
    return (
        partner,
        contract.month_basis,
        contract.time_zone,
        partner in terms.parties,
        partner in terms.parties and contract.severity.get(_UNACCEPTED) not in ("warn", "ignore"),
        partner in terms.hubs,
        int(contract.threshold(_NEAR, "start_s")),
        Decimal(contract.threshold(_NEAR, "energy_kwh")),
    )
