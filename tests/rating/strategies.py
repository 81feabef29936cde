"""CDRs and tariffs for property tests, aimed at the edges that random numbers never hit.

Thresholds and measurements come from the same small grids, so that cumulated kWh, durations,
powers, local times and step multiples meet their bounds exactly, or miss them by the least.
A charge follows from one seed: drawing each of its hundred values by hypothesis would take ten
times as long as pricing it twice.
"""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

ZONES = [
    "Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/New_York", "Australia/Adelaide", "UTC",
]  # fmt: skip
INSTANTS = [
    "2024-03-31T01:00:00", "2024-10-27T00:30:00", "2024-10-27T01:00:00", "2024-03-10T07:00:00",
    "2024-11-03T06:00:00", "2024-04-06T15:00:00", "2024-10-05T15:30:00", "2024-06-07T22:00:00",
    "2024-06-09T22:00:00", "2024-12-31T23:00:00", "2024-02-28T23:30:00", "2024-06-03T05:00:00",
    "2024-06-03T15:00:00", "2024-06-03T14:55:00", "2024-01-01T00:00:00",
]  # fmt: skip
NUDGES = [0, 0, 0, 1, -1, 60, -60, 1800, -1800, 3600, -3600, 86_400]
LENGTHS = [0, 1, 480, 599, 600, 601, 900, 1080, 1800, 3600, 3600, 7200, 5400, 7103, 86_400]
ENERGIES = [
    "0",
    "0.001",
    "0.1152",
    "1",
    "4.3",
    "5",
    "9.999",
    "10",
    "10.001",
    "0.000000001",
    "20.45",
    "-0.001",
    "-1",
    "-5",
    "-10",
]
KWH = [1, 5, 10, 15, 20, Decimal("0.1152"), Decimal("9.999")]
DURATIONS = [0, 599, 600, 900, 1800, 3600, 5400, 7200, 10_800]
POWERS = ["0", "5", "10.999", "11", "11.001", "22", "60"]
PRICES = ["0", "0.25", "0.2531", "0.333333", "1.2", "2.4", "5", "1.25", "-0.05", "100"]
RATES = [None, "0", "5", "9", "10", "20", "21", "9.975", "100"]
STEPS = [None, 0, 1, 25, 60, 300, 500, 900, 1800, 86_400]
TIMES = ["00:00", "07:00", "17:00", "01:30", "02:00", "02:30", "03:00", "23:00", "23:59"]
DATES = ["2024-02-29", "2024-03-01", "2024-06-08", "2024-06-10", "2024-10-27", "2025-01-01"]
DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
LIMITS = ["0.5", "1", "2.5", "10", "10.1", "12.1"]


def seldom(chance: Random, in_ten: int) -> bool:
    return chance.randrange(10) < in_ten


def some(chance: Random, values: list[Any], most: int) -> list[Any]:
    return chance.sample(values, chance.randint(1, most))


