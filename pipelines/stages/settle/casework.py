"""Disputes as people see them: what the tables show, and what was decided since they were made."""

from __future__ import annotations

from typing import Any

import duckdb

from models.settle.disputes import REASON_CODES, Dispute
from models.settle.document import plain_decimal
from models.settle.view import DecisionsView
from pipelines.stages.settle.reading import NothingThere

Case = dict[str, Any]


def list_cases(
    con: duckdb.DuckDBPyConnection,
    decisions: DecisionsView,
    *,
    partner: str | None = None,
    month: str | None = None,
    state: str | None = None,
) -> list[Case]:
    """The disputes, the largest first.

    Args:
        con: a settled warehouse or snapshot.
        decisions: every decision so far; newer than the tables, perhaps.
        partner: one partner only.
        month: one month only.
        state: one state only, as decided.
    """
    cases = [_current(case, decisions) for case in _rows(con, partner, month)]
    found = [case for case in cases if state in (None, case["state"])]
    return sorted(found, key=lambda case: (-(case["contested_excl_vat"] or 0), case["dispute_id"]))


def find_case(con: duckdb.DuckDBPyConnection, decisions: DecisionsView, dispute_id: str) -> Case:
    """One dispute, by its id or an unmistakable beginning of it.

    Raises:
        NothingThere: there is none, or more than one.
    """
    rows = con.sql(
        "select * from settle.disputes where starts_with(dispute_id, $wanted) "
        "order by dispute_id limit 3",
        params={"wanted": dispute_id},
    ).pl()
    if rows.height == 1:
        return _current(rows.to_dicts()[0], decisions)
    if rows.is_empty():
        raise NothingThere(f"no dispute {dispute_id!r}; see `roamhouse dispute list`")
    raise NothingThere(f"{dispute_id!r} begins several disputes: {', '.join(rows['dispute_id'])} …")


def opening(case: Case, reason_code: str | None) -> dict[str, str]:
    """What the first decision about a dispute says of it: the tables may forget.

    Args:
        case: as found.
        reason_code: a person's choice; None: what reconciliation says.
    """
    machine = case["reason_code"]
    data = {
        "subject": case["subject"],
        "key": "/".join(
            (case["partner"], case["country_code"], case["party_id"], case["subject_id"])
        ),
        "reason_code": reason_code or (machine if machine in REASON_CODES else "OTHER"),
        "currency": case["currency"],
    }
    if case["contested_excl_vat"] is not None:
        data["amount_excl_vat"] = plain_decimal(case["contested_excl_vat"])
    return {name: value for name, value in data.items() if value is not None}


def _rows(con: duckdb.DuckDBPyConnection, partner: str | None, month: str | None) -> list[Case]:
    return (
        con.sql(
            "select * from settle.disputes where ($partner is null or partner = $partner) "
            "and ($month is null or month = $month)",
            params={"partner": partner, "month": month},
        )
        .pl()
        .to_dicts()
    )


def _current(case: Case, decisions: DecisionsView) -> Case:
    """The case with what was decided after the tables were made."""
    dispute: Dispute | None = decisions.disputes.get(case["dispute_id"])
    if dispute is None:
        return case
    last = dispute.history[-1]
    return case | {
        "state": dispute.state,
        "reason_code": dispute.reason_code,
        "opened_excl_vat": dispute.amount_excl_vat,
        "owner": dispute.owner,
        "due_on": dispute.due_on,
        "changed_at": last.at,
        "changed_by": last.who,
    }
