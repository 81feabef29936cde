"""The enumerations of OCPI, all versions together, and what partners say instead.

Only words: how a value is read is in `models.ocpi.field_kinds`.
"""

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Vocabulary:
    """An OCPI enumeration."""

    values: tuple[str, ...]  # the words of the spec, in its own spelling
    # what partners say instead → the spec's word. Keys in upper case
    aliases: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(self.values)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return {_folded(value): value for value in self.values}

    def is_known(self, word: str) -> bool:
        """Tell whether the word is the spec's, in the spec's spelling."""
        return word in self._exact

    def respelled(self, word: str) -> str | None:
        """Return the spec's word that differs only in case or separators; None: there is none."""
        return self._spelled.get(_folded(word))

    def alias(self, word: str) -> str | None:
        """Return the spec's word for a partner's own; None: not known."""
        return self.aliases.get(_folded(word))


def _folded(word: str) -> str:
    return word.strip().upper().replace(" ", "_").replace("-", "_")


def _vocabulary(words: str, **aliases: str) -> Vocabulary:
    """Return an enumeration of words, with spaces between them.

    `aliases`: word of the spec → the words that partners say instead.
    """
    said = {other: word for word, others in aliases.items() for other in others.split()}
    return Vocabulary(tuple(words.split()), said)


EVSE_STATUS = _vocabulary(
    "AVAILABLE BLOCKED CHARGING INOPERATIVE OUTOFORDER PLANNED REMOVED RESERVED UNKNOWN",
    AVAILABLE="WORKING FREE OPERATIVE",
    CHARGING="OCCUPIED IN_USE",
    BLOCKED="PREPARING",
    OUTOFORDER="FAULTED OUT_OF_ORDER",
    INOPERATIVE="OUT_OF_SERVICE UNAVAILABLE",
    UNKNOWN="OFFLINE",
)
SESSION_STATUS = _vocabulary(
    "ACTIVE COMPLETED INVALID PENDING RESERVATION",
    ACTIVE="CHARGING IN_PROGRESS STARTED",
    COMPLETED="FINISHED COMPLETE STOPPED CLOSED",
)
CONNECTOR_TYPE = _vocabulary(
    "CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G "
    "DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O "
    "GBT_AC GBT_DC IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 "
    "IEC_60309_2_three_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO "
    "IEC_62196_T3A IEC_62196_T3C MCS NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 "
    "NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN SAE_J3400 TESLA_R TESLA_S",
    IEC_62196_T2_COMBO="CCS CCS2 COMBO2",
    IEC_62196_T1_COMBO="CCS1 COMBO1",
    IEC_62196_T1="TYPE1 TYPE_1 J1772",
    IEC_62196_T2="TYPE2 TYPE_2 MENNEKES",
    SAE_J3400="NACS",
    DOMESTIC_F="SCHUKO",
)
CONNECTOR_FORMAT = _vocabulary("SOCKET CABLE", CABLE="TETHERED")
POWER_TYPE = _vocabulary(
    "AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC",
    AC_1_PHASE="AC1 AC_SINGLE_PHASE",
    AC_3_PHASE="AC3",
)
PARKING_TYPE = _vocabulary(
    "ALONG_MOTORWAY PARKING_GARAGE PARKING_LOT ON_DRIVEWAY ON_STREET UNDERGROUND_GARAGE"
)
LOCATION_TYPE = Vocabulary((*PARKING_TYPE.values, "OTHER", "UNKNOWN"))
FACILITY = _vocabulary(
    "HOTEL RESTAURANT CAFE MALL SUPERMARKET SPORT RECREATION_AREA NATURE MUSEUM BIKE_SHARING "
    "BUS_STOP TAXI_STAND TRAM_STOP METRO_STATION TRAIN_STATION AIRPORT PARKING_LOT CARPOOL_PARKING "
    "FUEL_STATION WIFI"
)
CAPABILITY = _vocabulary(
    "CHARGING_PROFILE_CAPABLE CHARGING_PREFERENCES_CAPABLE CHIP_CARD_SUPPORT "
    "CONTACTLESS_CARD_SUPPORT CREDIT_CARD_PAYABLE DEBIT_CARD_PAYABLE PED_TERMINAL "
    "REMOTE_START_STOP_CAPABLE RESERVABLE RFID_READER START_SESSION_CONNECTOR_REQUIRED "
    "TOKEN_GROUP_CAPABLE UNLOCK_CAPABLE"
)
CONNECTOR_CAPABILITY = _vocabulary("ISO_15118_2_PLUG_AND_CHARGE ISO_15118_20_PLUG_AND_CHARGE")
PARKING_RESTRICTION = _vocabulary(
    "CUSTOMERS DISABLED EMPLOYEES EV_ONLY MOTORCYCLES PLUGGED TAXIS TENANTS"
)
TOKEN_TYPE = _vocabulary("AD_HOC_USER APP_USER EMAID OTHER RFID")
WHITELIST_TYPE = _vocabulary("ALWAYS ALLOWED ALLOWED_OFFLINE NEVER")
AUTH_METHOD = _vocabulary("AUTH_REQUEST COMMAND WHITELIST")
ROLE = _vocabulary("CPO EMSP HUB NAP NSP OTHER PTP SCSP", EMSP="MSP")
CONNECTION_STATUS = _vocabulary("CONNECTED OFFLINE PLANNED SUSPENDED")
TARIFF_TYPE = _vocabulary("AD_HOC_PAYMENT PROFILE_CHEAP PROFILE_FAST PROFILE_GREEN REGULAR")
TARIFF_DIMENSION = _vocabulary("ENERGY FLAT PARKING_TIME TIME")
TAX_INCLUDED = _vocabulary(
    "YES NO N/A", **{"YES": "TRUE", "NO": "FALSE", "N/A": "NA NOT_APPLICABLE"}
)
RESERVATION_RESTRICTION = _vocabulary("RESERVATION RESERVATION_EXPIRES")
DAY_OF_WEEK = _vocabulary(
    "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY",
    MONDAY="MON",
    TUESDAY="TUE",
    WEDNESDAY="WED",
    THURSDAY="THU",
    FRIDAY="FRI",
    SATURDAY="SAT",
    SUNDAY="SUN",
)
CDR_DIMENSION = _vocabulary(
    "CURRENT ENERGY ENERGY_EXPORT ENERGY_IMPORT FLAT MAX_CURRENT MIN_CURRENT MAX_POWER MIN_POWER "
    "PARKING_TIME POWER RESERVATION_TIME RESERVATION_EXPIRES RESERVATION_OVERTIME STATE_OF_CHARGE "
    "TIME"
)
