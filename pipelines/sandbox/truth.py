"""The truth file: what was injected, and what must be made of it.

JSON lines, in order of publication. Each line is one charge that something happened to:

- `name`: the kind of billing error; `rule_id`: the rule that must find it, null for false-positive
  cases, which no rule of severity dispute or fatal may touch. `also`: rules that may rightly fire
  on the same object because of the same error; `cause`: the root cause to name, where there is one.
- `partner`, `country_code`, `party_id`: whose object it is, as it states it. `subject`
  (`cdr`, `session` or `invoice`) and `subject_id`: the object that is wrong. `session_id` where
  it has one. `related`: the other CDRs of the same charge, which are right.
- `claimed_excl_vat`: what the object claims. `expected_excl_vat`: what it should have claimed:
  the bill of what really happened by the tariff that was in force.
- `verdict`, `payable_excl_vat`, `disputed_excl_vat`, `rejected_excl_vat`: what reconciliation must
  say of the CDR on its own, with every rule at its default severity and both tolerances at their
  defaults. Amounts exact means: equal to the cent, and claimed = payable + disputed + rejected.
  They are null where the amount at stake is the priced effect of a quantity and thus a matter of
  how it is priced, and where the CDR takes no part in settlement.
- `published_at`: from when the object can be pulled.

What an error does to other charges is nothing: each has its own session, EVSE time and token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.sandbox.charges import Bill
from pipelines.sandbox.error_plan import BillingError, Planned
from pipelines.sandbox.numbers import iso, money
from pipelines.sandbox.world import World

_VERDICTS = {
    "nothing": "agreed",
    "claim": "disputed",
    "rejected": "rejected",
    "unpriceable": "unpriceable",
    "credited": "credited",
}


@dataclass(frozen=True)
class Settled:
    """The expected outcome of reconciling one CDR; cents, None where that is left open."""

    verdict: str | None
    payable: int | None = None
    disputed: int | None = None
    rejected: int | None = None


def settled(error: BillingError, claimed: int, right: int) -> Settled:
    """Verdict and amounts of a CDR.

    Args:
        error: what happened.
        claimed: total before taxes, in cents.
        right: what it should have been.
    """
    match error.stake:
        case "effect":
            return Settled("disputed")
        case "credited":
            return Settled("credited", claimed, 0, 0)
        case "rejected":
            return Settled("rejected", 0, 0, claimed)
        case "claim" | "unpriceable":
            return Settled(_VERDICTS[error.stake], 0, claimed, 0)
        case "difference" if claimed > right:
            return Settled("overclaimed", right, claimed - right, 0)
        case "difference":
            return Settled("underclaimed", claimed, 0, 0)
    verdict = "tolerated" if claimed != right else "agreed"
    return Settled(verdict, claimed, 0, 0)


def lines(world: World, moment: int) -> Iterator[str]:
    """Return the truth of everything published until a moment.

    Args:
        world: the world.
        moment: epoch seconds.
    """
    found = [
        (published, name, entry)
        for name, realms in world.realms.items()
        for realm in realms
        for entry in realm.ledger.planned
        if (published := published_at(entry)) <= moment
    ]
    found.sort(key=lambda one: (one[0], one[1], one[2].right.cdr_id))
    for published, name, entry in found:
        yield json.dumps(described(entry, name, published))


def marked_bill(entry: Planned) -> Bill:
    """Return the bill that is wrong; the right one where the session or the invoice is."""
    marked = entry.error.marked
    return entry.right if marked is None else entry.cdrs[marked]


def published_at(entry: Planned) -> int:
    """From when the wrong object can be pulled."""
    return marked_bill(entry).last_updated


def described(entry: Planned, partner: str, published: int) -> dict[str, object]:
    """One line of the truth file."""
    error, bill = entry.error, marked_bill(entry)
    subject = _subject(error)
    whole = settled(error, bill.net, _right(entry))
    if bill.home or subject == "session":
        whole = Settled(None)
    return {
        "name": error.name,
        "rule_id": error.rule,
        "also": list(error.also),
        "cause": error.cause,
        "partner": partner,
        "country_code": bill.country_code,
        "party_id": bill.party_id,
        "subject": subject,
        "subject_id": bill.session_id if subject == "session" else bill.cdr_id,
        "session_id": bill.session_id,
        "related": [b.cdr_id for b in entry.cdrs.values() if b is not bill],
        "currency": bill.currency,
        "claimed_excl_vat": None if subject == "session" else _money(bill.net),
        "expected_excl_vat": _money(_right(entry)),
        "delta_excl_vat": None if subject == "session" else _money(bill.net - _right(entry)),
        "verdict": whole.verdict,
        "payable_excl_vat": _money(whole.payable),
        "disputed_excl_vat": _money(whole.disputed),
        "rejected_excl_vat": _money(whole.rejected),
        "published_at": iso(published),
    }


def _subject(error: BillingError) -> str:
    if error.rule and error.rule.startswith("INVOICE"):
        return "invoice"
    return "session" if error.rule == "CDR_MISSING" else "cdr"


def _right(entry: Planned) -> int:
    """Return what should have been claimed: the price of what the wrong CDR says happened."""
    bill = marked_bill(entry)
    if bill.credit_of:
        return -entry.right.net
    return entry.right.net if entry.error.stake == "difference" else bill.amounts.net


def _money(cents: int | None) -> str | None:
    return None if cents is None else bytes(money(cents)).decode()
