"""Figures by name: what each means, in which unit, for what, and what must be true of it.

The query of a metric is `models/sql/metrics/NAME.sql`: the columns of its grain, `value`, and what
the figure rests on, if anything. Pages take their definitions from here, the command line runs the
queries, `docs/metrics.md` is written from both.
"""

from dataclasses import dataclass
from typing import Final

_SHARE: Final = '"value" is null or "value" between 0 and 1'
_COUNT: Final = '"value" >= 0'
_PARTNER: Final = ("partner",)
_MONEY: Final = ("month", "partner", "currency")


@dataclass(frozen=True)
class Metric:
    """One figure."""

    definition: str  # what it is, in a sentence or two
    unit: str  # of `value`; money is in the row's `currency`
    grain: tuple[str, ...]  # the columns that a row is for
    check: str  # SQL on a row that holds for every one of them


METRICS: Final[dict[str, Metric]] = {
    "connectors": Metric(
        "Connectors still there; copies of one EVSE count once.", "connectors", _PARTNER, _COUNT
    ),
    "connectors_working_share": Metric(
        "Share of connectors whose EVSE showed AVAILABLE, CHARGING or RESERVED when we last "
        "looked.",
        "share",
        _PARTNER,
        _SHARE,
    ),
    "tariff_coverage_share": Metric(
        "Share of connectors with a tariff that resolves to a known one, that of the partner's one "
        "other party included; each EVSE counted once. A connector without one has an unknown "
        "price, never a free one.",
        "share",
        _PARTNER,
        _SHARE,
    ),
    "priced_connectors_share": Metric(
        "Share of connectors at which the noon basket has a price.", "share", _PARTNER, _SHARE
    ),
    "basket_price_per_kwh_excl_vat": Metric(
        "What the middle connector charges for each kWh of the basket of its power class at noon, "
        "without idling, before taxes.",
        "currency for each kWh",
        ("country", "power_class", "currency"),
        _COUNT,
    ),
    "uptime_strict_share": Metric(
        "AVAILABLE, CHARGING and RESERVED ÷ everything but PLANNED and REMOVED, of what was "
        "observed in the last 30 days; the share of UNKNOWN stands next to it.",
        "share",
        ("partner", "operator"),
        _SHARE,
    ),
    "nevi_ports_above_97_share": Metric(
        "NEVI, 23 CFR 680.116: observed minutes less outage minutes ÷ observed minutes, per port, "
        "over 12 months. The rule asks for more than 97 % at each port, so the share of ports "
        "above it is the figure; the ratio of all ports together stands beside it. INOPERATIVE and "
        "OUTOFORDER are outages; those outside opening hours are excluded; UNKNOWN counts as up. A "
        "port is judged once it was observed for a day.",
        "share",
        _PARTNER,
        f"({_SHARE}) and judged_count > 0",
    ),
    "uk_reliability_share": Metric(
        "PCPR 2023, for each operator, over a calendar year: EVSEs from 50 kW in the United "
        "Kingdom, minutes AVAILABLE, CHARGING, RESERVED, UNKNOWN or BLOCKED ÷ opening minutes; "
        "PLANNED and REMOVED are left out. Judged once its EVSEs were observed for a day of "
        "opening time each.",
        "share",
        ("operator",),
        _SHARE,
    ),
    "charges": Metric(
        "Charges of our drivers that a CDR bills and that are not rejected, by the day (UTC) they "
        "ended; one that another CDR replaced counts once.",
        "charges",
        _MONEY,
        _COUNT,
    ),
    "energy_kwh": Metric("Their energy, credits taken off.", "kWh", _MONEY, '"value" is not null'),
    "cost_excl_vat": Metric(
        "What they cost before taxes: claimed less rejected, credits taken off.",
        "currency",
        _MONEY,
        '"value" is null or abs("value") < 1e11',
    ),
    "cost_per_kwh_excl_vat": Metric(
        "Cost ÷ energy, of CDRs that state a total.",
        "currency for each kWh",
        _MONEY,
        '"value" is null or "value" between 0 and 1000',
    ),
    "first_time_success_share": Metric(
        "First attempts that worked ÷ first attempts. One works with 0.1 kWh or more in 2 minutes "
        "or more. A proxy: what never became a session is not seen.",
        "share",
        ("month", "partner"),
        f"({_SHARE}) and attempt_count > 0",
    ),
    "claimed_excl_vat": Metric(
        "What partners ask for in their CDRs, before taxes. Claimed = payable + disputed + "
        "rejected.",
        "currency",
        _MONEY,
        '"value" is not null',
    ),
    "payable_excl_vat": Metric(
        "What is to be paid, before taxes: agreed and tolerated claims, and the uncontested part "
        "of the others.",
        "currency",
        _MONEY,
        '"value" is not null',
    ),
    "disputed_excl_vat": Metric(
        "Held back until the partner answers: the largest amount that a dispute finding puts at "
        "stake, and all of what cannot be priced.",
        "currency",
        _MONEY,
        '"value" is not null',
    ),
    "rejected_excl_vat": Metric(
        "Not payable: a finding that is fatal to the claim, such as a duplicate.",
        "currency",
        _MONEY,
        '"value" is not null',
    ),
}
"""Name → figure."""
