"""Which wire field becomes which column: one table of fields for each module and version.

2.2, 2.2.1 and 2.3.0 name these fields alike; what differs between them (prices, tariffs) is
read by `lenient.prices` and `lenient.tariffs`; owners by `fields.read_owner`.
"""

from models.ocpi.field_kinds import (
    ALPHA2,
    ALPHA3,
    CURRENCY,
    FLAG,
    INSTANT,
    JSON,
    WHOLE,
    ZONE,
    Enum,
    ListOf,
    Number,
    Text,
)
from models.ocpi.fields import Field, Need
from models.ocpi.values import enumerations as words

QUANTITY = Number(9)
OPTIONAL, EXPECTED, VITAL = Need.OPTIONAL, Need.EXPECTED, Need.VITAL
ID = Text(36)
ID_211 = Text(39)  # 2.1.1 allows ids of locations and EVSEs, and later versions those of CDRs, 39
PERSON = Text(36, secret=True)
LAST_UPDATED = Field("last_updated_at", "last_updated", INSTANT, EXPECTED)


_CONNECTOR_WORDS = {
    "standard": Enum(words.CONNECTOR_TYPE),
    "format": Enum(words.CONNECTOR_FORMAT),
    "power_type": Enum(words.POWER_TYPE),
}
_TOKEN = (
    Field("token_country_code", "cdr_token.country_code", ALPHA2),
    Field("token_party_id", "cdr_token.party_id", Text(3, upper=True)),
    Field("token_uid", "cdr_token.uid", PERSON, EXPECTED),
    Field("token_type", "cdr_token.type", Enum(words.TOKEN_TYPE), EXPECTED),
    Field("contract_id", "cdr_token.contract_id", PERSON, EXPECTED),
)
# 2.1.1 has only `auth_id`, which later versions call `contract_id`: it stands for both.
_TOKEN_211 = (
    Field("token_uid", "auth_id", PERSON, EXPECTED),
    Field("contract_id", "auth_id", PERSON),
)
_EVSE_211 = "location.evses.0"
_CONNECTOR_211 = "location.evses.0.connectors.0"

_CDR_COMMON = (
    Field("id", "id", ID_211, VITAL),
    Field("start_at", "start_date_time", INSTANT, VITAL, also=("start_datetime",)),
    Field("auth_method", "auth_method", Enum(words.AUTH_METHOD), EXPECTED),
    Field("meter_id", "meter_id", Text(255)),
    Field("currency", "currency", CURRENCY, VITAL),
    Field("total_energy_kwh", "total_energy", QUANTITY, EXPECTED),
    Field("total_time_h", "total_time", QUANTITY, EXPECTED),
    Field("total_parking_time_h", "total_parking_time", QUANTITY),
    Field("remark", "remark", Text(255)),
    LAST_UPDATED,
)
CDR = (
    *_CDR_COMMON,
    Field("end_at", "end_date_time", INSTANT, VITAL, also=("stop_date_time", "end_datetime")),
    Field("session_id", "session_id", ID),
    Field("booking_id", "booking_id", ID),
    *_TOKEN,
    Field("authorization_reference", "authorization_reference", ID),
    Field("location_id", "cdr_location.id", ID, EXPECTED),
    Field("location_name", "cdr_location.name", Text(255)),
    Field("address", "cdr_location.address", Text(255), EXPECTED),
    Field("city", "cdr_location.city", Text(45), EXPECTED),
    Field("postal_code", "cdr_location.postal_code", Text(10)),
    Field("country", "cdr_location.country", ALPHA3, EXPECTED),
    Field("evse_uid", "cdr_location.evse_uid", ID, EXPECTED),
    Field("evse_id", "cdr_location.evse_id", Text(48), EXPECTED),
    Field("connector_id", "cdr_location.connector_id", ID, EXPECTED),
    *(
        Field(f"connector_{name}", f"cdr_location.connector_{name}", kind, EXPECTED)
        for name, kind in _CONNECTOR_WORDS.items()
    ),
    Field("signed_data", "signed_data", JSON),
    Field("invoice_reference_id", "invoice_reference_id", ID_211),
    Field("credit", "credit", FLAG),
    Field("credit_reference_id", "credit_reference_id", ID_211),
    Field("home_charging_compensation", "home_charging_compensation", FLAG),
)
CDR_211 = (
    *_CDR_COMMON,
    Field("end_at", "stop_date_time", INSTANT, VITAL, also=("end_date_time", "end_datetime")),
    *_TOKEN_211,
    Field("location_id", "location.id", ID_211, EXPECTED),
    Field("location_name", "location.name", Text(255)),
    Field("address", "location.address", Text(45), EXPECTED),
    Field("city", "location.city", Text(45), EXPECTED),
    Field("postal_code", "location.postal_code", Text(10)),
    Field("country", "location.country", ALPHA3, EXPECTED),
    Field("time_zone", "location.time_zone", ZONE),
    Field("evse_uid", f"{_EVSE_211}.uid", ID_211, EXPECTED),
    Field("evse_id", f"{_EVSE_211}.evse_id", Text(48)),
    Field("connector_id", f"{_CONNECTOR_211}.id", ID, EXPECTED),
    *(
        Field(f"connector_{name}", f"{_CONNECTOR_211}.{name}", kind, EXPECTED)
        for name, kind in _CONNECTOR_WORDS.items()
    ),
    Field("connector_tariff_ids", f"{_CONNECTOR_211}.tariff_id", ListOf(ID, single=True)),
)

