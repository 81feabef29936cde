"""`mart.*` of where one can charge: EVSEs counted once, whether they work, what was charged."""

import polars as pl

from models.ocpi.values.enumerations import EVSE_STATUS
from models.tables.kinds import (
    OWNER,
    Column,
    count,
    day,
    flag,
    instant,
    money,
    quantity,
    real,
    required,
    table,
    text,
    texts,
    whole,
)

POWER_CLASSES = ("ac", "dc", "hpc", "unknown")
BASES = ("observed", "stated")
WINDOWS = ("7d", "30d", "12m", "year")
DOUBT_KINDS = (
    *("stale", "charging_too_long", "copies_disagree", "charged_while_out", "session_not_shown"),
)
_NUMBER = whole(
    "evse_number", "The EVSE within this snapshot: joins are quicker by number than by name."
)
_CANONICAL = required("canonical_evse", "As in `core.evses`: one row for all copies of an EVSE.")
_BASIS = required(
    "basis",
    "observed: since we first looked; stated: also before, as the partner dates it.",
    among=BASES,
)
GROUP = (
    *("partner", "country_code", "party_id"),
    *("country", "region", "city", "operator", "power_class"),
)
_REGION = required(
    "region", "State or province of the address, else its postal area; `unknown`: neither stated."
)
_GROUP = (
    *OWNER,
    required("country", "ISO 3166-1 alpha-3 code of the location; `unknown`: not stated."),
    _REGION,
    required("city", "City or town; `unknown`: not stated."),
    required("operator", "As most of its places write it, in any case; `unknown`: not stated."),
    required("power_class", "ac; dc: below 150 kW; hpc: from 150 kW.", among=POWER_CLASSES),
)

MART_EVSES = table(
    "mart.evses",
    "One EVSE, counted once however many copies of it partners publish.",
    ("canonical_evse",),
    *OWNER,
    required("location_id", "The location of the copy that counts."),
    required("uid", "Its technical id within the party."),
    _CANONICAL,
    _NUMBER,
    text("evse_id", "eMI3 EVSE id as sent."),
    count("copy_count", "Copies of it, under any location or partner, that are still there."),
    text("location_name", "Display name of the location."),
    text("address", "Street and house number."),
    text("city", "City or town."),
    text("postal_code", "Postal code."),
    _REGION,
    required("country", "ISO 3166-1 alpha-3 code; `unknown`: not stated."),
    required("operator", "As most of its places write it, in any case; `unknown`: not stated."),
    real("latitude", "Degrees north, WGS 84; null: unknown."),
    real("longitude", "Degrees east, WGS 84; null: unknown."),
    text("time_zone", "IANA zone of the location."),
    text("hours_key", "Hash of its opening times; null: open at all hours, or not stated."),
    quantity("power_kw", "Power of its strongest connector; null: unknown."),
    required("power_class", "Of that connector.", among=POWER_CLASSES),
    texts("standards", "Connector types, each once."),
    count("connector_count", "Connectors still there."),
    required("status", "OCPI Status.", among=EVSE_STATUS.values),
    instant("status_from_at", "Since when, by the partner's clock where plausible."),
    instant("seen_at", "When we last saw that status."),
    instant("last_updated_at", "The EVSE's own `last_updated`."),
    instant("removed_at", "When its last copy went away; null: still there."),
)

AVAILABILITY = table(
    "mart.availability",
    "How long one EVSE was in which status, over a window that ends with the newest page.",
    ("canonical_evse", "basis", "window"),
    _CANONICAL,
    _BASIS,
    required("window", "7d, 30d, 12m (365 days); year: since 1 January (UTC).", among=WINDOWS),
    count("window_s", "Length of the window."),
    count("covered_s", "Of it: somebody observed the status. All else adds up to this."),
    *(count(f"{status.lower()}_s", f"In status {status}.") for status in EVSE_STATUS.values),
    count("live_s", "Of covered_s: pushes told it, to the second; the rest was looked at."),
    count("open_s", "Within opening hours, PLANNED and REMOVED left out."),
    count("open_reliable_s", "Of those: AVAILABLE, CHARGING, RESERVED, UNKNOWN, BLOCKED."),
    count("open_outage_s", "Of those: INOPERATIVE, OUTOFORDER."),
)

AVAILABILITY_DAILY = table(
    "mart.availability_daily",
    "How long the EVSEs of one group were in which status on one day.",
    ("day_on", "basis", *GROUP),
    day("day_on", "Day (UTC), of the last 31.", nullable=False),
    _BASIS,
    *_GROUP,
    count("covered_s", "Observed, all EVSEs together."),
    count("working_s", "Of it: AVAILABLE, CHARGING, RESERVED."),
    count("unknown_s", "Of it: UNKNOWN."),
    count("outage_s", "Of it: INOPERATIVE, OUTOFORDER."),
    count("left_out_s", "Of it: PLANNED, REMOVED."),
)

