"""CDRs against one another, sessions, credits, invoices and pulls: real SQL, small worlds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from recon_world import AS_OF, END, START, World, d, per_vat

from models.contract import Contract
from models.tables.charging import CDR_CONFLICTS, CDRS, EMBEDDED_TARIFFS, SESSIONS
from models.tables.objects import EVSE_STATUS, INVOICES, TARIFFS, TOKENS
from models.tables.operations import PULLS
from models.tables.rating import RATING_CDRS
from pipelines.stages.recon.terms import Terms, judged_by_defaults, partners_without_contract

MINUTE = timedelta(minutes=1)
LATER = {"last_updated_at": END + timedelta(hours=1)}
ELSEWHERE = {"evse_uid": "E2", "evse_id": "NL*VOL*E2", "latitude": 52.5, "longitude": 5.5}


def test_of_two_cdrs_for_a_session_the_earlier_made_stands() -> None:
    world = World().charge().charge(id="C0", **LATER)

    assert set(world.fired("C0")) == {"CDR_DUPLICATE_SESSION"}
    assert (world.verdict("C0")["verdict"], world.verdict("C1")["verdict"]) == (
        "rejected",
        "agreed",
    )


def test_tax_in_doubt_is_that_on_what_is_payable() -> None:
    over = {"price": per_vat("expected", "8", "9.68")}
    world = World({"voltix": Contract(reverse_charge=True)}).charge(**over)
    world.reconcile()

    assert world.fired()["REVERSE_CHARGE_VIOLATED"]["at_stake_vat"] == Decimal("2.1")
    assert world.verdict()["at_stake_vat"] == Decimal("1.68")


def test_too_little_tax_says_how_much_is_missing() -> None:
    world = World().charge(**per_vat("total_cost", "10", "11.9"))

    assert world.fired()["VAT_RATE_MISMATCH"]["message"].endswith(
        "on that day: 0.20 EUR less than the tax that the statement has."
    )


def test_ids_are_compared_without_regard_to_case() -> None:
    world = (
        World()
        .charge(id="c1", session_id="s1", token_uid="t1", location_id="l1", evse_uid="e1",
                connector_id="1")
        .add(SESSIONS)
        .places()
        .add(TOKENS, valid=False, last_updated_at=START)
    )  # fmt: skip
    world.charge(
        id="K1", credit=True, credit_reference_id="C1", **per_vat("total_cost", "-10", None)
    )

    assert "TOKEN_BLOCKED" in world.fired("c1")
    assert world.verdict("c1")["session_id"] == "S1"
    assert world.verdict("c1")["credited_by_id"] == "K1"
    assert {"LOCATION_UNKNOWN", "EVSE_UNKNOWN"} & set(world.fired("c1")) == set()


def test_a_partner_that_is_left_out_keeps_its_contract() -> None:
    world = World({"voltix": Contract(severity={"CDR_LATE": "fatal"})}).charge(
        last_updated_at=END + timedelta(hours=30)
    )
    world.reconcile()
    world.contracts = {}

    assert world.reconcile().judged == 0
    assert world.verdict()["verdict"] == "rejected"
    assert partners_without_contract(world.con, Terms()) == []
    assert judged_by_defaults(world.con) is None


def test_a_partner_that_never_had_a_contract_is_named() -> None:
    world = World().charge()
    world.reconcile()

    assert partners_without_contract(world.con, Terms()) == ["voltix"]
    assert "no contract of voltix was ever known" in str(judged_by_defaults(world.con))


@pytest.mark.parametrize("stated", [True, False])
def test_the_part_that_differs_by_the_whole_is_the_reason(stated: bool) -> None:
    parts = per_vat("total_energy_cost", "12", None) if stated else {}
    world = World().charge(**{**per_vat("total_cost", "12", None), **parts})
    world.reconcile()

    reason = "ENERGY_COST_MISMATCH" if stated else "BREAKDOWN_MISMATCH"
    assert world.verdict()["cause"] == "unknown"
    assert world.verdict()["main_rule_id"] in {reason, "TOTAL_COST_MISMATCH"}
    assert (world.verdict()["main_rule_id"] == "ENERGY_COST_MISMATCH") is stated


def test_a_changed_copy_is_reported_and_the_first_judged_as_usual() -> None:
    world = World().charge().add(CDR_CONFLICTS, total_cost_excl_vat=d("12"))

    assert world.fired()["CDR_DUPLICATE_ID_CHANGED"]["severity"] == "fatal"
    assert world.verdict()["verdict"] == "agreed"


def test_near_copies_overlaps_and_travel() -> None:
    world = (
        World()
        .charge()
        .charge(id="NEAR", session_id="S2", start_at=START + MINUTE, **LATER)
        .charge(id="SAME-PLUG", session_id="S3", token_uid="T3", start_at=END - 2 * MINUTE,
                end_at=END + 60 * MINUTE, last_updated_at=END + 61 * MINUTE)
        .charge(id="SAME-CARD", session_id="S4", start_at=END - 3 * MINUTE,
                end_at=END + 60 * MINUTE, last_updated_at=END + 61 * MINUTE, **ELSEWHERE)
        .charge(id="FAR", session_id="S5", start_at=END + 70 * MINUTE,
                end_at=END + 130 * MINUTE, last_updated_at=END + 131 * MINUTE,
                evse_uid="E3", evse_id="NL*VOL*E3", latitude=48.0, longitude=5.5)
    )  # fmt: skip
    world.reconcile()
    fired = {
        row["subject_id"]: row["rule_id"]
        for row in world.rows("recon.findings")
        if row["rule_id"].startswith(("CDR_NEAR", "OVERLAP", "TOKEN_I"))
    }

    assert fired == {
        "NEAR": "CDR_NEAR_DUPLICATE",
        "SAME-PLUG": "OVERLAP_EVSE",
        "SAME-CARD": "OVERLAP_TOKEN",
        "FAR": "TOKEN_IMPOSSIBLE_TRAVEL",
    }


def test_a_2_1_1_cdr_finds_its_session_by_token_evse_and_start() -> None:
    world = (
        World()
        .charge(session_id=None)
        .add(SESSIONS, id="S1", start_at=START + timedelta(seconds=60))
        .add(SESSIONS, id="S2", start_at=START + timedelta(seconds=61))
    )
    world.reconcile()

    assert world.verdict()["session_id"] == "S1"


def test_places_tokens_and_outages_are_looked_up() -> None:
    world = (
        World()
        .charge(location_id="NOWHERE")
        .charge(id="C2", session_id="S2", token_uid="T9", start_at=END + MINUTE,
                end_at=END + 9 * MINUTE, **LATER)
        .places()
        .add(TOKENS)
        .add(EVSE_STATUS, from_at=END + 2 * MINUTE, to_at=END + 8 * MINUTE)
    )  # fmt: skip

    assert "LOCATION_UNKNOWN" in world.fired("C1")
    assert {"TOKEN_UNKNOWN", "EVSE_NOT_OPERATIVE"} <= set(world.fired("C2"))


def test_a_session_without_a_cdr_is_missed_after_a_day_and_contested_after_a_week() -> None:
    world = World().add(SESSIONS)

    assert world.reconcile(END + timedelta(hours=24)).findings == 0
    world.reconcile(END + timedelta(hours=25))
    assert world.rows("recon.findings")[0]["severity"] == "warn"
    assert world.fired("S1")["CDR_MISSING"]["severity"] == "dispute"


def test_a_free_session_needs_no_cdr() -> None:
    assert World().add(SESSIONS, **per_vat("total_cost", "0", None)).fired("S1") == {}


def test_other_prices_than_published_are_found_and_other_words_are_not() -> None:
    published = '{"elements":[1],"currency":"EUR","tariff_alt_text":"a"}'
    renamed = '{"elements":[1],"currency":"EUR","tariff_alt_text":"b"}'
    dearer = '{"elements":[2],"currency":"EUR"}'
    world = (
        World()
        .charge(tariff_hashes=["same"])
        .charge(id="C2", session_id="S2", tariff_hashes=["other"], evse_id="NL*VOL*E9",
                token_uid="T9")
        .add(TARIFFS, tariff=published)
        .add(EMBEDDED_TARIFFS, content_hash="same", tariff=renamed)
        .add(EMBEDDED_TARIFFS, content_hash="other", tariff=dearer)
    )  # fmt: skip

    assert "TARIFF_DIFFERS_FROM_PUBLISHED" not in world.fired("C1")
    assert "TARIFF_DIFFERS_FROM_PUBLISHED" in world.fired("C2")


def test_invoices_are_held_against_cdrs() -> None:
    long_id = "C" * 39
    world = (
        World()
        .charge(id=long_id)
        .charge(id="C2", session_id="S2", evse_id="NL*VOL*E9", token_uid="T9")
        .add(INVOICES, id="R1", cdr_ids=[long_id[:36].lower(), "GONE"])
        .add(INVOICES, id="R2", invoice_id="INV2", cdr_ids=["c2", long_id[:36]],
             valid_from_at=AS_OF)
    )  # fmt: skip
    world.reconcile()
    found = {
        (row["subject_id"], row["rule_id"]): row
        for row in world.rows("recon.findings")
        if row["subject"] == "invoice"
    }

    assert set(found) == {("R1", "INVOICE_CDR_UNKNOWN"), ("R2", "INVOICE_CDR_TWICE")}
    assert world.verdict(long_id)["invoice_id"] == "INV1"


def test_a_short_pull_is_contested_until_a_whole_one_follows() -> None:
    world = World().add(PULLS, total_count=3, objects=2)
    assert world.fired("q1")["PAGE_COUNT_SHORT"]["delta"] == Decimal(-1)

    world.add(PULLS, pull_id="q2", total_count=3, objects=3, started_at=AS_OF + MINUTE)
    assert world.fired("q1") == {}


def test_a_day_with_far_fewer_cdrs_than_usual_is_noticed() -> None:
    world = World()
    days = [(week, 24) for week in (5, 4, 3, 2)] + [(1, 11)]
    world.add(
        CDRS,
        *(
            {"id": f"C{week}-{number}", "session_id": None,
             "end_at": AS_OF - timedelta(days=7 * week, hours=-12)}
            for week, count in days
            for number in range(count)
        ),
    )  # fmt: skip
    world.reconcile()
    dropped = [row for row in world.rows("recon.findings") if row["rule_id"] == "VOLUME_DROP"]

    assert [row["subject_id"] for row in dropped] == ["cdrs 2026-10-13"]


def test_the_contract_chooses_which_price_is_expected() -> None:
    prices = {"price": {"source": "embedded", **per_vat("expected", "8", "9.68")}}
    published = World().charge(**prices)
    embedded = World({"voltix": Contract(tariff_source="embedded")}).charge(**prices)
    for world in (published, embedded):
        world.add(RATING_CDRS)
        world.reconcile()

    assert published.verdict()["expected_excl_vat"] == Decimal(10)
    assert embedded.verdict()["expected_excl_vat"] == Decimal(8)
    assert embedded.verdict()["expected_published_excl_vat"] == Decimal(10)


AGREED = {"tariff_source": "agreement", "currency": "EUR", "agreement": [{"energy": "0.4"}]}


def test_the_list_price_instead_of_the_agreed_one_is_a_cause_of_its_own() -> None:
    world = World({"voltix": Contract.model_validate(AGREED)})
    agreed = {"source": "agreement", "tariff_ids": ["agreed"], **per_vat("expected", "8", "9.68")}
    world.charge(price=agreed).add(RATING_CDRS)
    found = world.fired()["TOTAL_COST_MISMATCH"]

    assert (found["cause"], found["at_stake_excl_vat"]) == ("LIST_PRICE", Decimal(2))
    assert "tariff agreed as agreed on" in found["message"]
    assert "the claim used the list price, not the agreed one" in found["message"]
    verdict = world.verdict()
    assert (verdict["tariff_source"], verdict["cause"]) == ("agreement", "LIST_PRICE")
    assert verdict["expected_agreement_excl_vat"] == Decimal(8)


def test_a_new_contract_does_not_judge_old_months() -> None:
    tight, wide = {"absolute": "0.00", "relative": "0"}, {"absolute": "5.00"}
    terms = {"tolerance": tight, "earlier": [{"valid_to": "2026-09", "tolerance": wide}]}
    world = World({"voltix": Contract.model_validate(terms)})
    world.charge(**per_vat("total_cost", "12", None))
    before = {"start_at": START - timedelta(days=10), "end_at": END - timedelta(days=10)}
    world.charge(id="C0", session_id="S0", **per_vat("total_cost", "12", None), **before)
    world.reconcile()

    assert world.verdict()["verdict"] == "overclaimed"
    assert world.verdict("C0")["verdict"] == "tolerated"
