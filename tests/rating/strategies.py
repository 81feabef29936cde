"""CDRs and tariffs for property tests, aimed at the edges that random numbers never hit.

Thresholds and measurements come from the same small grids, so that cumulated kWh, durations,
powers, local times and step multiples meet their bounds exactly, or miss them by the least.
"""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
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


def seldom(draw: st.DrawFn, in_ten: int) -> bool:
    return draw(st.integers(0, 9)) < in_ten


def one_of(draw: st.DrawFn, values: list[Any]) -> Any:
    return draw(st.sampled_from(values))


@st.composite
def restrictions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kind = draw(st.integers(0, 9))
    if kind in (0, 1, 9):
        found["start_time"], found["end_time"] = one_of(draw, TIMES), one_of(draw, TIMES)
    if kind in (1, 2):
        found["day_of_week"] = draw(
            st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)
        )
    if kind == 3:
        found[one_of(draw, ["start_date", "end_date"])] = one_of(draw, DATES)
    if kind in (4, 9):
        found[one_of(draw, ["min_kwh", "max_kwh"])] = one_of(draw, KWH)
    if kind == 5:
        found[one_of(draw, ["min_duration", "max_duration"])] = one_of(draw, DURATIONS)
    if kind == 6:
        found[one_of(draw, ["min_power", "max_power"])] = Decimal(one_of(draw, POWERS))
    if kind == 7:
        found[one_of(draw, ["min_current", "max_current"])] = Decimal(one_of(draw, POWERS))
    if kind == 8 and seldom(draw, 3):
        found["max_temperature"] = 40
    found.update(draw(seldom_restrictions()))
    return found


@st.composite
def seldom_restrictions(draw: st.DrawFn) -> dict[str, Any]:
    """A reservation, and now and then what cannot be read."""
    found: dict[str, Any] = {}
    use = draw(st.integers(0, 9))
    if use in (0, 1):
        found["reservation"] = ["RESERVATION", "RESERVATION_EXPIRES"][use]
    if draw(st.integers(0, 19)) == 0:
        found.update(draw(unreadable()))
    return found


