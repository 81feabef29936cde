"""`core.*` of what partners publish: places, tariffs, tokens, clients of a hub, invoice records.

And of what was wrong with anything that they sent.
"""

from models.ocpi.values.enumerations import EVSE_STATUS as EVSE_STATUS_WORDS
from models.tables.kinds import (
    LAST_UPDATED,
    OBJECT_KEY,
    ORIGIN,
    OWNER,
    PARTNER,
    flag,
    instant,
    json,
    money,
    quantity,
    real,
    required,
    table,
    text,
    texts,
    whole,
)

LIFETIME = (
    instant("first_seen_at", "When we first saw the object.", nullable=False),
    instant("removed_at", "When a complete full pull no longer had it; null: still there."),
)
LIFETIME_NAMES = frozenset(column.name for column in LIFETIME)

LOCATIONS = table(
    "core.locations",
    "The current state of one location (OCPI Location).",
    OBJECT_KEY,
    *OWNER,
    required("id", "Location id within the party."),
    text("name", "Display name."),
    text("address", "Street and house number."),
    text("city", "City or town."),
    text("postal_code", "Postal code."),
    text("state", "State or province."),
    text("country", "ISO 3166-1 alpha-3 code."),
    real("latitude", "Degrees north, WGS 84; null where absent or impossible."),
    real("longitude", "Degrees east, WGS 84; null where absent or impossible."),
    text("time_zone", "IANA zone; null where absent or unknown to tzdata."),
    flag("publish", "Whether it may be shown to the public."),
    text("parking_type", "OCPI ParkingType."),
    text("operator_name", "Operator."),
    text("suboperator_name", "Suboperator."),
    text("owner_name", "Owner."),
    texts("facilities", "OCPI Facility values."),
    flag("twentyfourseven", "Open at all hours."),
    json("opening_times", "OCPI Hours object."),
    flag("charging_when_closed", "Whether EVSEs still charge outside opening hours."),
    text("help_phone", "Number a driver may call."),
    json("energy_mix", "OCPI EnergyMix object."),
    json(
        "details",
        "The rest of the object: directions, images, parking places, related locations.",
    ),
    LAST_UPDATED,
    *ORIGIN,
    *LIFETIME,
    loaded=LIFETIME_NAMES,
)

EVSES = table(
    "core.evses",
    "The current state of one EVSE at one location (OCPI EVSE).",
    ("partner", "country_code", "party_id", "location_id", "uid"),
    *OWNER,
    required("location_id", "The location it stands at."),
    required("uid", "Technical id within the party."),
    text("evse_id", "eMI3 EVSE id as sent."),
    required(
        "canonical_evse",
        "Equal for all copies of one EVSE: the EVSE id in upper case without separators, else "
        "partner, party and uid.",
    ),
    required("status", "OCPI Status.", among=EVSE_STATUS_WORDS.values),
    texts("capabilities", "OCPI Capability values."),
    text("floor_level", "Level in a building."),
    real("latitude", "Degrees north, where it differs from the location's."),
    real("longitude", "Degrees east, where it differs from the location's."),
    text("physical_reference", "What is printed on it."),
    texts("parking_restrictions", "OCPI ParkingRestriction values."),
    texts("accepted_service_providers", "eMSPs whose contracts are accepted."),
    json("details", "The rest of the object: directions, images, parking, status schedule."),
    LAST_UPDATED,
    *ORIGIN,
    *LIFETIME,
    flag(
        "is_current_copy",
        "True for the copy to count: of those still there, the one with the newest "
        "`last_updated_at`.",
        nullable=False,
    ),
    loaded=LIFETIME_NAMES | {"is_current_copy"},
)

CONNECTORS = table(
    "core.connectors",
    "The current state of one connector (OCPI Connector).",
    ("partner", "country_code", "party_id", "location_id", "evse_uid", "id"),
    *OWNER,
    required("location_id", "The location it stands at."),
    required("evse_uid", "The EVSE it belongs to."),
    required("id", "Connector id within the EVSE."),
    text("standard", "OCPI ConnectorType, or the partner's own value."),
    text("format", "SOCKET or CABLE."),
    text("power_type", "OCPI PowerType."),
    whole("max_voltage_v", "Volts, line to neutral."),
    whole("max_amperage_a", "Amperes."),
    whole("max_electric_power_w", "Watts, as stated."),
    quantity(
        "power_kw",
        "Kilowatts: stated, else from voltage, amperage and phases; null: unknown or absurd.",
    ),
    texts("tariff_ids", "Tariffs that apply; null: not stated, which is not free."),
    text("terms_and_conditions", "URL, as sent."),
    texts("capabilities", "OCPI ConnectorCapability values."),
    LAST_UPDATED,
    *ORIGIN,
    *LIFETIME,
    loaded=LIFETIME_NAMES,
)

EVSE_STATUS = table(
    "core.evse_status",
    "An interval during which one EVSE had one status.",
    ("partner", "country_code", "party_id", "location_id", "evse_uid", "from_at"),
    *OWNER,
    required("location_id", "The location it stands at."),
    required("evse_uid", "The EVSE."),
    required("canonical_evse", "As in `core.evses`."),
    required("status", "OCPI Status.", among=EVSE_STATUS_WORDS.values),
    instant(
        "from_at",
        "Since when, by the partner's own clock where that is plausible.",
        nullable=False,
    ),
    instant("to_at", "Until when; null: still."),
    instant("observed_from_at", "When we first saw it.", nullable=False),
    instant(
        "observed_until_at",
        "When we last saw it, or were told that nothing changed.",
        nullable=False,
    ),
    required("page_id", "The page that first showed it."),
    flag("end_pushed", "True where a push told its end: it held until then, seen or not."),
)

