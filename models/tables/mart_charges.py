"""`mart.*` of what our drivers charged, what it cost and whether it worked."""

import polars as pl

from models.tables.kinds import (
    OWNER,
    Column,
    Table,
    flag,
    instant,
    money,
    quantity,
    required,
    text,
)
from models.tables.mart_places import POWER_CLASSES

CHARGE_KINDS = ("cdr", "session")
CHARGE_PLACES = ("listed", "gone", "unlisted")
OUTCOMES = ("good", "short", "no_energy", "invalid")

CHARGES = Table(
    "mart.charges",
    "One charge of our drivers: a CDR that is not rejected, or an ended session that none bills.",
    ("partner", "country_code", "party_id", "kind", "id"),
    (
        *OWNER,
        required("kind", "cdr; session: ended, and no CDR bills it yet.", among=CHARGE_KINDS),
        required("id", "Its id within the party."),
        flag(
            "counts",
            "Whether it is a charge to count; a credit, and a CDR that another one replaced, only "
            "add to energy and cost.",
            nullable=False,
        ),
        instant("start_at", "Start of the session.", nullable=False),
        instant("end_at", "End of the session.", nullable=False),
        Column("ended_on", pl.Date(), "Day (UTC) of the end.", nullable=False),
        required("month", "Month (UTC) of the end, as 2026-10."),
        required("week", "ISO week (UTC) of the end, as 2026-W44."),
        text("canonical_evse", "The EVSE (`mart.evses`); null: no location lists it."),
        required("place", "Whether the EVSE is listed, gone or unlisted.", among=CHARGE_PLACES),
        text("location_id", "The location, as the charge names it."),
        required("location_name", "Its name, address or id, whichever is known; `unknown`: none."),
        required("city", "City or town, of the location or the CDR; `unknown`: not stated."),
        required("region", "As in `mart.evses`; `unknown`: not stated."),
        required("country", "ISO 3166-1 alpha-3 code; `unknown`: not stated."),
        required("operator", "Operator as the location names it; `unknown`: not stated."),
        required("power_class", "Of the EVSE.", among=POWER_CLASSES),
        quantity("energy_kwh", "Energy to count, below zero for a credit."),
        text("currency", "ISO 4217 code; null: not billed."),
        money("cost_excl_vat", "Claimed less rejected; null: not billed, or no total stated."),
        money("payable_excl_vat", "Of it, to be paid."),
        quantity("connected_h", "Time from start to end; null: the end is not after the start."),
        required(
            "outcome",
            "good: 0.1 kWh or more in 2 minutes or more; short: under 2 minutes; no_energy; "
            "invalid: a session that its operator calls INVALID.",
            among=OUTCOMES,
        ),
        flag(
            "is_repeat",
            "Whether the same token tried at the same location up to 15 minutes before, in vain.",
            nullable=False,
        ),
        text("token_uid", "The token, as in `core.cdrs`."),
        text("contract_id", "The contract, as in `core.cdrs`."),
    ),
)