AVAILABILITY_DAYS = table(
    "mart.availability_days",
    "How long one EVSE worked on one day.",
    ("canonical_evse", "day_on", "observed"),
    _CANONICAL,
    _NUMBER,
    day("day_on", "Day (UTC), of the last 31.", nullable=False),
    flag(
        "observed",
        "Since we first looked; false: before, as the partner dates it. Stated is both.",
        nullable=False,
    ),
    count("covered_s", "Known."),
    count("working_s", "Of it: AVAILABLE, CHARGING, RESERVED."),
    count("left_out_s", "Of it: PLANNED, REMOVED."),
)

OUTAGES = table(
    "mart.outages",
    "A time during which one EVSE was INOPERATIVE or OUTOFORDER, flaps under 5 minutes merged.",
    ("canonical_evse", "from_at"),
    _CANONICAL,
    instant("from_at", "Since when, by the partner's clock where plausible.", nullable=False),
    instant("to_at", "Until when; null: still."),
    quantity("length_h", "How long, up to the newest page where it still lasts."),
    required("status", "The last status in it.", among=("INOPERATIVE", "OUTOFORDER")),
    flag("seen_to_begin", "Whether we knew the EVSE before it began.", nullable=False),
)

STATUS_DOUBTS = table(
    "mart.status_doubts",
    "A reason not to believe the status that one EVSE shows.",
    ("canonical_evse", "kind"),
    _CANONICAL,
    required("kind", "What is doubtful.", among=DOUBT_KINDS),
    required("status", "What it shows.", among=EVSE_STATUS.values),
    instant("since_at", "Since when it has been doubtful, as far as known."),
    quantity("age_h", "Hours from then to the newest page."),
    required("evidence", "What contradicts it."),
    count("case_count", "How often."),
)

USAGE = table(
    "mart.usage",
    "What our drivers charged at the EVSEs of one group in the last 28 days.",
    GROUP,
    *_GROUP,
    count("evse_count", "EVSEs still there."),
    quantity("open_h", "Hours they were open, all together."),
    # A country's EVSEs could deliver more in a year than nine decimals leave room for.
    Column(
        "capacity_kwh",
        pl.Decimal(18, 6),
        "Rated power times open hours, of EVSEs of known power.",
    ),
    count("charge_count", "Charges: CDRs, and ended sessions without one."),
    count("success_count", "Of those: 0.1 kWh or more, in 2 minutes or more."),
    quantity("energy_kwh", "Energy of all of them."),
    quantity("rated_energy_kwh", "Energy of those at EVSEs of known power."),
    quantity("connected_h", "Time from start to end."),
    quantity("charging_h", "Of it: before the parking that the CDR states."),
    quantity("connected_stated_h", "Connected time of CDRs that state their parking time."),
    quantity("parking_h", "Parking time that CDRs state."),
)

UTILISATION = table(
    "mart.utilisation",
    "How busy the EVSEs of one group were at one hour of one weekday, over the last 28 days.",
    (*GROUP, "weekday", "hour"),
    *_GROUP,
    whole("weekday", "1: Monday … 7: Sunday, local.", nullable=False),
    whole("hour", "0 … 23, local.", nullable=False),
    count("charging_s", "Charging by our drivers."),
    count("connected_s", "Connected by our drivers, charging or not."),
    count("open_s", "Open, all EVSEs together."),
)

CHARGING_HOURS = table(
    "mart.charging_hours",
    "How much of the observed time the EVSEs of one group showed CHARGING at one hour of one "
    "weekday, over the last 28 days, whoever charged.",
    (*GROUP, "weekday", "hour"),
    *_GROUP,
    whole("weekday", "1: Monday … 7: Sunday, local.", nullable=False),
    whole("hour", "0 … 23, local.", nullable=False),
    count("charging_s", "Observed in status CHARGING."),
    count("observed_s", "Observed, all EVSEs together."),
)


CHARGE_KINDS = ("cdr", "session")
CHARGE_PLACES = ("listed", "gone", "unlisted")
OUTCOMES = ("good", "short", "no_energy", "invalid")

CHARGES = table(
    "mart.charges",
    "One charge of our drivers: a CDR that is not rejected, or an ended session that none bills.",
    ("partner", "country_code", "party_id", "kind", "id"),
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
    day("ended_on", "Day (UTC) of the end.", nullable=False),
    required("month", "Month (UTC) of the end, as 2026-10."),
    required("week", "ISO week (UTC) of the end, as 2026-W44."),
    text("canonical_evse", "The EVSE (`mart.evses`); null: no location lists it."),
    required("place", "Whether the EVSE is listed, gone or unlisted.", among=CHARGE_PLACES),
    text("location_id", "The location, as the charge names it."),
    required("location_name", "Its name, address or id, whichever is known; `unknown`: none."),
    required("city", "City or town, of the location or the CDR; `unknown`: not stated."),
    required("region", "As in `mart.evses`; `unknown`: not stated."),
    required("country", "ISO 3166-1 alpha-3 code; `unknown`: not stated."),
    required("operator", "As most of its places write it, in any case; `unknown`: not stated."),
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
)
