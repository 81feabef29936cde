"""The enumerations of OCPI, all versions together, and what partners say instead.

Only words: how a value is read is in `models.ocpi.field_kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary:
    """An OCPI enumeration.

    Args:
        values: the words of the spec, in its own spelling.
        aliases: what partners say instead → the spec's word. Keys in upper case.
    """

    values: tuple[str, ...]
    aliases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        spelled = {_folded(value): value for value in self.values}
        object.__setattr__(self, "_spelled", spelled)
        object.__setattr__(self, "_exact", frozenset(self.values))

    def is_known(self, word: str) -> bool:
        """Tell whether the word is the spec's, in the spec's spelling."""
        exact: frozenset[str] = self._exact  # type: ignore[attr-defined]
        return word in exact

    def respelled(self, word: str) -> str | None:
        """Return the spec's word that differs only in case or separators; None: there is none."""
        spelled: dict[str, str] = self._spelled  # type: ignore[attr-defined]
        return spelled.get(_folded(word))

    def alias(self, word: str) -> str | None:
        """Return the spec's word for a partner's own; None: not known."""
        return self.aliases.get(_folded(word))


def _folded(word: str) -> str:
    return word.strip().upper().replace(" ", "_").replace("-", "_")


EVSE_STATUS = Vocabulary(
    (
        "AVAILABLE",
        "BLOCKED",
        "CHARGING",
        "INOPERATIVE",
        "OUTOFORDER",
        "PLANNED",
        "REMOVED",
        "RESERVED",
        "UNKNOWN",
    ),
    {
        "WORKING": "AVAILABLE",
        "FREE": "AVAILABLE",
        "OPERATIVE": "AVAILABLE",
        "OCCUPIED": "CHARGING",
        "IN_USE": "CHARGING",
        "PREPARING": "BLOCKED",
        "FAULTED": "OUTOFORDER",
        "OUT_OF_ORDER": "OUTOFORDER",
        "OUT_OF_SERVICE": "INOPERATIVE",
        "UNAVAILABLE": "INOPERATIVE",
        "OFFLINE": "UNKNOWN",
    },
)
SESSION_STATUS = Vocabulary(
    ("ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION"),
    {
        "CHARGING": "ACTIVE",
        "IN_PROGRESS": "ACTIVE",
        "STARTED": "ACTIVE",
        "FINISHED": "COMPLETED",
        "COMPLETE": "COMPLETED",
        "STOPPED": "COMPLETED",
        "CLOSED": "COMPLETED",
    },
)
CONNECTOR_TYPE = Vocabulary(
    (
        "CHADEMO",
        "CHAOJI",
        *(f"DOMESTIC_{letter}" for letter in "ABCDEFGHIJKLMNO"),
        "GBT_AC",
        "GBT_DC",
        "IEC_60309_2_single_16",
        "IEC_60309_2_three_16",
        "IEC_60309_2_three_32",
        "IEC_60309_2_three_64",
        "IEC_62196_T1",
        "IEC_62196_T1_COMBO",
        "IEC_62196_T2",
        "IEC_62196_T2_COMBO",
        "IEC_62196_T3A",
        "IEC_62196_T3C",
        "MCS",
        *(f"NEMA_{n}" for n in ("5_20", "6_30", "6_50", "10_30", "10_50", "14_30", "14_50")),
        "PANTOGRAPH_BOTTOM_UP",
        "PANTOGRAPH_TOP_DOWN",
        "SAE_J3400",
        "TESLA_R",
        "TESLA_S",
    ),
    {
        "CCS": "IEC_62196_T2_COMBO",
        "CCS2": "IEC_62196_T2_COMBO",
        "COMBO2": "IEC_62196_T2_COMBO",
        "CCS1": "IEC_62196_T1_COMBO",
        "COMBO1": "IEC_62196_T1_COMBO",
        "TYPE1": "IEC_62196_T1",
        "TYPE_1": "IEC_62196_T1",
        "J1772": "IEC_62196_T1",
        "TYPE2": "IEC_62196_T2",
        "TYPE_2": "IEC_62196_T2",
        "MENNEKES": "IEC_62196_T2",
        "NACS": "SAE_J3400",
        "SCHUKO": "DOMESTIC_F",
    },
)
CONNECTOR_FORMAT = Vocabulary(("SOCKET", "CABLE"), {"TETHERED": "CABLE"})
POWER_TYPE = Vocabulary(
    ("AC_1_PHASE", "AC_2_PHASE", "AC_2_PHASE_SPLIT", "AC_3_PHASE", "DC"),
    {"AC1": "AC_1_PHASE", "AC3": "AC_3_PHASE", "AC_SINGLE_PHASE": "AC_1_PHASE"},
)
PARKING_TYPE = Vocabulary(
    (
        "ALONG_MOTORWAY",
        "PARKING_GARAGE",
        "PARKING_LOT",
        "ON_DRIVEWAY",
        "ON_STREET",
        "UNDERGROUND_GARAGE",
    )
)
LOCATION_TYPE = Vocabulary((*PARKING_TYPE.values, "OTHER", "UNKNOWN"))
FACILITY = Vocabulary(
    (
        "HOTEL",
        "RESTAURANT",
        "CAFE",
        "MALL",
        "SUPERMARKET",
        "SPORT",
        "RECREATION_AREA",
        "NATURE",
        "MUSEUM",
        "BIKE_SHARING",
        "BUS_STOP",
        "TAXI_STAND",
        "TRAM_STOP",
        "METRO_STATION",
        "TRAIN_STATION",
        "AIRPORT",
        "PARKING_LOT",
        "CARPOOL_PARKING",
        "FUEL_STATION",
        "WIFI",
    )
)
CAPABILITY = Vocabulary(
    (
        "CHARGING_PROFILE_CAPABLE",
        "CHARGING_PREFERENCES_CAPABLE",
        "CHIP_CARD_SUPPORT",
        "CONTACTLESS_CARD_SUPPORT",
        "CREDIT_CARD_PAYABLE",
        "DEBIT_CARD_PAYABLE",
        "PED_TERMINAL",
        "REMOTE_START_STOP_CAPABLE",
        "RESERVABLE",
        "RFID_READER",
        "START_SESSION_CONNECTOR_REQUIRED",
        "TOKEN_GROUP_CAPABLE",
        "UNLOCK_CAPABLE",
    )
)
CONNECTOR_CAPABILITY = Vocabulary(("ISO_15118_2_PLUG_AND_CHARGE", "ISO_15118_20_PLUG_AND_CHARGE"))
PARKING_RESTRICTION = Vocabulary(
    (
        "CUSTOMERS",
        "DISABLED",
        "EMPLOYEES",
        "EV_ONLY",
        "MOTORCYCLES",
        "PLUGGED",
        "TAXIS",
        "TENANTS",
    )
)
TOKEN_TYPE = Vocabulary(("AD_HOC_USER", "APP_USER", "EMAID", "OTHER", "RFID"))
WHITELIST_TYPE = Vocabulary(("ALWAYS", "ALLOWED", "ALLOWED_OFFLINE", "NEVER"))
AUTH_METHOD = Vocabulary(("AUTH_REQUEST", "COMMAND", "WHITELIST"))
ROLE = Vocabulary(("CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "PTP", "SCSP"), {"MSP": "EMSP"})
CONNECTION_STATUS = Vocabulary(("CONNECTED", "OFFLINE", "PLANNED", "SUSPENDED"))
TARIFF_TYPE = Vocabulary(
    ("AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR")
)
TARIFF_DIMENSION = Vocabulary(("ENERGY", "FLAT", "PARKING_TIME", "TIME"))
TAX_INCLUDED = Vocabulary(
    ("YES", "NO", "N/A"), {"TRUE": "YES", "FALSE": "NO", "NA": "N/A", "NOT_APPLICABLE": "N/A"}
)
RESERVATION_RESTRICTION = Vocabulary(("RESERVATION", "RESERVATION_EXPIRES"))
DAY_OF_WEEK = Vocabulary(
    ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
    {
        "MON": "MONDAY",
        "TUE": "TUESDAY",
        "WED": "WEDNESDAY",
        "THU": "THURSDAY",
        "FRI": "FRIDAY",
        "SAT": "SATURDAY",
        "SUN": "SUNDAY",
    },
)
CDR_DIMENSION = Vocabulary(
    (
        "CURRENT",
        "ENERGY",
        "ENERGY_EXPORT",
        "ENERGY_IMPORT",
        "FLAT",
        "MAX_CURRENT",
        "MIN_CURRENT",
        "MAX_POWER",
        "MIN_POWER",
        "PARKING_TIME",
        "POWER",
        "RESERVATION_TIME",
        "STATE_OF_CHARGE",
        "TIME",
    )
)
