"""Random invoices made from statements, with errors planted: all are found, and nothing else is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from invoice_builder import invoice, matched, received
from settle_builder import SettleBuilder

from models.contract import Contract
from models.settle.received import ReceivedInvoice

D = Decimal
NOTHING = D(0)
PARTNERS = tuple(f"p{number:02}" for number in range(24))
GOOD = tuple(f"CDR-{number:02}" for number in range(10))
HELD = {"CDR-DISPUTED": D("2"), "CDR-REJECTED": D("31.50")}
NAMINGS = ("cdr_id", "upper", "session", "place", "text")
LINE_ERRORS = (
    *("over", "under", "twice", "unknown", "missing", "other_month", "currency", "vat_rate"),
    "earlier",
)
WHOLE_ERRORS = ("net", "tax")
RULES = {
    "over": "INVOICE_LINE_MISMATCH",
    "under": "INVOICE_LINE_MISMATCH",
    "twice": "INVOICE_LINE_TWICE",
    "earlier": "INVOICE_LINE_TWICE",
    "unknown": "INVOICE_LINE_UNKNOWN",
    "other_month": "INVOICE_LINE_OTHER_MONTH",
    "currency": "INVOICE_CURRENCY_MISMATCH",
    "vat_rate": "INVOICE_VAT_RATE_MISMATCH",
    "missing": "INVOICE_INCOMPLETE",
    "net": "INVOICE_ARITHMETIC",
    "tax": "INVOICE_VAT_ARITHMETIC",
}


def claimed(cdr: str) -> Decimal:
    known = {"CDR-DISPUTED": D("12"), "CDR-REJECTED": D("31.50"), "CDR-SEPTEMBER": D("7.25")}
    known["CDR-KRONER"] = D("80")
    return known.get(cdr) or D("10.05") + 3 * int(cdr[-2:])


@pytest.fixture(scope="module")
def world() -> SettleBuilder:
    """Partners with the same charges in October, and one of each kind that is apart."""
    built = SettleBuilder.open()
    usual = {"rates": {"21": "10"}}
    for number, cdr in enumerate(GOOD):
        end = datetime(2026, 10, number + 2, 12, tzinfo=UTC)
        built.cdr(cdr, claimed(cdr), end_at=end, partner=PARTNERS[0], **usual)
    apart: dict[str, dict[str, Any]] = {
        "CDR-DISPUTED": {"verdict": "overclaimed", "disputed": "2", "rule": "TIME_COST_MISMATCH"},
        "CDR-REJECTED": {"verdict": "rejected", "rejected": "31.50", "rule": "IN_FUTURE"},
        "CDR-KRONER": {"currency": "DKK"},
        "CDR-SEPTEMBER": {"end_at": datetime(2026, 9, 9, 12, tzinfo=UTC)},
    }
    for number, (cdr, options) in enumerate(apart.items()):
        end = {"end_at": datetime(2026, 10, number + 20, 12, tzinfo=UTC)}
        built.cdr(cdr, claimed(cdr), partner=PARTNERS[0], **{**end, **usual, **options})
    built.con.execute(
        "update core.cdrs set session_id = 'S-' || id, evse_id = 'NL*VOL*E' || substr(id, 5)"
    )
    for partner in PARTNERS[1:]:
        for table in ("core.cdrs", "recon.cdrs", "rating.cdrs", "recon.findings", "recon.changed"):
            built.con.execute(
                f"insert into {table} select * replace ('{partner}' as partner) from {table} "  # noqa: S608
                f"where partner = '{PARTNERS[0]}'"
            )
    built.contracts = {partner: Contract() for partner in PARTNERS}
    built.settle()
    return built


@dataclass
class Plan:
    """What one partner's invoice is to have wrong: error → the CDR that it is about."""

    naming: str
    errors: dict[str, str]
    whole: frozenset[str]
    delta: Decimal
    expected: set[tuple[str, int]] = field(default_factory=set)
    contested: dict[int, Decimal] = field(default_factory=dict)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    errors = draw(st.lists(st.sampled_from(LINE_ERRORS), unique=True, max_size=5))
    cdrs = draw(st.permutations(GOOD))
    return Plan(
        draw(st.sampled_from(NAMINGS)),
        dict(zip(errors, cdrs, strict=False)),
        frozenset(draw(st.sets(st.sampled_from(WHOLE_ERRORS)))),
        draw(st.decimals(min_value=1, max_value=9, places=2)),
    )


def named(cdr: str, naming: str, start: datetime) -> dict[str, Any]:
    if naming == "session":
        return {"session_reference": f"s-{cdr}"}
    if naming == "place":
        return {"evse_id": f"NL-VOL-E{cdr[4:]}", "start_at": start + timedelta(seconds=20)}
    if naming == "text":
        return {"other_references": ["charging", cdr.lower(), "2026-10"]}
    return {"cdr_reference": cdr if naming == "upper" else cdr.lower()}


