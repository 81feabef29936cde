"""The integer tables that the kernel reads and writes: their columns, their codes.

Every table is a two-dimensional array with one row for each CDR, period, tariff, …; a class
below names its columns. Numbers are scaled as in `scale`; what is not stated is `scale.NONE`.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int64]
Vector = npt.NDArray[np.int64]


class Dimension(IntEnum):
    """Subject of a price line; the first four are OCPI's TariffDimensionType."""

    ENERGY = 0
    TIME = 1
    PARKING_TIME = 2
    FLAT = 3
    RESERVATION_TIME = 4
    LIMIT = 5
    ROUNDING = 6


class Part(IntEnum):
    """Parts of a total: the CDR's own breakdown, and all of them."""

    ENERGY = 0
    TIME = 1
    PARKING = 2
    FIXED = 3
    RESERVATION = 4
    WHOLE = 5


class Tax(IntEnum):
    """Taxes in the prices of a tariff (OCPI TaxIncluded NO, YES, N/A)."""

    NET = 0
    GROSS = 1
    UNTAXED = 2


class Use(IntEnum):
    """Use that an element prices (OCPI ReservationRestrictionType; CHARGING: none)."""

    CHARGING = 0
    RESERVATION = 1
    RESERVATION_EXPIRES = 2
    UNREADABLE = 3  # of an element only: some reservation, nobody can tell which


class Stage(IntEnum):
    """Stage at which the contract rounds."""

    TOTAL = 0
    DIMENSION = 1
    LINE = 2


class Reason(IntEnum):
    """Reason for which a CDR has no price."""

    PRICED = 0
    CREDIT = 1
    HOME_CHARGING = 2
    NO_PERIODS = 3
    NEGATIVE_VOLUME = 4
    UNKNOWN_DIMENSION = 5
    TARIFF_MISSING = 6
    TARIFF_NOT_ACTIVE = 7
    TARIFF_UNUSABLE = 8
    CURRENCY_MISMATCH = 9
    TIME_ZONE_UNKNOWN = 10
    OUT_OF_RANGE = 11
    PERIODS_INCOMPLETE = 12
    RESTRICTION_UNREADABLE = 13


class Note(IntEnum):
    """Notes for the reader of a price, one bit each."""

    PERIOD_WITHOUT_TARIFF_ID = 1
    PERIOD_SPANS_PRICE_CHANGE = 2
    RESTRICTION_UNVERIFIABLE = 4
    LIMIT_APPLIED = 8
    LIMIT_UNVERIFIABLE = 16
    PRICE_ROUNDED = 32
    TIME_ZONE_ASSUMED = 64
    TARIFF_AMBIGUOUS = 128
    QUANTITY_FROM_TOTAL = 256
    PARKING_WHILE_CHARGING = 512
    UNKNOWN_DIMENSION = 1024
    UNKNOWN_COMPONENT = 2048


class Cdr(IntEnum):
    """Columns of the CDR table; the row after the last closes the ranges of the last."""

    FIRST_PERIOD = 0
    FIRST_CANDIDATE = 1
    START = 2  # microseconds, UTC
    END = 3
    ZONE = 4  # row of the zone table, NONE: unknown
    REASON = 5  # known beforehand, for example CREDIT; else PRICED
    ZONE_ASSUMED = 6  # 1: the zone is the country's, not the location's own
    CURRENCY = 7  # code, equal for equal currencies
    MINOR_UNIT = 8  # millionths in the currency's smallest unit
    ROUNDING_MODE = 9
    ROUNDING_STAGE = 10
    REVERSE_CHARGE = 11  # 1: the recipient owes the tax
    NOTES = 12  # known beforehand
    UNKNOWN_DIMENSIONS = 13  # a bit for each dimension outside of OCPI that is stated
    UNSTATED_ENERGY = 14  # billionths in total that no period states; NONE: there are none
    UNSTATED_TIME = 15  # the same; UNSTATED: there are some, nobody can tell how many
    UNSTATED_PARKING = 16
    COLUMNS = 17


class Period(IntEnum):
    """Columns of the charging period table."""

    START = 0
    TARIFF_ID = 1  # code, equal for equal ids; NONE: not stated
    ENERGY = 2  # billionths, as all volumes
    TIME = 3
    TIME_DECIMALS = 4
    PARKING = 5
    PARKING_DECIMALS = 6
    RESERVATION = 7
    RESERVATION_DECIMALS = 8
    MIN_CURRENT = 9
    MAX_CURRENT = 10
    MIN_POWER = 11
    MAX_POWER = 12
    TARIFF = 13  # written by the kernel: the tariff that applies
    COLUMNS = 14


class Candidate(IntEnum):
    """Columns of the candidate table: the tariffs that a source offers for a CDR, in order."""

    TARIFF = 0
    TARIFF_ID = 1
    BY_CONNECTOR = 2  # 1: the CDR's own connector names it
    COLUMNS = 3


