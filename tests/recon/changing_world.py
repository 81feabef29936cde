"""A small world in which anything may change between two runs: each change is a method."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from recon_world import AS_OF, START, World, insert

from models.contract import Contract
from models.settle.decisions import Event
from models.settle.disputes import Dispute
from models.settle.fx import QUOTES_SCHEMA, fx_table
from models.settle.months import SettlementMonth
from models.settle.view import DecisionsView
from models.tables.charging import AGREEMENT_PRICES, CDR_CONFLICTS, EMBEDDED_TARIFFS, SESSIONS
from models.tables.objects import EVSE_STATUS, INVOICES, TARIFFS, TOKENS
from models.tables.operations import PAGES
from pipelines.decisions.serialization import rows_sha256
from pipelines.stages.settle.reading import read_month_rows
from pipelines.stages.settle.warehouse import settle_warehouse

LINES = [{"dimension": 0, "amount_excl_vat": Decimal(10), "vat_rate": Decimal(21)}]
ELEMENT = '{"price_components":[{"type":"ENERGY","price":%s,"step_size":1,"vat":21}]}'
TARIFF = (
    '{"id":"T7","country_code":"NL","party_id":"VOL","currency":"EUR","elements":[' + ELEMENT + "]}"
)
AGREED = (
    {"country": "BEL", "discount": Decimal(10)},
    {"connector_type": "CHADEMO", "discount": Decimal(20)},
    {"token_type": "OTHER", "discount": Decimal(40)},
)
MADE = ("recon.cdrs", "recon.findings", "settle.statement_lines", "settle.line_vat",
        "settle.statement_vat", "settle.statements", "settle.disputes", "settle.accruals",
        "settle.journal", "recon.unbilled")  # fmt: skip
FORWARDED = {"core.cdrs": "id", "core.charging_periods": "cdr_id", "rating.cdrs": "cdr_id"}

_PICKED = (
    "select partner, id, session_id, total_cost_excl_vat, end_at from core.cdrs "
    "where {} order by id, partner"
)


class ChangingWorld(World):
    """Two partners at one charging place, reconciled and settled as often as asked."""

    def start(self) -> ChangingWorld:
        """A place, a token, a tariff."""
        self.as_of = AS_OF
        self.hubs = frozenset({"hub"})
        self.number = 0
        self.decisions = DecisionsView()
        self.contracts = {"voltix": Contract(), "hub": Contract()}
        for partner in self.contracts:
            self.add(EMBEDDED_TARIFFS, partner=partner, tariff=TARIFF % "0.5")
        self.places().add(TOKENS).add(TARIFFS, tariff=TARIFF % "0.5")
        self.add(TARIFFS, id="T8", tariff=(TARIFF % "0.55").replace("T7", "T8"))
        for rank, agreed in enumerate(AGREED):
            self.add(AGREEMENT_PRICES, position=rank, rank=rank, **agreed)
        return self

    def run(self) -> int:
        """Reconcile and settle; how many CDRs were judged."""
        page = {"page_id": self._page(), "fetched_at": self.as_of}
        insert(self.con, PAGES.name, [page])  # what the warehouse shows came just now
        judged = self.reconcile(self.as_of).judged
        fx = fx_table("EUR", pl.DataFrame(schema=QUOTES_SCHEMA))
        settle_warehouse(self.con, self.contracts, self.decisions, as_of=self.as_of, fx=fx)
        return judged

    def said(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that both stages made, in order."""
        return {
            name: self.con.execute(f"select * from {name} order by all").fetchall()  # noqa: S608
            for name in MADE
        }

    def forget(self) -> None:
        """Nothing was ever reconciled or settled."""
        for name in (*MADE, "recon.inputs", "recon.changed", "settle.inputs"):
            self.con.execute(f"delete from {name}")  # noqa: S608

    def cdr(self, minute: int, hub: bool, session: int, token: int, evse: int, cost: int) -> None:
        """A CDR with its price; session 0: it names none, as in 2.1.1."""
        page = self._page()
        start = START + timedelta(minutes=minute)
        self.charge(
            price={"input_hash": page, "lines": LINES, "source": "embedded"},
            partner="hub" if hub else "voltix",
            id=f"C{self.number}",
            page_id=page,
            content_hash=page,
            session_id=f"S{session}" if session else None,
            token_uid=f"T{token}",
            evse_uid=f"E{evse}",
            evse_id=f"NL*VOL*E{evse}" if evse < 3 else None,
            start_at=start,
            end_at=start + timedelta(minutes=40),
            last_updated_at=start + timedelta(hours=1),
            tariff_hashes=["t1"],
            total_cost_excl_vat=Decimal(cost),
            total_cost_incl_vat=None,
        )

    def in_wh(self, minute: int, session: int, evse: int) -> None:
        """A CDR that states Wh and bills kWh."""
        self.cdr(minute, hub=False, session=session, token=1, evse=evse, cost=10)
        cdr_id = f"C{self.number}"
        for query in (
            "update core.cdrs set total_energy_kwh = 20000 where id = ?",
            "update core.charging_periods set energy_kwh = 20000 where cdr_id = ?",
            "update rating.cdrs set expected_excl_vat = 10000 where cdr_id = ?",
        ):
            self.con.execute(query, [cdr_id])

    def credit(self, place: int, exact: bool) -> None:
        """A credit for one of the CDRs there are."""
        for partner, cdr_id, session, cost, end_at in self._pick(place, "not credit"):
            page = self._page()
            self.charge(
                partner=partner,
                id=f"C{self.number}",
                page_id=page,
                content_hash=page,
                credit=True,
                credit_reference_id=cdr_id,
                session_id=session,
                total_cost_excl_vat=-cost if exact else Decimal(-1),
                total_cost_incl_vat=None,
                start_at=end_at,
                end_at=end_at + timedelta(minutes=1),
                last_updated_at=end_at,
            )

    def session(self, number: int, minute: int, token: int, invalid: bool) -> None:
        """A session comes, or comes again."""
        end = START + timedelta(minutes=minute + 40)
        status = "INVALID" if invalid else "COMPLETED"
        self._session(number, minute, token_uid=f"T{token}", end_at=end, status=status)

    def goes_on(self, number: int, minute: int, hours: int | None) -> None:
        """A session goes on, or says when it will end."""
        end = None if hours is None else START + timedelta(minutes=minute, hours=hours)
        self._session(number, minute, end_at=end, status="ACTIVE" if hours is None else "COMPLETED")

    def _session(self, number: int, minute: int, **fields: Any) -> None:
        session = f"S{number}"
        self.con.execute("delete from core.sessions where id = ?", [session])
        start = START + timedelta(minutes=minute)
        self.add(SESSIONS, id=session, page_id=self._page(), start_at=start, **fields)

    def token(self, number: int, valid: bool) -> None:
        """A token is made known, blocked or let in again."""
        uid = f"T{number}"
        self.con.execute("delete from core.tokens where uid = ?", [uid])
        row = {"uid": uid, "valid": valid, "last_updated_at": START, "page_id": self._page()}
        self.add(TOKENS, **row)

    def connector(self, power_kw: int, tariff: int) -> None:
        """The connector turns out to be another one, or to have another tariff."""
        query = "update core.connectors set power_kw = ?, tariff_ids = ?"
        self.con.execute(query, [power_kw, [f"T{tariff}"]])

    def place(self, country: str, standard: str) -> None:
        """The place turns out to be in another country, or its connector of another kind."""
        self.con.execute("update core.locations set country = ?", [country])
        self.con.execute("update core.connectors set standard = ?", [standard])

    def outage(self, minute: int) -> None:
        """An EVSE is out of order from some moment on."""
        from_at = START + timedelta(minutes=minute)
        self.add(EVSE_STATUS, from_at=from_at, page_id=self._page())

    def forward(self, place: int) -> None:
        """The hub brings a CDR that the party's own connection brought."""
        for _, cdr_id, *_ in self._pick(place, "not credit and partner = 'voltix'"):
            page = self._page()
            for name, of_cdr in FORWARDED.items():
                self.con.execute(
                    f"insert into {name} select * replace ('hub' as partner) from {name} as c "  # noqa: S608
                    f"where partner = 'voltix' and {of_cdr} = $id and not exists (select 1 "
                    f"from {name} as h where h.partner = 'hub' and h.{of_cdr} = $id)",
                    {"id": cdr_id},
                )
            self.con.execute(
                "update core.cdrs set page_id = ? where partner = 'hub' and id = ?", [page, cdr_id]
            )

    def copy(self, place: int) -> None:
        """A changed copy of a CDR is refused."""
        for partner, cdr_id, *_ in self._pick(place):
            self.add(CDR_CONFLICTS, partner=partner, id=cdr_id, page_id=self._page())

    def price(self, place: int, expected: int) -> None:
        """A CDR is priced anew."""
        for partner, cdr_id, *_ in self._pick(place, "not credit"):
            self.con.execute(
                "update rating.cdrs set expected_excl_vat = ?, input_hash = ? "
                "where partner = ? and cdr_id = ?",
                [expected, self._page(), partner, cdr_id],
            )

    def tariff(self, minute: int, cents: int) -> None:
        """The published tariff has another price from some moment on."""
        from_at = START + timedelta(minutes=minute)
        self.con.execute("delete from core.tariffs where valid_from_at >= ?", [from_at])
        self.con.execute("update core.tariffs set valid_to_at = ?", [from_at])
        text = TARIFF % f"0.{cents}"
        page = self._page()
        self.add(TARIFFS, tariff=text, valid_from_at=from_at, page_id=page, content_hash=page)

    def invoice(self, number: int, places: list[int]) -> None:
        """An invoice record comes, or comes again and lists other CDRs."""
        self.con.execute(
            "update core.invoices set valid_to_at = ? where id = ?", [self.as_of, f"R{number}"]
        )
        cdrs = [row[1] for place in places for row in self._pick(place)]
        self.add(INVOICES, id=f"R{number}", invoice_id=f"INV{number}", cdr_ids=cdrs,
                 content_hash=self._page())  # fmt: skip

    def later(self, days: int) -> None:
        """Time passes; below zero: the clock that it went by was ahead."""
        self.as_of += timedelta(days=days)

    def terms(self, zone: str, reverse_charge: bool) -> None:
        """Another contract."""
        self.contracts["voltix"] = Contract(time_zone=zone, reverse_charge=reverse_charge)

    def let_go(self, place: int) -> None:
        """A person lets a dispute go."""
        for partner, cdr_id, *_ in self._pick(place):
            event = Event("dispute", f"D-{cdr_id}", "withdrawn", "ada", AS_OF)
            gone = Dispute(
                event.stream, "withdrawn", key=f"{partner}/NL/VOL/{cdr_id}", conceded=True,
                history=(event,),
            )  # fmt: skip
            disputes = {**self.decisions.disputes, event.stream: gone}
            self.decisions = replace(self.decisions, disputes=disputes)

    def soft_close(self, month: str) -> None:
        """A person says that a month is done but for a last look."""
        if ("voltix", month) not in self.decisions.locked_months:
            settlement = SettlementMonth("voltix", month, "soft_closed")
            months = {**self.decisions.months, ("voltix", month): settlement}
            self.decisions = replace(self.decisions, months=months)

    def lock(self, month: str) -> None:
        """A person locks what is shown of a month."""
        if ("voltix", month) in self.decisions.locked_months:
            return
        kept = read_month_rows(self.con, "voltix", month)
        settlement = SettlementMonth(
            "voltix", month, "locked", proof=(("lines_sha256", rows_sha256(kept)),)
        )
        self.decisions = replace(
            self.decisions,
            months={**self.decisions.months, ("voltix", month): settlement},
            locked_months={**self.decisions.locked_months, ("voltix", month): kept},
        )

    def _page(self) -> str:
        """Whatever comes, comes on a page of its own."""
        self.number += 1
        return f"page-{self.number}"

    def _pick(self, place: int, condition: str = "true") -> list[tuple[Any, ...]]:
        """The CDR in that place of the list, counted around; none where there are none."""
        rows = self.con.execute(_PICKED.format(condition)).fetchall()
        return [rows[place % len(rows)]] if rows else []