_SESSION_COMMON = (
    Field("id", "id", ID_211, VITAL),
    Field("energy_kwh", "kwh", QUANTITY, EXPECTED),
    Field("auth_method", "auth_method", Enum(words.AUTH_METHOD), EXPECTED),
    Field("meter_id", "meter_id", Text(255)),
    Field("currency", "currency", CURRENCY, EXPECTED),
    Field("status", "status", Enum(words.SESSION_STATUS, strict=True), VITAL),
    Field("charging_periods", "charging_periods", JSON),
    LAST_UPDATED,
)
SESSION = (
    *_SESSION_COMMON,
    Field("start_at", "start_date_time", INSTANT, EXPECTED, also=("start_datetime",)),
    Field("end_at", "end_date_time", INSTANT, also=("end_datetime", "stop_date_time")),
    *_TOKEN,
    Field("authorization_reference", "authorization_reference", ID),
    Field("location_id", "location_id", ID, EXPECTED),
    Field("evse_uid", "evse_uid", ID, EXPECTED),
    Field("connector_id", "connector_id", ID, EXPECTED),
)
SESSION_211 = (
    *_SESSION_COMMON,
    Field("start_at", "start_datetime", INSTANT, EXPECTED, also=("start_date_time",)),
    Field("end_at", "end_datetime", INSTANT, also=("end_date_time", "stop_date_time")),
    *_TOKEN_211,
    Field("location_id", "location.id", ID_211, EXPECTED),
    Field("evse_uid", f"{_EVSE_211}.uid", ID_211, EXPECTED),
    Field("evse_id", f"{_EVSE_211}.evse_id", Text(48)),
    Field("connector_id", f"{_CONNECTOR_211}.id", ID, EXPECTED),
)