@st.composite
def unreadable(draw: st.DrawFn) -> dict[str, Any]:
    """A value that nobody can read; of a list of weekdays only one."""
    day = one_of(draw, DAYS)
    return dict(
        one_of(
            draw,
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


@st.composite
def elements(draw: st.DrawFn) -> dict[str, Any]:
    kinds = draw(
        st.lists(
            st.sampled_from(["ENERGY", "TIME", "PARKING_TIME", "FLAT"]),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    components = []
    for kind in kinds:
        component: dict[str, Any] = {"type": kind, "price": Decimal(one_of(draw, PRICES))}
        rate = one_of(draw, RATES)
        if rate is not None:
            component["vat"] = Decimal(rate)
        step = one_of(draw, STEPS)
        if step is not None:
            component["step_size"] = step
        components.append(component)
    if draw(st.integers(0, 19)) == 0:
        components.append({"type": "SESSION_TIME", "price": Decimal(2)})
    element: dict[str, Any] = {"price_components": components}
    if seldom(draw, 6):
        element["restrictions"] = draw(restrictions())
    return element


@st.composite
def tariffs(draw: st.DrawFn, tariff_id: str) -> dict[str, Any]:
    tariff: dict[str, Any] = {
        "country_code": "NL", "party_id": "TST", "id": tariff_id, "currency": "EUR",
        "elements": draw(st.lists(elements(), min_size=1, max_size=4)),
    }  # fmt: skip
    included = one_of(draw, [None, "NO", "NO", "YES", "N/A"])
    if included is not None:
        tariff["tax_included"] = included
    for name in ("min_price", "max_price"):
        if seldom(draw, 2):
            names = one_of(
                draw, [["before_taxes"], ["after_taxes"], ["before_taxes", "after_taxes"]]
            )
            tariff[name] = {side: Decimal(one_of(draw, LIMITS)) for side in names}
    if seldom(draw, 1):
        tariff["type"] = one_of(draw, ["REGULAR", "AD_HOC_PAYMENT"])
    if seldom(draw, 1):
        tariff[one_of(draw, ["start_date_time", "end_date_time"])] = "2024-06-01T00:00:00Z"
    if draw(st.integers(0, 99)) == 0:
        tariff["currency"] = "SEK"
    return tariff


@st.composite
def hours(draw: st.DrawFn, length: int) -> str:
    """Hours that mean the length, nearly mean it, or mean something else."""
    decimals = draw(st.integers(0, 9))
    unit = Decimal(1).scaleb(-decimals)
    meant = Decimal(one_of(draw, [length, length, length, length + 1, length + 3, 600, 0])) / 3600
    stated = meant.quantize(unit, rounding=ROUND_HALF_EVEN)
    return format(max(stated + one_of(draw, [0, 0, 0, unit, -unit]), Decimal(0)), "f")


@st.composite
def cdrs(draw: st.DrawFn) -> dict[str, Any]:
    start = datetime.fromisoformat(one_of(draw, INSTANTS)).replace(tzinfo=UTC)
    at = start + timedelta(seconds=one_of(draw, NUDGES))
    cdr: dict[str, Any] = {"start": stamp(at), "currency": "EUR", "periods": []}
    reserved = draw(st.integers(0, 9))
    for index in range(draw(st.integers(1, 4))):
        length = one_of(draw, LENGTHS)
        period: dict[str, Any] = {"start": stamp(at)}
        named = one_of(draw, ["A", "a", "A", "A", "B", None])
        if named is not None:
            period["tariff_id"] = named
        if (index == 0 and reserved < 2) or reserved == 0:
            period["RESERVATION_TIME"] = draw(hours(length))
        else:
            period.update(draw(charging(length)))
        cdr["periods"].append(period)
        at += timedelta(seconds=length)
    cdr["end"] = stamp(at)
    if draw(st.integers(0, 9)) == 0:
        one_of(draw, cdr["periods"])["other"] = [one_of(draw, ["SESSION_TIME", "SOC"])]
    if seldom(draw, 2):
        state_in_total(cdr, one_of(draw, TOTALS_ALONE), draw)
    if seldom(draw, 2):
        cdr["periods"] = draw(st.permutations(cdr["periods"]))
    return cdr


TOTALS_ALONE = [
    ["ENERGY"],
    ["TIME"],
    ["PARKING_TIME"],
    ["TIME", "PARKING_TIME"],
    ["ENERGY", "TIME"],
]


def state_in_total(cdr: dict[str, Any], names: list[str], draw: st.DrawFn) -> None:
    """Takes volumes out of the periods and states them in total, or something beside them."""
    for name in names:
        volumes = [Decimal(period.pop(name)) for period in cdr["periods"] if name in period]
        cdr[name] = str(sum(volumes, Decimal(0)) + one_of(draw, [0, 0, Decimal("0.02"), 1]))
    if names == ["TIME"] and seldom(draw, 5):
        cdr["PARKING_TIME"] = one_of(draw, ["0", "0.25", cdr["TIME"]])


@st.composite
def charging(draw: st.DrawFn, length: int) -> dict[str, Any]:
    period: dict[str, Any] = {}
    kind = draw(st.integers(0, 9))
    if kind < 8:
        period["ENERGY"] = one_of(draw, ENERGIES)
    if kind < 6:
        period["TIME"] = draw(hours(length))
    if kind > 6:
        period["PARKING_TIME"] = draw(hours(length))
    if seldom(draw, 3):
        unit = one_of(draw, ["POWER", "CURRENT"])
        for side in one_of(draw, [["MIN"], ["MAX"], ["MIN", "MAX"]]):
            period[f"{side}_{unit}"] = one_of(draw, POWERS)
    return period


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@st.composite
def charges(draw: st.DrawFn) -> dict[str, Any]:
    """A CDR with its tariffs, zone and contract terms."""
    first = draw(tariffs("A"))
    offered = [first]
    if seldom(draw, 3):
        offered.append(draw(tariffs("B")))  # two of one id: `test_price_readings`
    if seldom(draw, 1):
        offered.append(draw(tariffs("C")))
    return {
        "cdr": draw(cdrs()),
        "claimed_of": one_of(draw, [None, 0, 1, 2, "above", "between", "below"]),
        "tariffs": offered,
        "zone": one_of(draw, ZONES),
        "mode": one_of(draw, ["half_up", "half_up", "half_even", "up", "down"]),
        "stage": one_of(draw, ["total", "total", "dimension", "line"]),
        "reverse_charge": seldom(draw, 1),
        "currency": one_of(draw, ["EUR", "EUR", "EUR", "JPY", "KWD"]),
    }
