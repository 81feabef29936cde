"""Tokens, clients of a hub, invoice reconciliation records as rows.

OCPI mod_tokens (Token), mod_hub_client_info (ClientInfo), mod_invoice_reconciliation
(InvoiceReconciliationRecord, 2.3.0).
"""

from __future__ import annotations

from typing import Any

from models.ocpi.decoded_object import Taken, without_people
from models.ocpi.decoding import PageContext
from models.ocpi.fields import read_fields, refuse_foreign
from models.ocpi.lenient.owner import read_owner
from models.ocpi.maps import HUB_CLIENT, INVOICE, TOKEN, TOKEN_211

# mod_tokens, Token object: required, beside the uid, in any version.
_TOKEN_REQUIRED = ("type", "auth_id", "contract_id", "issuer", "valid", "whitelist", "last_updated")
TOKEN_PEOPLE = ("uid", "contract_id", "visual_number", "group_id")


def read_token(tree: dict[str, Any], version: str, context: PageContext, taken: Taken) -> None:
    """Read one token into `taken`: a row of `core.tokens`."""
    row = read_fields(tree, TOKEN_211 if version == "2.1.1" else TOKEN, taken.notes)
    row.update(read_owner(tree, context.own_party, version, taken.notes))
    refuse_foreign(tree, _TOKEN_REQUIRED, taken.notes)
    row["type"] = row["type"] or "OTHER"
    row = without_people(row, TOKEN_PEOPLE, context)
    taken.identify(row, row["uid"])
    taken.add("core.tokens", row)


def read_hub_client(tree: dict[str, Any], version: str, context: PageContext, taken: Taken) -> None:
    """Read one client of a hub into `taken`: a row of `core.hub_clients`."""
    row = read_fields(tree, HUB_CLIENT, taken.notes)
    row.update(read_owner(tree, context.own_party, version, taken.notes))
    taken.identify(row, f"{row['country_code']}/{row['party_id']}")
    taken.add("core.hub_clients", row)


def read_invoice(tree: dict[str, Any], version: str, context: PageContext, taken: Taken) -> None:
    """Read one invoice reconciliation record into `taken`: a row of `core.invoices`."""
    row = read_fields(tree, INVOICE, taken.notes)
    row.update(read_owner(tree, context.own_party, version, taken.notes))
    taken.identify(row, row["id"])
    taken.add("core.invoices", row)
