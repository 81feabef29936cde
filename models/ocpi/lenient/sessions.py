"""One session of any version as a row (OCPI mod_sessions, Session object)."""

from __future__ import annotations

from typing import Any

from models.ocpi.decoded_object import DecodedObject, without_people
from models.ocpi.decoded_page import PageContext
from models.ocpi.fields import read_fields
from models.ocpi.lenient.owner import read_owner
from models.ocpi.lenient.prices import Price, read_price
from models.ocpi.maps import SESSION, SESSION_211

PEOPLE = ("token_uid", "contract_id")


def read_session(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one session into `decoded`: a row of `core.sessions`."""
    issues = decoded.issues
    row = read_fields(tree, SESSION_211 if version == "2.1.1" else SESSION, issues)
    row.update(read_owner(tree, context.own_party, version, issues))
    decoded.identify(row, row["id"])
    sent = tree.get("total_cost")
    cost = Price() if sent is None else read_price(sent, version, "total_cost", issues)
    row["total_cost_excl_vat"], row["total_cost_incl_vat"] = cost.excl, cost.incl
    decoded.add("core.sessions", without_people(row, PEOPLE, context))