class Tariff(IntEnum):
    """Columns of the tariff table; the row after the last closes the elements of the last."""

    FIRST_ELEMENT = 0
    CURRENCY = 1
    TAX = 2
    REGULAR = 3  # 1: type REGULAR or none
    VALID_FROM = 4
    VALID_TO = 5
    USABLE = 6
    LOCAL_TIME = 7  # 1: some restriction needs the local time
    RESTRICTED = 8  # 1: some element has a restriction
    NOTES = 9
    MIN_EXCL = 10
    MIN_INCL = 11
    MAX_EXCL = 12
    MAX_INCL = 13
    PRICES = 14  # a bit for each dimension and use that any element prices
    UNKNOWN_COMPONENTS = 15  # a bit for each type outside of OCPI that a component has
    COLUMNS = 16


class Element(IntEnum):
    """Columns of the element table: restrictions, then price, step and rate by dimension.

    A restriction that is not there holds the value that every period meets; only power and
    current, which take looking up, say `NONE`.
    """

    RESERVATION = 0
    UNKNOWN = 1  # 1: a restriction that OCPI does not have
    RESTRICTED = 2  # 1: any restriction beside `reservation`
    START_TIME = 3  # seconds of the day
    END_TIME = 4
    START_DATE = 5  # days since 1970
    END_DATE = 6
    WEEKDAYS = 7  # bit 0: Monday
    MIN_KWH = 8  # parts
    MAX_KWH = 9
    MIN_DURATION = 10  # microseconds
    MAX_DURATION = 11
    MIN_POWER = 12  # millionths
    MAX_POWER = 13
    MIN_CURRENT = 14
    MAX_CURRENT = 15
    PRICE = 16  # four columns: millionths a unit; NONE: no component
    STEP = 20  # four columns: parts; 0: no rounding
    RATE = 24  # four columns: millionths; NONE: not stated
    UNREADABLE = 28  # 1: the value of a restriction, other than a weekday, cannot be read
    WEEKDAY_UNREADABLE = 29  # 1: some weekday of the list cannot be read
    COLUMNS = 30


class Moment(IntEnum):
    """Entries of the state that restrictions are read against."""

    AT = 0  # microseconds, UTC
    ZONE = 1
    DAY = 2  # local, since 1970
    SECOND = 3  # of the local day
    WEEKDAY = 4  # local, 0: Monday
    ENERGY = 5  # of the session before, parts
    ELAPSED = 6  # since the session began, microseconds
    LENGTH = 7  # of the period, microseconds
    PERIOD_ENERGY = 8  # of the period, parts
    PERIOD_TIME = 9  # of the period: charging, parts
    PERIOD_PARKING = 10  # of the period, parts
    MIN_POWER = 11  # billionths, as stated
    MAX_POWER = 12
    MIN_CURRENT = 13
    MAX_CURRENT = 14
    OFFSET = 15  # of local time from UTC, microseconds
    OFFSET_FROM = 16  # instants between which it holds
    OFFSET_TO = 17
    MAY_CHANGE = 18  # 1: a restriction begins or ends inside the period
    POWER_TIME = 19  # that the period's energy took, parts
    COLUMNS = 20


class Tally(IntEnum):
    """Entries of what the lines of the CDR come to, by the dimension of the line."""

    LAST_LINE = 0  # five entries: the row of its last line; NONE: there is none
    TOTAL = 5  # five entries: its quantity, parts; at most `MAX_QUANTITY` and one
    SEVERAL_TARIFFS = 10  # 1: not all periods are priced by the same tariff
    PROBLEM = 11  # a `Reason` that only pricing found out
    PARKED = 12  # 1: parking was billed in an earlier period
    COLUMNS = 13


class Line(IntEnum):
    """Columns of the price line table."""

    CDR = 0
    PERIOD = 1  # of the CDR, from 0; NONE: about the whole CDR
    DIMENSION = 2
    PART = 3  # NONE: about the whole CDR
    QUANTITY = 4  # parts
    BILLED = 5
    PRICE = 6
    RATE = 7
    EXCL = 8  # millionths
    INCL = 9
    TARIFF = 10
    ELEMENT = 11
    COLUMNS = 12


class Result(IntEnum):
    """Columns of the result table, one row for each CDR."""

    REASON = 0
    NOTES = 1
    EXCL = 2
    INCL = 3
    UNROUNDED_EXCL = 4
    UNROUNDED_INCL = 5
    PART_EXCL = 6  # five columns
    PART_INCL = 11  # five columns
    BILLED = 16  # five columns by dimension: parts; NONE: nothing was priced
    COLUMNS = 21


class Batch(NamedTuple):
    """All tables of one batch, handed from function to function."""

    cdrs: Table  # `Cdr` rows
    periods: Table  # `Period` rows, those of a CDR together and in order
    candidates: Table  # `Candidate` rows, those of a CDR together and in order
    tariffs: Table  # `Tariff` rows
    elements: Table  # `Element` rows, those of a tariff together and in order
    zones: Table  # (since, offset) rows; the first rows are ranges of rows, one for each zone
    lines: Table  # `Line` rows to write
    results: Table  # `Result` rows to write, one for each CDR
    moment: Vector  # scratch, one `Moment`
    tally: Vector  # scratch, one `Tally`
