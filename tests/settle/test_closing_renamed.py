"""What comes of a partner that has another name now, after its months were locked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from settle_builder import AS_OF, SettleBuilder, insert, rates
from test_ledger import session

from models.contract import Contract
from pipelines.decisions.store import DecisionsStore
from pipelines.stages.settle.closing import Closing
from pipelines.stages.settle.stage import settle_checks

LEFT = {"left": frozenset({"voltix"})}
LINES = ("partner", "month", "cdr_id", "kind", "claimed_excl_vat", "payable_excl_vat")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionsStore]:
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as store:
        yield store


@pytest.fixture
def world(store: DecisionsStore) -> SettleBuilder:
    """October of voltix is locked; volt is its name now, and has brought its CDR again."""
    world = SettleBuilder.open()
    complete = {"partner": "voltix", "module": "cdrs", "party": "*", "pull_id": "q"}
    insert(world.con, "ops.watermarks", [{**complete, "complete_until_at": AS_OF}])
    world.cdr("a", "10.00", rates={"21": "10"})
    session(world, "S1", total_cost_excl_vat=D("4.50"))
    world.settle()
    clock = AS_OF + timedelta(days=9)
    Closing(world.con, store, Contract(), rates(), "1", clock).lock("voltix", "2026-10", "ada")
    world.contracts["volt"] = Contract()
    world.cdr("a", "10.00", rates={"21": "10"}, partner="volt")
    session(world, "S1", partner="volt", total_cost_excl_vat=D("4.50"))
    return world


def test_a_late_cdr_posts_to_the_month_that_is_open_under_every_name(
    world: SettleBuilder, store: DecisionsStore
) -> None:
    world.cdr("late", "5.00", partner="volt")
    world.cdr("other", "7.00", partner="volt", party=("NL", "OTH"))
    world.settle(store.view(), **LEFT)

    assert world.rows("settle.statement_lines", *LINES) == [
        ("volt", "2026-10", "other", "cdr", D(7), D(7)),
        ("volt", "2026-11", "late", "cdr", D(5), D(5)),
        ("voltix", "2026-10", "a", "cdr", D(10), D(10)),
    ]
    assert [check for check in settle_checks(world.con) if not check.passed] == []


def test_a_correction_posts_to_the_month_that_is_open_under_every_name(
    world: SettleBuilder, store: DecisionsStore
) -> None:
    world.verdict("a", "overclaimed", disputed="2")
    world.settle(store.view(), **LEFT)

    assert world.rows("settle.statement_lines", *LINES)[0] == (
        *("volt", "2026-11", "a", "correction"), D(0), D(-2)
    )  # fmt: skip


def test_what_was_accrued_under_the_former_name_is_not_accrued_again(
    world: SettleBuilder, store: DecisionsStore
) -> None:
    world.settle(store.view(), **LEFT)

    columns = ("partner", "month", "kind", "amount")
    booked = [row for row in world.rows("settle.journal", *columns) if "accrual" in row[2]]
    assert booked == [
        ("voltix", "2026-10", "accrual", D("4.50")),
        ("voltix", "2026-11", "accrual_reversal", D("4.50")),
    ]


def test_the_copy_that_stands_takes_the_place_of_the_former_one(
    world: SettleBuilder, store: DecisionsStore
) -> None:
    world.contracts["a_hub"] = Contract()
    copy = {"verdict": "rejected", "rejected": "10.00", "rule": "CDR_DUPLICATE_SESSION"}
    world.cdr("a", "10.00", partner="a_hub", **copy)
    world.settle(store.view(), **LEFT)

    assert world.rows("settle.statement_lines", *LINES) == [
        ("a_hub", "2026-10", "a", "cdr", D(10), D(0)),
        ("voltix", "2026-10", "a", "cdr", D(10), D(10)),
    ]


def test_a_claim_that_is_refused_for_its_party_takes_nobodys_place() -> None:
    world = SettleBuilder.open()
    world.contracts["other"] = Contract()
    world.cdr("a", "10.00")
    refused = {"verdict": "rejected", "rejected": "10.00", "rule": "PARTY_NOT_PARTNERS"}
    world.cdr("a", "10.00", partner="other", **refused)
    world.settle(**LEFT)

    assert world.rows("settle.statement_lines", "partner", "payable_excl_vat") == [
        ("other", D(0)),
        ("voltix", D(10)),
    ]
