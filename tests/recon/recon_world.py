"""A small warehouse to reconcile: rows with defaults, each test changes what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.contract import Contract
from models.tables import BY_NAME
from models.tables.charging import (
    AGREEMENT_PRICES,
    CDR_CONFLICTS,
    CDRS,
    CHARGING_PERIODS,
    EMBEDDED_TARIFFS,
    SESSIONS,
)
from models.tables.kinds import Table
from models.tables.objects import (
    CONNECTORS,
    EVSE_STATUS,
    EVSES,
    INVOICES,
    LOCATIONS,
    TARIFFS,
    TOKEN_STATES,
    TOKENS,
)
from models.tables.operations import PULLS, PUSHES
from models.tables.rating import RATING_CDRS
from pipelines.stages.recon.reconcile import ReconcileResult, reconcile_warehouse
from pipelines.stages.recon.terms import Terms
from tests.in_memory import in_memory, insert

START = datetime(2026, 10, 3, 10, tzinfo=UTC)
END = START + timedelta(hours=2)
AS_OF = datetime(2026, 10, 20, tzinfo=UTC)
OWNER = {"partner": "voltix", "country_code": "NL", "party_id": "VOL"}
ORIGIN = {"content_hash": "h", "page_id": "p1"}


def d(text: str) -> Decimal:
    return Decimal(text)


def per_vat(name: str, excl: str, incl: str | None) -> dict[str, Decimal | None]:
    return {f"{name}_excl_vat": d(excl), f"{name}_incl_vat": None if incl is None else d(incl)}


CDR: dict[str, Any] = {
    **OWNER,
    **ORIGIN,
    "id": "C1",
    "session_id": "S1",
    "start_at": START,
    "end_at": END,
    "token_country_code": "NL",
    "token_party_id": "EMS",
    "token_uid": "T1",
    "token_type": "RFID",
    "location_id": "L1",
    "location_name": "Station",
    "country": "NLD",
    "latitude": 52.0,
    "longitude": 5.0,
    "evse_uid": "E1",
    "evse_id": "NL*VOL*E1",
    "connector_id": "1",
    "connector_power_type": "AC_3_PHASE",
    "currency": "EUR",
    "period_count": 1,
    "total_energy_kwh": d("20"),
    "total_time_h": d("2"),
    "total_parking_time_h": d("0"),
    **per_vat("total_cost", "10", "12.1"),
    **per_vat("total_energy_cost", "10", "12.1"),
    "credit": False,
    "home_charging_compensation": False,
    "last_updated_at": END + timedelta(minutes=5),
    "fetched_at": AS_OF,
}
PERIOD: dict[str, Any] = {
    **OWNER,
    "cdr_id": "C1",
    "period_index": 0,
    "start_at": START,
    "energy_kwh": d("20"),
    "time_h": d("2"),
}
PRICE: dict[str, Any] = {
    **OWNER,
    "cdr_id": "C1",
    "source": "published",
    "state": "priced",
    "currency": "EUR",
    **per_vat("expected", "10", "12.1"),
    **per_vat("energy_cost", "10", "12.1"),
    **per_vat("time_cost", "0", "0"),
    **per_vat("parking_cost", "0", "0"),
    **per_vat("fixed_cost", "0", "0"),
    **per_vat("reservation_cost", "0", "0"),
    "billed_energy_kwh": d("20"),
    "billed_time_h": d("0"),
    "tariff_ids": ["T7"],
    "notes": [],
    "input_hash": "r1",
}
SESSION: dict[str, Any] = {
    **OWNER,
    **ORIGIN,
    "id": "S1",
    "start_at": START,
    "end_at": END,
    "energy_kwh": d("20"),
    "token_uid": "T1",
    "location_id": "L1",
    "evse_uid": "E1",
    "evse_id": "NL*VOL*E1",
    "connector_id": "1",
    "currency": "EUR",
    **per_vat("total_cost", "10", "12.1"),
    "status": "COMPLETED",
    "fetched_at": AS_OF,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    CDRS.name: CDR,
    CHARGING_PERIODS.name: PERIOD,
    RATING_CDRS.name: PRICE,
    SESSIONS.name: SESSION,
    AGREEMENT_PRICES.name: {"partner": "voltix", "name": "price", "applies_to": "some",
                            "from_at": START - timedelta(days=400),
                            "until_at": START + timedelta(days=400)},
    LOCATIONS.name: {**OWNER, **ORIGIN, "id": "L1", "fetched_at": AS_OF, "first_seen_at": START},
    EVSES.name: {**OWNER, **ORIGIN, "location_id": "L1", "uid": "E1", "evse_id": "NL*VOL*E1",
            "canonical_evse": "NLVOLE1", "status": "AVAILABLE", "fetched_at": AS_OF,
            "first_seen_at": START, "is_current_copy": True},
    CONNECTORS.name: {**OWNER, **ORIGIN, "location_id": "L1", "evse_uid": "E1", "id": "1",
                 "power_type": "AC_3_PHASE", "power_kw": d("22"), "fetched_at": AS_OF,
                 "first_seen_at": START},
    TOKENS.name: {"partner": "voltix", "country_code": "NL", "party_id": "EMS",
        **ORIGIN, "uid": "T1",
             "type": "RFID", "valid": True, "fetched_at": AS_OF},
    TOKEN_STATES.name: {"partner": "voltix", "country_code": "NL", "party_id": "EMS", "uid": "T1",
                   "type": "RFID", "page_id": "p1"},
    PUSHES.name: {"push_id": "u1", "partner": "voltix", "module": "cdrs", "method": "POST",
             "state": "loaded", "received_at": AS_OF, "page_id": "p1"},
    EVSE_STATUS.name: {**OWNER, "location_id": "L1", "evse_uid": "E1", "canonical_evse": "NLVOLE1",
                  "status": "OUTOFORDER", "from_at": START, "observed_from_at": START,
                  "observed_until_at": AS_OF, "page_id": "p1"},
    CDR_CONFLICTS.name: {**OWNER, **ORIGIN, "id": "C1", "kept_content_hash": "h", "currency": "EUR",
                    "fetched_at": AS_OF},
    EMBEDDED_TARIFFS.name: {**OWNER, "content_hash": "t1", "id": "T7", "currency": "EUR",
                       "fetched_at": AS_OF, "page_id": "p1"},
    TARIFFS.name: {**OWNER, **ORIGIN, "id": "T7", "currency": "EUR",
              "valid_from_at": START - timedelta(days=30), "fetched_at": AS_OF},
    INVOICES.name: {**OWNER, **ORIGIN, "id": "R1", "invoice_id": "INV1",
               "valid_from_at": AS_OF - timedelta(days=5), "fetched_at": AS_OF},
    PULLS.name: {"pull_id": "q1", "run_id": "run", "partner": "voltix", "module": "cdrs",
            "mode": "full", "started_at": AS_OF, "status": "complete", "pages": 1, "objects": 1,
            "requests": 1, "bytes": 1, "unchanged": False},
}  # fmt: skip


@dataclass
class World:
    """A warehouse in memory.

    Args:
        contracts: partner → terms.
        parties: partner → parties it acts for.
        left: partners that are no longer in the partners file.
        hubs: connections that bring what other parties issued.
    """

    contracts: dict[str, Contract] = field(default_factory=dict)
    parties: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    hubs: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.con = in_memory()

    def add(self, table: Table, *rows: Mapping[str, Any], **changes: Any) -> World:
        """Rows of a table: its defaults with these changes."""
        full = [DEFAULTS[table.name] | dict(row) | changes for row in (rows or ({},))]
        insert(self.con, table.name, full)
        return self

    def charge(self, *, price: Mapping[str, Any] | None = None, **changes: Any) -> World:
        """A CDR with its period and its price, which agree with one another by default."""
        cdr = CDR | changes
        key = {name: cdr[name] for name in OWNER} | {"cdr_id": cdr["id"]}
        self.add(CDRS, **changes)
        self.add(CHARGING_PERIODS, **key, start_at=cdr["start_at"])
        if not cdr["credit"]:
            self.add(RATING_CDRS, **key, **(price or {}))
        return self

    def places(self) -> World:
        """The place that charges name by default."""
        return self.add(LOCATIONS).add(EVSES).add(CONNECTORS)

    def reconcile(self, as_of: datetime = AS_OF) -> ReconcileResult:
        """Reconcile all of it."""
        terms = Terms(self.contracts, self.parties, self.left, self.hubs)
        return reconcile_warehouse(self.con, terms, as_of=as_of)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, in order of its key."""
        key = ", ".join(BY_NAME[table].key)
        return self.con.sql(f"select * from {table} order by {key}").pl().to_dicts()  # noqa: S608

    def fired(self, subject_id: str = "C1") -> dict[str, dict[str, Any]]:
        """The findings about a subject after a reconciliation, by rule."""
        self.reconcile()
        found = [row for row in self.rows("recon.findings") if row["subject_id"] == subject_id]
        assert len({row["rule_id"] for row in found}) == len(found)
        return {row["rule_id"]: row for row in found}

    def verdict(self, cdr_id: str = "C1", partner: str = "voltix") -> dict[str, Any]:
        """The verdict on a CDR after `fired` or `reconcile`."""
        rows = self.rows("recon.cdrs")
        return next(row for row in rows if row["id"] == cdr_id and row["partner"] == partner)