TARIFFS = table(
    "core.tariffs",
    "One version of one tariff (OCPI Tariff).",
    (*OBJECT_KEY, "valid_from_at"),
    *OWNER,
    required("id", "Tariff id within the party, as first sent; compare without regard to case."),
    instant(
        "valid_from_at",
        "The version's own `last_updated`, or when we saw it where that did not move.",
        nullable=False,
    ),
    instant("valid_to_at", "When the next version began or the tariff went away; null: current."),
    required("currency", "ISO 4217 code."),
    text("type", "OCPI TariffType; null: for all sessions."),
    text("tax_included", "YES, NO or N/A (2.3.0); null: not stated, prices are net."),
    instant("start_at", "`start_date_time`: active from, inclusive."),
    instant("end_at", "`end_date_time`: active until, exclusive."),
    money("min_price_excl_vat", "The session costs at least this before taxes."),
    money("min_price_incl_vat", "The session costs at least this after taxes."),
    money("max_price_excl_vat", "The session costs at most this before taxes."),
    money("max_price_incl_vat", "The session costs at most this after taxes."),
    json("tariff", "The whole object in 2.3.0 names."),
    LAST_UPDATED,
    *ORIGIN,
    loaded=frozenset({"valid_from_at", "valid_to_at"}),
)


TOKENS = table(
    "core.tokens",
    "The current state of one token (OCPI Token).",
    ("partner", "country_code", "party_id", "uid", "type"),
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
)

TOKEN_STATES = table(
    "core.token_states",
    "A state that one token had from one `last_updated` until the next.",
    ("partner", "country_code", "party_id", "uid", "type", "from_at", "valid"),
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
)

HUB_CLIENTS = table(
    "core.hub_clients",
    "The current state of one party connected to a hub (OCPI ClientInfo).",
    ("partner", "country_code", "party_id", "role"),
    *OWNER,
    required("role", "OCPI Role."),
    required("status", "OCPI ConnectionStatus."),
    LAST_UPDATED,
    *ORIGIN,
)

INVOICES = table(
    "core.invoices",
    "One version of one invoice reconciliation record (OCPI InvoiceReconciliationRecord).",
    (*OBJECT_KEY, "valid_from_at"),
    *OWNER,
    required("id", "Record id within the party."),
    instant(
        "valid_from_at",
        "The version's own `last_updated`, or when we saw it where that did not move.",
        nullable=False,
    ),
    instant("valid_to_at", "When the next version began or the record was deleted; null: current."),
    required("invoice_id", "The invoice."),
    texts("cdr_ids", "The CDRs on it, as sent."),
    LAST_UPDATED,
    *ORIGIN,
    loaded=frozenset({"valid_from_at", "valid_to_at"}),
)


_ABOUT = (
    PARTNER,
    text("country_code", "Country of the owning party, where known."),
    text("party_id", "Owning party, where known."),
    required("module", "OCPI module identifier."),
)

QUARANTINE = table(
    "core.quarantine",
    "An object that could not be taken in, with every reason.",
    ("partner", "module", "payload_hash"),
    *_ABOUT,
    text("object_id", "The object's id, where it has one."),
    texts("reasons", "Every reason, each `path: what is wrong`."),
    required("payload_hash", "Hash of the object as sent: one row for each distinct bad object."),
    json("payload", "The object as sent, people's identifiers masked; cut after 64 KiB."),
    instant("fetched_at", "When the page that first brought it was fetched.", nullable=False),
    required("page_id", "The page that first brought it."),
)

DEVIATION_KINDS = (
    "absent",  # a required field is missing; unknown is kept as unknown
    "coerced",  # another JSON type than the spec says: "0.45" for 0.45, 7 for "7"
    "empty",  # "" for null
    "inferred",  # filled in from what we know: country_code, party_id
    "normalised",  # case, separators, surrounding space, control characters
    "renamed",  # a known misspelling of a field: dayOfWeek
    "timestamp",  # no zone, an offset, a date only
    "too_long",  # longer than the spec allows; kept whole
    "unknown_value",  # an enum value that OCPI does not have; kept, or mapped as `repaired` says
    "unusable",  # a value that cannot be right (0/0 coordinates, 7 MW AC); kept as unknown
)

DEVIATIONS = table(
    "core.deviations",
    "A field that broke the spec and was repaired, or kept as unknown.",
    ("partner", "module", "country_code", "party_id", "object_id", "path", "kind", "original"),
    *_ABOUT,
    text("object_id", "The object's id."),
    required("path", "Where, as `evses[2].connectors[0].max_voltage`."),
    required("kind", "What kind of deviation.", among=DEVIATION_KINDS),
    text("original", "The value as sent, as JSON text, cut after 256 characters; null: absent."),
    text("repaired", "The value taken instead, as JSON text; null: unknown."),
    instant("fetched_at", "When the page that first showed it was fetched.", nullable=False),
    required("page_id", "The page that first showed it."),
)
