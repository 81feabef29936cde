"""Tokens, clients of a hub, invoice reconciliation records as rows.

OCPI mod_tokens (Token), mod_hub_client_info (ClientInfo), mod_invoice_reconciliation
(InvoiceReconciliationRecord, 2.3.0).
"""

from __future__ import annotations

from typing import Any

from models.ocpi.decoded_object import DecodedObject, without_people
from models.ocpi.decoded_page import PageContext
from models.ocpi.fields import read_fields, refuse_foreign
from models.ocpi.lenient.owner import read_owner
from models.ocpi.maps import HUB_CLIENT, INVOICE, TOKEN, TOKEN_211

# mod_tokens, Token object: required, beside the uid, in any version.
_TOKEN_REQUIRED = ("type", "auth_id", "contract_id", "issuer", "valid", "whitelist", "last_updated")
TOKEN_PEOPLE = ("uid", "contract_id", "visual_number", "group_id")


def read_token(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one token into `decoded`: a row of `core.tokens`."""
    row = read_fields(tree, TOKEN_211 if version == "2.1.1" else TOKEN, decoded.issues)
    row.update(read_owner(tree, context.own_party, version, decoded.issues))
    refuse_foreign(tree, _TOKEN_REQUIRED, decoded.issues)
    row["type"] = row["type"] or "OTHER"
    row = without_people(row, TOKEN_PEOPLE, context)
    decoded.identify(row, row["uid"])
    decoded.add("core.tokens", row)


def read_hub_client(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one client of a hub into `decoded`: a row of `core.hub_clients`."""
    row = read_fields(tree, HUB_CLIENT, decoded.issues)
    row.update(read_owner(tree, context.own_party, version, decoded.issues))
    decoded.identify(row, f"{row['country_code']}/{row['party_id']}")
    decoded.add("core.hub_clients", row)


def read_invoice(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one invoice reconciliation record into `decoded`: a row of `core.invoices`."""
    row = read_fields(tree, INVOICE, decoded.issues)
    row.update(read_owner(tree, context.own_party, version, decoded.issues))
    decoded.identify(row, row["id"])
    decoded.add("core.invoices", row)