_LOCATION_COMMON = (
    Field("id", "id", ID_211, VITAL),
    Field("name", "name", Text(255)),
    Field("address", "address", Text(255), EXPECTED),
    Field("city", "city", Text(45), EXPECTED),
    Field("postal_code", "postal_code", Text(10)),
    Field("state", "state", Text(45)),
    Field("country", "country", ALPHA3, EXPECTED),
    Field("operator_name", "operator.name", Text(100)),
    Field("suboperator_name", "suboperator.name", Text(100)),
    Field("owner_name", "owner.name", Text(100)),
    Field("facilities", "facilities", ListOf(Enum(words.FACILITY))),
    Field("twentyfourseven", "opening_times.twentyfourseven", FLAG),
    Field("charging_when_closed", "charging_when_closed", FLAG),
    Field("help_phone", "help_phone", Text(25)),
    Field("energy_mix", "energy_mix", JSON),
    LAST_UPDATED,
)
LOCATION = (
    *_LOCATION_COMMON,
    Field("time_zone", "time_zone", ZONE, EXPECTED),
    Field("publish", "publish", FLAG, EXPECTED),
    Field("parking_type", "parking_type", Enum(words.PARKING_TYPE), also=("type",)),
)
LOCATION_211 = (
    *_LOCATION_COMMON,
    Field("time_zone", "time_zone", ZONE),
    Field("publish", "publish", FLAG),
    Field("parking_type", "type", Enum(words.LOCATION_TYPE), EXPECTED, also=("parking_type",)),
)
EVSE = (
    Field("uid", "uid", ID_211, VITAL),
    Field("evse_id", "evse_id", Text(48)),
    Field("status", "status", Enum(words.EVSE_STATUS, unknown="UNKNOWN"), EXPECTED),
    Field("capabilities", "capabilities", ListOf(Enum(words.CAPABILITY))),
    Field("floor_level", "floor_level", Text(4)),
    Field("physical_reference", "physical_reference", Text(16)),
    Field("parking_restrictions", "parking_restrictions", ListOf(Enum(words.PARKING_RESTRICTION))),
    Field("accepted_service_providers", "accepted_service_providers", ListOf(Text(50))),
    LAST_UPDATED,
)
_CONNECTOR_COMMON = (
    Field("id", "id", ID, VITAL),
    *(Field(name, name, kind, EXPECTED) for name, kind in _CONNECTOR_WORDS.items()),
    Field("terms_and_conditions", "terms_and_conditions", Text(255)),
    Field("max_electric_power_w", "max_electric_power", WHOLE),
    Field("capabilities", "capabilities", ListOf(Enum(words.CONNECTOR_CAPABILITY))),
    LAST_UPDATED,
)
CONNECTOR = (
    *_CONNECTOR_COMMON,
    Field("max_voltage_v", "max_voltage", WHOLE, EXPECTED, also=("voltage",)),
    Field("max_amperage_a", "max_amperage", WHOLE, EXPECTED, also=("amperage",)),
    Field("tariff_ids", "tariff_ids", ListOf(ID), also=("tariff_id",)),
)
CONNECTOR_211 = (
    *_CONNECTOR_COMMON,
    Field("max_voltage_v", "voltage", WHOLE, EXPECTED, also=("max_voltage",)),
    Field("max_amperage_a", "amperage", WHOLE, EXPECTED, also=("max_amperage",)),
    Field("tariff_ids", "tariff_id", ListOf(ID, single=True), also=("tariff_ids",)),
)

_TOKEN_COMMON = (
    Field("uid", "uid", PERSON, VITAL),
    Field("visual_number", "visual_number", Text(64, secret=True)),
    Field("issuer", "issuer", Text(64), EXPECTED),
    Field("valid", "valid", FLAG, EXPECTED),
    Field("whitelist", "whitelist", Enum(words.WHITELIST_TYPE), EXPECTED),
    Field("language", "language", Text(2)),
    LAST_UPDATED,
)
TOKEN = (
    *_TOKEN_COMMON,
    Field("type", "type", Enum(words.TOKEN_TYPE, unknown="OTHER"), EXPECTED),
    Field("contract_id", "contract_id", PERSON, EXPECTED, also=("auth_id",)),
    Field("group_id", "group_id", PERSON),
)
TOKEN_211 = (
    *_TOKEN_COMMON,
    Field("type", "type", Enum(words.TOKEN_TYPE, unknown="OTHER"), EXPECTED),
    Field("contract_id", "auth_id", PERSON, EXPECTED, also=("contract_id",)),
    Field("group_id", "group_id", PERSON),
)

HUB_CLIENT = (
    Field("role", "role", Enum(words.ROLE), VITAL),
    Field("status", "status", Enum(words.CONNECTION_STATUS), VITAL),
    LAST_UPDATED,
)
INVOICE = (
    Field("id", "id", ID, VITAL),
    Field("invoice_id", "invoice_id", Text(255), VITAL),
    Field("cdr_ids", "cdrs", ListOf(ID_211), EXPECTED),
    LAST_UPDATED,
)
TARIFF = (
    Field("id", "id", ID, VITAL),
    Field("currency", "currency", CURRENCY, VITAL),
    Field("type", "type", Enum(words.TARIFF_TYPE)),
    Field("start_at", "start_date_time", INSTANT),
    Field("end_at", "end_date_time", INSTANT),
    LAST_UPDATED,
)
