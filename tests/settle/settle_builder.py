"""A small warehouse with verdicts, as reconciliation would leave it, for tests of settlement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from models.contract import Contract
from models.settle.fx import QUOTES_SCHEMA, FxTable, fx_table
from models.settle.view import DecisionsView
from models.tables.rating import LINE_DIMENSIONS
from pipelines.stages.recon import drop_temporary_tables
from pipelines.stages.recon.changes import find_unbilled
from pipelines.stages.settle.warehouse import settle_warehouse
from pipelines.warehouse.structure import prepare
from tests.in_memory import in_memory, insert

AS_OF = datetime(2026, 12, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 10, 12, tzinfo=UTC)


def rates(reporting: str = "EUR") -> FxTable:
    rows = [
        ("DKK", date(2026, 10, 9), Decimal("7.5")),
        ("DKK", date(2026, 10, 30), Decimal("7.4")),
        ("USD", date(2026, 10, 9), Decimal("1.2")),
        ("USD", date(2026, 10, 30), Decimal("1.1")),
    ]
    return fx_table(reporting, pl.DataFrame(rows, schema=QUOTES_SCHEMA, orient="row"))


def amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _counted(energy: object, credit: bool) -> Decimal | None:
    size = amount(energy)
    return -abs(size) if credit and size is not None else size


@dataclass
class SettleBuilder:
    con: duckdb.DuckDBPyConnection
    contracts: dict[str, Contract] = field(default_factory=lambda: {"voltix": Contract()})

    @classmethod
    def open(cls, path: str | None = None) -> SettleBuilder:
        """Open a file, made where there is none; without a path one in memory."""
        if path is None:
            return cls(in_memory())
        con = duckdb.connect(path)
        con.execute("set TimeZone = 'UTC'")
        prepare(con)
        return cls(con)

    def cdr(
        self,
        cdr_id: str,
        claimed: object = "10.00",
        *,
        verdict: str = "agreed",
        disputed: object = 0,
        rejected: object = 0,
        expected: object = None,
        incl: object = None,
        rates: Mapping[str | None, object] | None = None,
        end_at: datetime = OCTOBER,
        energy: object = "20",
        currency: str = "EUR",
        partner: str = "voltix",
        party: tuple[str, str] = ("NL", "VOL"),
        token: tuple[str, str] | None = None,
        country: str = "NLD",
        credit: bool = False,
        credits: str | None = None,
        home: bool = False,
        rule: str | None = None,
        cause: str | None = None,
        message: str | None = None,
        at_stake_vat: object = 0,
        last_updated_at: datetime | None = None,
        fetched_at: datetime | None = None,
        location: str = "Dam Square",
    ) -> None:
        """A CDR, its verdict, the lines that priced it and its leading finding.

        Args:
            rates: VAT rate (None: not stated) → net amount of the lines that priced it.
        """
        key = {"partner": partner, "country_code": party[0], "party_id": party[1]}
        net = amount(claimed)
        insert(
            self.con,
            "core.cdrs",
            [
                {
                    **key,
                    "id": cdr_id,
                    "start_at": end_at.replace(hour=max(end_at.hour - 1, 0)),
                    "end_at": end_at,
                    "last_updated_at": last_updated_at or end_at,
                    "currency": currency,
                    "country": country,
                    "location_name": location,
                    "evse_id": "NL*VOL*E1",
                    "token_country_code": token[0] if token else None,
                    "token_party_id": token[1] if token else None,
                    "total_energy_kwh": amount(energy),
                    "total_cost_excl_vat": net,
                    "total_cost_incl_vat": amount(incl),
                    "credit": credit,
                    "home_charging_compensation": home,
                    "period_count": 1,
                    "content_hash": f"hash-{cdr_id}",
                    "fetched_at": fetched_at or last_updated_at or end_at,
                    "page_id": "p1",
                }
            ],
        )
        held = None if net is None else (amount(disputed) or 0) + (amount(rejected) or 0)
        insert(
            self.con,
            "recon.cdrs",
            [
                {
                    **key,
                    "id": cdr_id,
                    "verdict": verdict,
                    "currency": currency,
                    "claimed_excl_vat": net,
                    "claimed_incl_vat": amount(incl),
                    "expected_excl_vat": amount(claimed if expected is None else expected),
                    "payable_excl_vat": None if net is None or held is None else net - held,
                    "energy_kwh": _counted(energy, credit),
                    "disputed_excl_vat": amount(disputed),
                    "rejected_excl_vat": amount(rejected),
                    "tariff_source": "published",
                    "cause": cause,
                    "main_rule_id": rule,
                    "rule_ids": [rule] if rule else [],
                    "finding_count": 1 if rule else 0,
                    "credit": credit,
                    "credits_id": credits,
                    "home_charging_compensation": home,
                }
            ],
        )
        if rates:
            insert(
                self.con,
                "rating.cdrs",
                [
                    {
                        **key,
                        "cdr_id": cdr_id,
                        "source": "published",
                        "currency": currency,
                        "lines": [
                            {
                                "dimension": LINE_DIMENSIONS.index("ENERGY"),
                                "amount_excl_vat": amount(value),
                                "vat_rate": amount(rate),
                            }
                            for rate, value in rates.items()
                        ],
                    }
                ],
            )
        insert(self.con, "recon.changed", [{**key, "id": cdr_id}])
        if rule:
            insert(
                self.con,
                "recon.findings",
                [
                    {
                        **key,
                        "subject": "cdr",
                        "subject_id": cdr_id,
                        "rule_id": rule,
                        "rule_version": 1,
                        "severity": "fatal" if verdict == "rejected" else "dispute",
                        "cause": cause,
                        "at_stake_excl_vat": amount(rejected if rejected else disputed),
                        "at_stake_vat": amount(at_stake_vat),
                        "currency": currency,
                        "message": message or f"{rule} fired on {cdr_id}.",
                    }
                ],
            )

    def verdict(self, cdr_id: str, verdict: str, *, disputed: object = 0) -> None:
        """Reconciliation changes its mind."""
        self.con.execute(
            "update recon.cdrs set verdict = ?, disputed_excl_vat = ?, "
            "payable_excl_vat = claimed_excl_vat - ? where id = ?",
            [verdict, amount(disputed), amount(disputed), cdr_id],
        )
        self.con.execute(
            "insert into recon.changed select partner, country_code, party_id, id "
            "from recon.cdrs where id = ?",
            [cdr_id],
        )

    def settle(self, decisions: DecisionsView | None = None, **options: Any) -> dict[str, int]:
        self.con.execute("delete from recon.unbilled")
        find_unbilled(self.con, narrow=False)
        drop_temporary_tables(self.con)
        return settle_warehouse(
            self.con,
            self.contracts,
            decisions or DecisionsView(),
            **{"as_of": AS_OF, "fx": rates(), **options},
        )

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        names = ", ".join(columns)
        return self.con.execute(f"select {names} from {table} order by all").fetchall()  # noqa: S608

    def one(self, table: str, *columns: str) -> tuple[Any, ...]:
        (row,) = self.rows(table, *columns)
        return row
