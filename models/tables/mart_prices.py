"""`mart.*` of what charging costs: standard baskets on every connector's tariff, price changes."""

from models.tables.kinds import (
    OWNER,
    count,
    flag,
    instant,
    money,
    quantity,
    required,
    table,
    text,
    texts,
    whole,
)
from models.tables.mart_places import POWER_CLASSES

MOMENTS = ("noon", "evening")
PRICE_STATES = ("priced", "unpriced")

OFFER_KEY = (
    *("partner", "country_code", "party_id", "offer"),
    *("country", "operator", "zone", "power_class"),
)
CHANGE_KEY = (
    *("partner", "country_code", "party_id", "tariff_id", "valid_from_at"),
    *("power_class", "zone", "moment", "idle_min"),
)
_OFFER = (
    *OWNER,
    required("offer", "The connector's tariff ids, lower case and in order, as a JSON list."),
    required("country", "ISO 3166-1 alpha-3 code of the location; `unknown`: not stated."),
    required("operator", "Operator as the location names it; `unknown`: not stated."),
    required("zone", "IANA zone of the location, or its country's only one; `unknown`: neither."),
    required("power_class", "Decides the basket.", among=POWER_CLASSES),
)
_BASKET = (
    required("moment", "noon: 12:00; evening: 18:00; local, a weekday.", among=MOMENTS),
    whole("idle_min", "Minutes connected after charging: 0 or 60.", nullable=False),
)

_OFFER_HASH = required("offer_key", "Hash of all of that: equal where the same is paid.")

MART_CONNECTORS = table(
    "mart.connectors",
    "One connector of an EVSE that is counted once, with what its price depends on.",
    ("canonical_evse", "connector_id"),
    required("canonical_evse", "The EVSE (`mart.evses`)."),
    required("connector_id", "Its id within the EVSE."),
    *OWNER,
    required("location_id", "The location."),
    required("evse_uid", "The EVSE's technical id within the party."),
    text("standard", "OCPI ConnectorType."),
    quantity("power_kw", "Kilowatts; null: unknown."),
    required("power_class", "Decides the basket.", among=POWER_CLASSES),
    required("zone", "IANA zone of the location, or its country's only one; `unknown`: neither."),
    required("offer", "Its tariff ids, lower case and in order, as a JSON list; `null`: none."),
    _OFFER_HASH,
)

OFFERS = table(
    "mart.offers",
    "The tariffs that connectors of one party offer by naming the same ids.",
    ("partner", "country_code", "party_id", "offer"),
    *OWNER,
    required("offer", "The ids, lower case and in order, as a JSON list; `null`: none."),
    texts("tariffs", "Their current versions as JSON in 2.3.0 names, in order; null: none."),
    text("reason", "Why there is none."),
)

PRICE_BASKETS = table(
    "mart.price_baskets",
    "What one standard basket costs at the connectors that share tariffs, place and power class.",
    (*OFFER_KEY, "moment", "idle_min"),
    *_OFFER,
    _OFFER_HASH,
    *_BASKET,
    count("connector_count", "Connectors, each EVSE counted once."),
    required("state", "priced, or unpriced: see `reason`.", among=PRICE_STATES),
    text("reason", "Why there is no price; it is unknown then, never free."),
    texts("tariff_ids", "Tariffs that made the price."),
    text("currency", "ISO 4217 code; null: no price."),
    quantity("energy_kwh", "Energy of the basket; null: none fits the power class."),
    money("cost_excl_vat", "Price of the basket before taxes; null: unknown."),
    money("cost_incl_vat", "Price of the basket after taxes; null: unknown."),
    money("per_kwh_excl_vat", "The same for each kWh."),
    money("per_kwh_incl_vat", "The same for each kWh."),
    texts("notes", "What a reader should know (`rating.cdrs`)."),
    money("peer_median_excl_vat", "Median for each kWh of the same country, class, currency."),
    money("peer_mad_excl_vat", "Median distance of those prices from their median."),
    flag("is_outlier", "More than 3 such distances off; null: too few peers to tell."),
)

PRICE_CHANGES = table(
    "mart.price_changes",
    "What one basket cost by a tariff's version and by the one before it.",
    CHANGE_KEY,
    *OWNER,
    required("tariff_id", "Tariff id within the party."),
    instant("valid_from_at", "When the newer version began.", nullable=False),
    instant("previous_from_at", "When the version before it began.", nullable=False),
    required("power_class", "Decides the basket.", among=POWER_CLASSES),
    required("zone", "IANA zone it was priced in; `unknown`: no place names the tariff."),
    *_BASKET,
    count("connector_count", "Connectors there that name the tariff now."),
    required("currency", "ISO 4217 code of the newer version."),
    text("previous_currency", "ISO 4217 code of the version before it."),
    money("before_per_kwh_excl_vat", "Price before; null: unknown."),
    money("after_per_kwh_excl_vat", "Price after; null: unknown."),
    money("delta_per_kwh_excl_vat", "After minus before; null: unknown, or other currencies."),
    text("reason", "Why a price is unknown."),
)
