"""Objects that become one row each: sessions, tokens, clients of a hub, invoice records.

OCPI mod_sessions (Session), mod_tokens (Token), mod_hub_client_info (ClientInfo),
mod_invoice_reconciliation (InvoiceReconciliationRecord, 2.3.0).
"""

from collections.abc import Iterable
from typing import Any

from models.ocpi.decoded import DecodedObject, PageContext, Row, without_people
from models.ocpi.fields import Field, read_fields, read_owner, refuse_foreign
from models.ocpi.lenient.prices import put_price
from models.ocpi.maps import HUB_CLIENT, INVOICE, SESSION, SESSION_211, TOKEN, TOKEN_211

# mod_tokens, Token object: required, beside the uid, in any version.
_TOKEN_REQUIRED = ("type", "auth_id", "contract_id", "issuer", "valid", "whitelist", "last_updated")
TOKEN_PEOPLE = ("uid", "contract_id", "visual_number", "group_id")
DRIVER = ("token_uid", "contract_id")
"""Columns of sessions and CDRs that identify a person."""


def read_row(
    tree: Row, fields: Iterable[Field], version: str, context: PageContext, decoded: DecodedObject
) -> Row:
    """Return what the map of an object reads, and its owner; `decoded` is told who it is."""
    row = read_fields(tree, fields, decoded.issues)
    row.update(read_owner(tree, context.own_party, version, decoded.issues))
    decoded.identify(row, row.get("id"))
    return row


def read_session(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one session into `decoded`: a row of `core.sessions`."""
    fields = SESSION_211 if version == "2.1.1" else SESSION
    row = read_row(tree, fields, version, context, decoded)
    put_price(row, "total_cost", tree, version, decoded.issues)
    decoded.add("core.sessions", without_people(row, DRIVER, context))


def read_token(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one token into `decoded`: a row of `core.tokens`."""
    row = read_row(tree, TOKEN_211 if version == "2.1.1" else TOKEN, version, context, decoded)
    refuse_foreign(tree, _TOKEN_REQUIRED, decoded.issues)
    row["type"] = row["type"] or "OTHER"
    decoded.add("core.tokens", without_people(row, TOKEN_PEOPLE, context))
    decoded.identify(row, row["uid"])


def read_hub_client(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one client of a hub into `decoded`: a row of `core.hub_clients`."""
    row = read_row(tree, HUB_CLIENT, version, context, decoded)
    decoded.identify(row, f"{row['country_code']}/{row['party_id']}")
    decoded.add("core.hub_clients", row)


def read_invoice(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one invoice reconciliation record into `decoded`: a row of `core.invoices`."""
    decoded.add("core.invoices", read_row(tree, INVOICE, version, context, decoded))
