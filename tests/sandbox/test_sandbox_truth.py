"""The truth file says what is served, and every rule that a feed can break is broken."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models.recon.rule_ids import RULE_IDS
from pipelines.sandbox import listings
from pipelines.sandbox.billing_errors import ERRORS, FALSE_POSITIVE_CASES
from pipelines.sandbox.parties import PARTNERS
from pipelines.sandbox.scenario import Options
from pipelines.sandbox.world import World, truth_lines, world_of
from tests.not_in_feeds import NOT_IN_FEEDS

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(Options(now=NOW))


@pytest.fixture(scope="module")
def lines(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in truth_lines(world, world.options.epoch)]


@pytest.fixture(scope="module")
def served(world: World) -> dict[tuple[str, str], list[dict[str, Any]]]:
    now = world.options.epoch
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for name, realms in world.realms.items():
        for realm in realms:
            for text in listings.cdrs(realm, now).render(slice(0, None)):
                cdr = json.loads(text, parse_float=Decimal)
                found.setdefault((name, cdr["id"]), []).append(cdr)
    return found


def net(cdr: dict[str, Any]) -> Decimal:
    total = cdr["total_cost"]
    if not isinstance(total, dict):
        return Decimal(total)
    return Decimal(total.get("excl_vat", total.get("before_taxes")))


def test_rules_are_those_of_the_book() -> None:
    stated = {rule for kind in ERRORS for rule in (kind.rule, *kind.also)}
    assert stated <= set(RULE_IDS)
    assert {kind.rule for kind in FALSE_POSITIVE_CASES} == {None}


def test_every_rule_that_a_feed_can_break_is_broken_at_the_usual_size(
    lines: list[dict[str, Any]],
) -> None:
    broken = {rule for line in lines for rule in (line["rule_id"], *line["also"])}
    assert set(RULE_IDS) - broken == NOT_IN_FEEDS


def test_every_kind_of_error_happens_at_the_usual_size(lines: list[dict[str, Any]]) -> None:
    assert {line["name"] for line in lines} == {
        kind.name for kind in (*ERRORS, *FALSE_POSITIVE_CASES)
    }


def test_claims_are_those_served(
    lines: list[dict[str, Any]], served: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    for line in lines:
        if line["subject"] == "session":
            continue
        copies = served[line["partner"], line["subject_id"]]
        assert Decimal(line["claimed_excl_vat"]) in [net(cdr) for cdr in copies]
        assert all((line["partner"], other) in served for other in line["related"])


def test_amounts_add_up(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        if line["payable_excl_vat"] is None:
            continue
        parts = (line[f"{name}_excl_vat"] for name in ("payable", "disputed", "rejected"))
        assert sum(map(Decimal, parts)) == Decimal(line["claimed_excl_vat"])
        delta = Decimal(line["claimed_excl_vat"]) - Decimal(line["expected_excl_vat"])
        assert delta == Decimal(line["delta_excl_vat"])


def test_price_errors_exceed_every_tolerance(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        if line["verdict"] in ("overclaimed", "underclaimed"):
            allowed = max(Decimal("0.02"), Decimal(line["expected_excl_vat"]) * Decimal("0.005"))
            assert abs(Decimal(line["delta_excl_vat"])) > allowed


def test_one_charge_has_one_error(lines: list[dict[str, Any]]) -> None:
    ids = [re.sub(r"-[A-Z]2?$", "", line["subject_id"]) for line in lines]
    assert len(ids) == len(set(ids))


def test_missing_sessions_and_cdrs_are_missing(
    world: World, lines: list[dict[str, Any]], served: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    now = world.options.epoch
    sessions = {
        json.loads(text)["id"]
        for realms in world.realms.values()
        for realm in realms
        for text in listings.sessions(realm, now).render(slice(0, None))
    }
    for line in lines:
        if line["rule_id"] == "SESSION_MISSING":
            assert line["session_id"] not in sessions
        if line["rule_id"] == "CDR_MISSING":
            assert line["subject_id"] in sessions
            assert (line["partner"], line["subject_id"].removeprefix("S-")) not in served


def test_credits_cancel_exactly_unless_labelled(
    lines: list[dict[str, Any]], served: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    wrong = {line["subject_id"] for line in lines if line["rule_id"]}
    for (partner, cdr_id), (cdr, *_) in served.items():
        if cdr.get("credit") and cdr_id not in wrong:
            (original,) = served[partner, cdr["credit_reference_id"]]
            assert net(cdr) == -net(original)


def test_invoices_are_wrong_where_the_truth_says_so(
    world: World, lines: list[dict[str, Any]]
) -> None:
    on_invoices: list[str] = []
    for realm in world.realms["borealis"]:
        for _, record in realm.ledger.invoices(world.options.epoch):
            on_invoices += record.cdrs
    count = {"invoiced_twice": 2, "not_invoiced": 0, "unknown_on_invoice": 1}
    for line in lines:
        if line["name"] in count:
            assert on_invoices.count(line["subject_id"]) == count[line["name"]]


def test_a_claim_without_a_tariff_names_one_that_is_not_published(
    world: World, lines: list[dict[str, Any]], served: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    published = {
        (name, realm.party.party_id, line.id)
        for name, realms in world.realms.items()
        for realm in realms
        for line in realm.catalogue.published
    }
    unpriced = [line for line in lines if line["name"] == "no_tariff"]
    assert unpriced
    for line in unpriced:
        (cdr,) = served[line["partner"], line["subject_id"]]
        assert "tariffs" not in cdr
        for period in cdr["charging_periods"]:  # what they name goes before the connector's own
            assert (line["partner"], line["party_id"], period["tariff_id"]) not in published


def test_without_errors_there_is_no_truth() -> None:
    world = world_of(Options(now=NOW, cdrs=500, errors_permille=0))
    assert not list(truth_lines(world, world.options.epoch))


def test_errors_know_versions_and_names_are_unique() -> None:
    known = {partner.version for partner in PARTNERS}
    kinds = (*ERRORS, *FALSE_POSITIVE_CASES)
    assert all(set(kind.versions) <= known for kind in kinds)
    assert len({kind.name for kind in kinds}) == len(kinds)
