"""`core.*` of who is involved: tokens, clients of a hub, invoices."""

from models.tables.kinds import (
    LAST_UPDATED,
    OBJECT_KEY,
    ORIGIN,
    OWNER,
    Table,
    flag,
    instant,
    required,
    text,
    texts,
)

TOKENS = Table(
    "core.tokens",
    "The current state of one token (OCPI Token).",
    ("partner", "country_code", "party_id", "uid", "type"),
    (
        *OWNER,
        required("uid", "Token uid, as a keyed hash unless the settings say otherwise."),
        required("type", "OCPI TokenType."),
        text("contract_id", "Contract id, hashed alike."),
        text("visual_number", "Printed number, hashed alike."),
        text("group_id", "Group of tokens, hashed alike."),
        text("issuer", "Issuing company."),
        flag("valid", "Whether it may be used."),
        text("whitelist", "OCPI WhitelistType."),
        text("language", "ISO 639-1 code."),
        LAST_UPDATED,
        *ORIGIN,
    ),
)

TOKEN_STATES = Table(
    "core.token_states",
    "A state that one token had from one `last_updated` until the next.",
    ("partner", "country_code", "party_id", "uid", "type", "from_at", "valid"),
    (
        *OWNER,
        required("uid", "The token, as in `core.tokens`."),
        required("type", "OCPI TokenType."),
        instant(
            "from_at",
            "Since when: its `last_updated`, or when we saw it where it states none.",
            nullable=False,
        ),
        flag("valid", "Whether it might be used.", nullable=False),
        required("page_id", "The page that first showed it."),
    ),
)

HUB_CLIENTS = Table(
    "core.hub_clients",
    "The current state of one party connected to a hub (OCPI ClientInfo).",
    ("partner", "country_code", "party_id", "role"),
    (
        *OWNER,
        required("role", "OCPI Role."),
        required("status", "OCPI ConnectionStatus."),
        LAST_UPDATED,
        *ORIGIN,
    ),
)

INVOICES = Table(
    "core.invoices",
    "One version of one invoice reconciliation record (OCPI InvoiceReconciliationRecord).",
    (*OBJECT_KEY, "valid_from_at"),
    (
        *OWNER,
        required("id", "Record id within the party."),
        instant(
            "valid_from_at",
            "The version's own `last_updated`, or when we saw it where that did not move.",
            nullable=False,
        ),
        instant(
            "valid_to_at", "When the next version began or the record was deleted; null: current."
        ),
        required("invoice_id", "The invoice."),
        texts("cdr_ids", "The CDRs on it, as sent."),
        LAST_UPDATED,
        *ORIGIN,
    ),
    loaded=frozenset({"valid_from_at", "valid_to_at"}),
)