def restrictions(chance: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kind = chance.randrange(10)
    if kind in (0, 1, 9):
        found["start_time"], found["end_time"] = chance.choice(TIMES), chance.choice(TIMES)
    if kind in (1, 2):
        found["day_of_week"] = some(chance, DAYS, 3)
    if kind == 3:
        found[chance.choice(["start_date", "end_date"])] = chance.choice(DATES)
    if kind in (4, 9):
        found[chance.choice(["min_kwh", "max_kwh"])] = chance.choice(KWH)
    if kind == 5:
        found[chance.choice(["min_duration", "max_duration"])] = chance.choice(DURATIONS)
    if kind == 6:
        found[chance.choice(["min_power", "max_power"])] = Decimal(chance.choice(POWERS))
    if kind == 7:
        found[chance.choice(["min_current", "max_current"])] = Decimal(chance.choice(POWERS))
    if kind == 8 and seldom(chance, 3):
        found["max_temperature"] = 40
    found.update(seldom_restrictions(chance))
    return found


def seldom_restrictions(chance: Random) -> dict[str, Any]:
    """A reservation, and now and then what cannot be read."""
    found: dict[str, Any] = {}
    use = chance.randrange(10)
    if use in (0, 1):
        found["reservation"] = ["RESERVATION", "RESERVATION_EXPIRES"][use]
    if chance.randrange(20) == 0:
        found.update(unreadable(chance))
    return found


def unreadable(chance: Random) -> dict[str, Any]:
    """A value that nobody can read; of a list of weekdays only one."""
    day = chance.choice(DAYS)
    return dict(
        chance.choice(
            [
                {"start_time": "25:61", "end_time": "07:00"},
                {"day_of_week": [day, "FRYDAY"]},
                {"start_date": "2024-13-01"},
                {"min_kwh": "many"},
                {"max_power": "many"},
                {"reservation": "many"},
            ],
        )
    )


def element(chance: Random) -> dict[str, Any]:
    kinds = some(chance, ["ENERGY", "TIME", "PARKING_TIME", "FLAT"], 3)
    components = []
    for kind in kinds:
        component: dict[str, Any] = {"type": kind, "price": Decimal(chance.choice(PRICES))}
        rate = chance.choice(RATES)
        if rate is not None:
            component["vat"] = Decimal(rate)
        step = chance.choice(STEPS)
        if step is not None:
            component["step_size"] = step
        components.append(component)
    if chance.randrange(20) == 0:
        components.append({"type": "SESSION_TIME", "price": Decimal(2)})
    element: dict[str, Any] = {"price_components": components}
    if seldom(chance, 6):
        element["restrictions"] = restrictions(chance)
    return element


def tariff(chance: Random, tariff_id: str) -> dict[str, Any]:
    tariff: dict[str, Any] = {
        "country_code": "NL", "party_id": "TST", "id": tariff_id, "currency": "EUR",
        "elements": [element(chance) for _ in range(chance.randint(1, 4))],
    }  # fmt: skip
    included = chance.choice([None, "NO", "NO", "YES", "N/A"])
    if included is not None:
        tariff["tax_included"] = included
    for name in ("min_price", "max_price"):
        if seldom(chance, 2):
            names = chance.choice(
                [["before_taxes"], ["after_taxes"], ["before_taxes", "after_taxes"]]
            )
            tariff[name] = {side: Decimal(chance.choice(LIMITS)) for side in names}
    if seldom(chance, 1):
        tariff["type"] = chance.choice(["REGULAR", "AD_HOC_PAYMENT"])
    if seldom(chance, 1):
        tariff[chance.choice(["start_date_time", "end_date_time"])] = "2024-06-01T00:00:00Z"
    if chance.randrange(100) == 0:
        tariff["currency"] = "SEK"
    return tariff


def hours(chance: Random, length: int) -> str:
    """Hours that mean the length, nearly mean it, or mean something else."""
    decimals = chance.randrange(10)
    unit = Decimal(1).scaleb(-decimals)
    meant = Decimal(chance.choice([length, length, length, length + 1, length + 3, 600, 0])) / 3600
    stated = meant.quantize(unit, rounding=ROUND_HALF_EVEN)
    return format(max(stated + chance.choice([0, 0, 0, unit, -unit]), Decimal(0)), "f")


def cdr(chance: Random) -> dict[str, Any]:
    start = datetime.fromisoformat(chance.choice(INSTANTS)).replace(tzinfo=UTC)
    at = start + timedelta(seconds=chance.choice(NUDGES))
    cdr: dict[str, Any] = {"start": stamp(at), "currency": "EUR", "periods": []}
    reserved = chance.randrange(10)
    for index in range(chance.randint(1, 4)):
        length = chance.choice(LENGTHS)
        period: dict[str, Any] = {"start": stamp(at)}
        named = chance.choice(["A", "a", "A", "A", "B", None])
        if named is not None:
            period["tariff_id"] = named
        if (index == 0 and reserved < 2) or reserved == 0:
            period["RESERVATION_TIME"] = hours(chance, length)
        else:
            period.update(charging(chance, length))
        cdr["periods"].append(period)
        at += timedelta(seconds=length)
    cdr["end"] = stamp(at)
    if chance.randrange(10) == 0:
        chance.choice(cdr["periods"])["other"] = [chance.choice(["SESSION_TIME", "SOC"])]
    if seldom(chance, 2):
        state_in_total(cdr, chance.choice(TOTALS_ALONE), chance)
    if seldom(chance, 2):
        cdr["periods"] = chance.sample(cdr["periods"], len(cdr["periods"]))
    return cdr


TOTALS_ALONE = [
    ["ENERGY"],
    ["TIME"],
    ["PARKING_TIME"],
    ["TIME", "PARKING_TIME"],
    ["ENERGY", "TIME"],
]


def state_in_total(cdr: dict[str, Any], names: list[str], chance: Random) -> None:
    """Takes volumes out of the periods and states them in total, or something beside them."""
    for name in names:
        volumes = [Decimal(period.pop(name)) for period in cdr["periods"] if name in period]
        cdr[name] = str(sum(volumes, Decimal(0)) + chance.choice([0, 0, Decimal("0.02"), 1]))
    if names == ["TIME"] and seldom(chance, 5):
        cdr["PARKING_TIME"] = chance.choice(["0", "0.25", cdr["TIME"]])


def charging(chance: Random, length: int) -> dict[str, Any]:
    period: dict[str, Any] = {}
    kind = chance.randrange(10)
    if kind < 8:
        period["ENERGY"] = chance.choice(ENERGIES)
    if kind < 6:
        period["TIME"] = hours(chance, length)
    if kind > 6:
        period["PARKING_TIME"] = hours(chance, length)
    if seldom(chance, 3):
        unit = chance.choice(["POWER", "CURRENT"])
        for side in chance.choice([["MIN"], ["MAX"], ["MIN", "MAX"]]):
            period[f"{side}_{unit}"] = chance.choice(POWERS)
    return period


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def charge(chance: Random) -> dict[str, Any]:
    """A CDR with its tariffs, zone and contract terms."""
    first = tariff(chance, "A")
    offered = [first]
    if seldom(chance, 3):
        offered.append(tariff(chance, "B"))  # two of one id: `test_price_readings`
    if seldom(chance, 1):
        offered.append(tariff(chance, "C"))
    return {
        "cdr": cdr(chance),
        "claimed_of": chance.choice([None, 0, 1, 2, "above", "between", "below"]),
        "tariffs": offered,
        "zone": chance.choice(ZONES),
        "mode": chance.choice(["half_up", "half_up", "half_even", "up", "down"]),
        "stage": chance.choice(["total", "total", "dimension", "line"]),
        "reverse_charge": seldom(chance, 1),
        "currency": chance.choice(["EUR", "EUR", "EUR", "JPY", "KWD"]),
    }


def charges() -> st.SearchStrategy[dict[str, Any]]:
    return st.integers(0, 2**63).map(lambda seed: charge(Random(seed)))
