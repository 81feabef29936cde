"""Against the sandbox's truth file: every injected error found, nothing else disputed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sandbox_played import Played

from models.recon.rule_ids import RULE_IDS
from tests.not_in_feeds import NOT_IN_FEEDS

Row = dict[str, Any]

# A changed copy is reported on the key that the first content holds, and judges nothing.
ON_THE_KEY = "CDR_DUPLICATE_ID_CHANGED"


@dataclass
class Outcome:
    """What the sandbox did, and what reconciliation said.

    `lonely` are CDRs of connectors with so few charges that none of them has peers.
    """

    truth: list[Row]
    cdrs: dict[tuple[str, str], Row]
    findings: dict[tuple[str, str, str], dict[str, Row]]
    lonely: set[tuple[str, str]]

    def about(self, line: Row) -> dict[str, Row]:
        """The findings about the object that a line of the truth is about, by rule."""
        if line["subject"] != "invoice":
            return self.findings.get((line["partner"], line["subject"], line["subject_id"]), {})
        return {
            rule_id: finding
            for (partner, subject, _), found in self.findings.items()
            for rule_id, finding in found.items()
            if (partner, subject) == (line["partner"], "invoice")
            and line["subject_id"] in finding["message"]
        }


@pytest.fixture(scope="module")
def outcome(played: Played) -> Iterator[Outcome]:
    with duckdb.connect(str(played.home.warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        yield Outcome(*_read(played.truth, con))


LONELY = """
select partner, unnest(list(id)) from core.cdrs
group by partner, evse_id, connector_id having count(*) < 4
"""


def _read(truth: Path, con: Any) -> tuple[list[Row], dict[Any, Row], dict[Any, Any], set[Any]]:
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    cdrs = {(row["partner"], row["id"]): row for row in con.sql("from recon.cdrs").pl().to_dicts()}
    findings: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in con.sql("from recon.findings").pl().to_dicts():
        key = (row["partner"], row["subject"], row["subject_id"])
        findings.setdefault(key, {})[row["rule_id"]] = row
    return lines, cdrs, findings, set(con.execute(LONELY).fetchall())


def _key(line: Row) -> tuple[str, str]:
    return line["partner"], line["subject_id"]


def test_the_truth_covers_every_rule_that_feeds_can_break(outcome: Outcome) -> None:
    played = {rule for line in outcome.truth for rule in (line["rule_id"], *line["also"])}
    assert RULE_IDS - NOT_IN_FEEDS - played == set()


def test_every_error_is_found_by_its_rule(outcome: Outcome) -> None:
    missed = [
        (line["name"], line["partner"], line["subject_id"], sorted(outcome.about(line)))
        for line in outcome.truth
        if line["rule_id"] and line["rule_id"] not in outcome.about(line)
        if line["rule_id"] != "PRICE_OUTLIER" or _key(line) not in outcome.lonely
    ]
    assert missed == []


def test_every_root_cause_is_named(outcome: Outcome) -> None:
    unnamed = [
        (line["name"], line["partner"], line["subject_id"], line["cause"])
        for line in outcome.truth
        if line["cause"]
        and line["cause"] not in {finding["cause"] for finding in outcome.about(line).values()}
    ]
    assert unnamed == []


def test_verdicts_and_amounts_are_exact(outcome: Outcome) -> None:
    wrong = []
    for line in outcome.truth:
        if not line["verdict"] or line["subject"] != "cdr" or line["rule_id"] == ON_THE_KEY:
            continue
        row = outcome.cdrs[line["partner"], line["subject_id"]]
        amounts = ("payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat")
        told = {name: Decimal(line[name]) for name in amounts if line[name] is not None}
        said = {name: row[name] for name in told}
        if (row["verdict"], said) != (line["verdict"], told):
            wrong.append((line["name"], row["id"], row["verdict"], line["verdict"], said, told))
    assert wrong == []


def test_nothing_else_is_disputed(outcome: Outcome) -> None:
    touched = {(line["partner"], line["subject_id"]) for line in outcome.truth if line["rule_id"]}
    touched |= {(line["partner"], other) for line in outcome.truth for other in line["related"]}
    lookalikes = {
        (line["partner"], line["subject_id"]) for line in outcome.truth if not line["rule_id"]
    }
    disputed = [
        (key, rule_id)
        for key, found in outcome.findings.items()
        for rule_id, finding in found.items()
        if key[1] == "cdr"
        and finding["severity"] in ("fatal", "dispute")
        and (key[0], key[2]) not in touched
    ]
    unpaid = [
        key
        for key, row in outcome.cdrs.items()
        if row["verdict"] not in ("agreed", "tolerated") and key not in touched | lookalikes
    ]
    assert (disputed, unpaid) == ([], [])


def test_every_claim_is_split_whole_and_credited_pairs_sum_to_zero(outcome: Outcome) -> None:
    for row in outcome.cdrs.values():
        parts = row["payable_excl_vat"] + row["disputed_excl_vat"] + row["rejected_excl_vat"]
        assert parts == row["claimed_excl_vat"]
        assert row["payable_excl_vat"] >= 0 or row["credit"]
    for row in outcome.cdrs.values():
        if row["credits_id"]:
            original = outcome.cdrs[row["partner"], row["credits_id"]]
            assert original["credited_by_id"] == row["id"]
            pair = original["payable_excl_vat"] + row["payable_excl_vat"]
            assert pair == 0 or "CREDIT_AMOUNT_MISMATCH" in row["rule_ids"]
            assert pair <= original["claimed_excl_vat"] + row["claimed_excl_vat"]
