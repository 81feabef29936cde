"""The checks of settlement: each passes on what settlement makes, and fails on what it guards."""

import pytest
from settle_builder import SettleBuilder

from models.tables.rating import LINE_DIMENSIONS
from pipelines.stages.settle import query
from pipelines.stages.settle.stage import settle_checks


@pytest.fixture
def world() -> SettleBuilder:
    opened = SettleBuilder.open()
    opened.cdr("a", "10.00", rates={"21": "10"})
    opened.cdr("b", "12.00", verdict="overclaimed", disputed="2", rule="TOTAL_COST_MISMATCH")
    opened.settle()
    return opened


def failing(world: SettleBuilder) -> set[str]:
    return {check.name for check in settle_checks(world.con) if not check.passed}


def test_what_settlement_makes_passes(world: SettleBuilder) -> None:
    assert failing(world) == set()


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("update settle.statements set payable_excl_vat = 1", "statement_totals"),
        ("delete from settle.statements", "statement_totals"),
        ("delete from settle.statement_vat", "statement_totals"),
        ("update settle.statement_lines set rejected_excl_vat = 1", "claimed_is_accounted_for"),
        ("insert into settle.statement_lines from settle.statement_lines", "every_cdr_once"),
        ("update settle.statements set agreed_count = 7", "verdict_counts"),
    ],
)
def test_damage_is_found(world: SettleBuilder, damage: str, check: str) -> None:
    world.con.execute(damage)
    assert check in failing(world)


def test_a_cdr_outside_is_told_and_no_failure(world: SettleBuilder) -> None:
    world.cdr("new")
    (told,) = [check for check in settle_checks(world.con) if check.name == "every_cdr_once"]
    assert (told.passed, "1 in no statement" in told.message) == (True, True)


def test_the_vat_query_names_the_dimensions_it_blends() -> None:
    assert [LINE_DIMENSIONS.index(name) for name in ("LIMIT", "ROUNDING")] == [5, 6]
    assert "line.dimension not in (5, 6)" in query("create_rates")