@dataclass
class Lines:
    """The lines of an invoice; what is to be found about them goes into the plan."""

    plan: Plan
    starts: dict[str, datetime]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        cdr: str,
        amount: Decimal,
        *found: str,
        contested: Decimal = NOTHING,
        **fields: Any,
    ) -> None:
        start = self.starts.get(cdr, datetime(2026, 10, 1, tzinfo=UTC))
        row = {**named(cdr, self.plan.naming, start), "amount_excl_vat": amount, **fields}
        self.rows.append(row)
        self.plan.expected |= {(rule, len(self.rows)) for rule in found}
        self.plan.contested[len(self.rows)] = contested

    def bill(self, cdr: str, error: str | None) -> None:
        """A charge of October, with at most one error in how it is billed."""
        amount, delta = claimed(cdr), self.plan.delta
        rule = RULES[error] if error else ""
        if error == "missing":
            self.plan.expected.add((rule, 0))
        elif error == "over":
            self.add(cdr, amount + delta, rule, contested=delta)
        elif error == "under":
            self.add(cdr, amount - delta, rule)
        elif error == "vat_rate":
            self.add(cdr, amount, rule, vat_rate=D(25))
        elif error == "earlier":
            self.add(cdr, amount, rule, contested=amount)
        else:
            self.add(cdr, amount)

    def add_apart(self) -> None:
        """Lines that stand beside those of the charges."""
        errors = self.plan.errors
        if "twice" in errors:
            amount = claimed(errors["twice"])
            self.add(errors["twice"], amount, RULES["twice"], contested=amount)
        if "unknown" in errors:
            fields = {"cdr_reference": "CDR-GONE"} if self.plan.naming == "text" else {}
            self.add("CDR-GONE", D("9.90"), RULES["unknown"], contested=D("9.90"), **fields)
        if "other_month" in errors:
            self.add("CDR-SEPTEMBER", claimed("CDR-SEPTEMBER"), RULES["other_month"])
        if "currency" in errors:
            self.add("CDR-KRONER", D("80"), RULES["currency"], contested=D("80"))


def lines_of(plan: Plan, starts: dict[str, datetime]) -> list[dict[str, Any]]:
    lines = Lines(plan, starts)
    about = {cdr: error for error, cdr in plan.errors.items()}
    for cdr in GOOD:
        lines.bill(cdr, about.get(cdr))
    for cdr, held in HELD.items():
        lines.add(cdr, claimed(cdr), "INVOICE_LINE_CONTESTED", contested=held)
    lines.add_apart()
    return lines.rows


def invoices_of(plan: Plan, starts: dict[str, datetime]) -> list[ReceivedInvoice]:
    plan.expected |= {(RULES[error], 0) for error in plan.whole}
    beyond = {"net": plan.delta if "net" in plan.whole else D(0)}
    found = [
        invoice(
            "INV-2",
            lines_of(plan, starts),
            net_beyond=beyond["net"],
            tax_beyond=D("1.50") if "tax" in plan.whole else D(0),
        )
    ]
    if "earlier" in plan.errors:
        cdr = plan.errors["earlier"]
        line = {"cdr_reference": cdr, "amount_excl_vat": claimed(cdr)}
        found.append(invoice("INV-1", [line], issued_on=date(2026, 10, 20)))
    return found


# An example is 24 invoices already: none is made smaller, the partner that differs is named.
@settings(max_examples=6, phases=(Phase.explicit, Phase.generate))
@given(st.lists(plans(), min_size=len(PARTNERS), max_size=len(PARTNERS)))
def test_every_planted_error_is_found_and_nothing_else(
    world: SettleBuilder, chosen: list[Plan]
) -> None:
    starts = dict(world.con.sql("select id, start_at from core.cdrs").fetchall())
    owners, documents = [], []
    for partner, plan in zip(PARTNERS, chosen, strict=True):
        plan.expected, plan.contested = set(), {}
        for one in invoices_of(plan, starts):
            owners.append(partner)
            documents.append(one)

    with matched(world, received(*documents, partners=owners)):
        found = Counter(
            world.con.sql(
                "select partner, rule_id, line_number from received_findings where number = 'INV-2'"
            ).fetchall()
        )
        lines = world.con.sql(
            "select partner, line_number, contested_excl_vat from received_lines "
            "where number = 'INV-2'"
        ).fetchall()
        wholes = world.con.sql(
            "select partner, total_excl_vat, payable_excl_vat, contested_excl_vat "
            "from received_invoices where number = 'INV-2'"
        ).fetchall()

    expected = Counter(
        (partner, rule, line)
        for partner, plan in zip(PARTNERS, chosen, strict=True)
        for rule, line in plan.expected
    )
    assert found - expected == Counter()  # precision
    assert expected - found == Counter()  # recall
    by_partner = dict(zip(PARTNERS, chosen, strict=True))
    assert {(partner, line): amount for partner, line, amount in lines} == {
        (partner, line): amount
        for partner, plan in by_partner.items()
        for line, amount in plan.contested.items()
    }
    for partner, total, payable, contested in wholes:
        plan = by_partner[partner]
        net = plan.delta if "net" in plan.whole else 0
        assert total == payable + contested
        assert contested == sum(plan.contested.values()) + net
