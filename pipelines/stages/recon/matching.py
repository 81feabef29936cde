"""Sets CDRs against sessions, credits, invoices and one another, in temporary tables."""

from __future__ import annotations

import duckdb

from pipelines.stages.recon.queries import EVSE_KEY, statement

_PRICING = (
    "md5(concat_ws('/', "
    + ", ".join(
        f"coalesce(json_extract(e.tariff, '$.{name}'), 'null')"
        for name in (
            "elements",
            "currency",
            "tax_included",
            "min_price",
            "max_price",
            "start_date_time",
            "end_date_time",
        )
    )
    + "))"
)
_STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("sessions", {}),
    ("live", {}),
    ("replaced", {}),
    ("duplicates", {}),
    ("near_duplicates", {}),
    ("standing", {}),
    (
        "overlaps",
        {"target": "recon_evse_overlaps", "group": "connector_key", "condition": "true"},
    ),
    (
        "overlaps",
        {
            "target": "recon_token_overlaps",
            "group": "token_uid",
            "condition": "l.token_type = 'RFID'",
        },
    ),
    ("travel", {}),
    ("outages", {}),
    ("listed", {}),
    ("invoiced", {}),
    ("refused", {}),
    ("place_facts", {}),
    ("token_facts", {}),
    ("tariff_facts", {"pricing": _PRICING}),
    ("published_facts", {"pricing": _PRICING}),
)
TABLES = (
    "recon_sessions",
    "recon_live",
    "recon_replaced",
    "recon_duplicates",
    "recon_near_duplicates",
    "recon_standing",
    "recon_evse_overlaps",
    "recon_token_overlaps",
    "recon_travel",
    "recon_peers",
    "recon_outages",
    "recon_listed",
    "recon_invoiced",
    "recon_refused",
    "recon_places",
    "recon_tokens",
    "recon_embedded",
    "recon_published",
)


def match(con: duckdb.DuckDBPyConnection, peers: str) -> None:
    """Make every table of `TABLES` from `recon_claims`, `recon_cancelled` and `recon_focus`.

    Args:
        con: with those three, `recon_credits` and the terms (`terms.put_terms`).
        peers: condition on `core.cdrs as c` for the charges whose prices are compared.
    """
    for name, blanks in _STEPS:
        con.execute(statement(name, **blanks))
    con.execute(statement("peers", evse_key=EVSE_KEY, condition=peers))
