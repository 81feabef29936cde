"""One session of any version as a row (OCPI mod_sessions, Session object)."""

from __future__ import annotations

from typing import Any

from models.wire.contract import PageContext
from models.wire.fields import read_fields
from models.wire.maps import SESSION, SESSION_211
from models.wire.owner import read_owner
from models.wire.prices import Price, read_price
from models.wire.taken import Taken, without_people

PEOPLE = ("token_uid", "contract_id")


def read_session(tree: dict[str, Any], version: str, context: PageContext, taken: Taken) -> None:
    """Read one session into `taken`: a row of `core.sessions`."""
    notes = taken.notes
    row = read_fields(tree, SESSION_211 if version == "2.1.1" else SESSION, notes)
    row.update(read_owner(tree, context.own_party, version, notes))
    taken.identify(row, row["id"])
    sent = tree.get("total_cost")
    cost = Price() if sent is None else read_price(sent, version, "total_cost", notes)
    row["total_cost_excl_vat"], row["total_cost_incl_vat"] = cost.excl, cost.incl
    taken.add("core.sessions", without_people(row, PEOPLE, context))
