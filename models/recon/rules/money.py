"""Money: is the claim the price of what was charged? Its inner arithmetic is in `sums`."""

import polars as pl

from models.money import minor_unit, to_minor_unit
from models.recon import price
from models.recon.causes import UNKNOWN, cause_words
from models.recon.quantities import positive
from models.recon.rule import CURRENCY, Rule, Stake, compared
from models.recon.words import decimals, either, sentence
from models.tables.rating import PARTS


def _differs() -> pl.Expr:
    return price.comparison().is_in(["overclaimed", "underclaimed"])


def _surplus() -> pl.Expr:
    return positive(price.net_of(price.delta()))


TOTAL_COST_MISMATCH = Rule(
    id="TOTAL_COST_MISMATCH",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="the repriced total differs from the claimed one beyond the tolerance",
    condition=_differs(),
    message=sentence(
        "Billed {claimed:money}; tariff {tariffs} as {source} on {start_at:timestamp} gives "
        "{expected:money}: {why}.",
        claimed=price.claimed(),
        tariffs=pl.col("tariff_ids").list.join(", "),
        source=pl.col("tariff_source").replace(
            {"agreement": "agreed", "embedded": "stated in the CDR"}
        ),
        expected=price.expected(),
        why=pl.coalesce("cause_detail", cause_words()),
    ),
    **compared(price.claimed(), price.expected(), CURRENCY),
    at_stake=_surplus(),
    cause=pl.col("cause"),
)


def _part_delta(part: str) -> pl.Expr:
    """Claimed minus expected of a part; a part that is not stated beside others is zero."""
    return _claimed_part(part) - _expected_part(part)


def _claimed_part(part: str) -> pl.Expr:
    claimed = pl.col(f"claimed_{part}_cost_excl_vat").fill_null(0)
    return pl.when(pl.col("parts_stated") > 0).then(claimed)


def _expected_part(part: str) -> pl.Expr:
    return to_minor_unit(pl.col(f"expected_{part}_cost_excl_vat"))


def _is_whole_difference(part: str) -> pl.Expr:
    """Tell whether this part alone differs, by the whole difference, and no mistake explains it."""
    rest = [_part_delta(other).fill_null(0) for other in PARTS if other != part]
    others_differ = pl.any_horizontal(delta.abs() > pl.col("tolerance_absolute") for delta in rest)
    whole = (_part_delta(part) - price.delta()).abs() <= minor_unit()
    return whole & ~others_differ & (pl.col("cause").fill_null(UNKNOWN) == UNKNOWN)


def _part_rule(rule_id: str, part: str, name: str) -> Rule:
    """Return the rule on one part of the total."""
    delta = _part_delta(part)
    return Rule(
        id=rule_id,
        version=2,
        severity="dispute",
        stake=Stake.DIFFERENCE,
        title=f"the total differs, and its {name} part is one that does",
        condition=_differs() & (delta.abs() > pl.col("tolerance_absolute")),
        message=sentence(
            f"The {name} part is billed as {{claimed:money}}; by the tariff it is {{due:money}}.",
            claimed=_claimed_part(part),
            due=_expected_part(part),
        ),
        **compared(_claimed_part(part), _expected_part(part), CURRENCY, delta),
        at_stake=pl.min_horizontal(positive(delta), _surplus()),
        cause=pl.col("cause"),
        is_root=_is_whole_difference(part),
    )


ENERGY_COST_MISMATCH = _part_rule("ENERGY_COST_MISMATCH", "energy", "energy")
TIME_COST_MISMATCH = _part_rule("TIME_COST_MISMATCH", "time", "charging time")
PARKING_COST_MISMATCH = _part_rule("PARKING_COST_MISMATCH", "parking", "parking")
FIXED_COST_MISMATCH = _part_rule("FIXED_COST_MISMATCH", "fixed", "fixed")
RESERVATION_COST_MISMATCH = _part_rule("RESERVATION_COST_MISMATCH", "reservation", "reservation")

LIMIT_BREACHED = Rule(
    id="LIMIT_BREACHED",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="the claim is beyond the tariff's min_price or max_price",
    condition=(
        _differs()
        & (
            (pl.col("cause") == "LIMIT_IGNORED")
            | ((pl.col("limit_excl_vat") < 0) & (price.delta() > 0))
            | ((pl.col("limit_excl_vat") > 0) & (price.delta() < 0))
        )
    ),
    message=pl.when(price.delta() > 0)
    .then(
        sentence(
            "Billed {claimed:money}, although the tariff lets a session cost {expected:money} at "
            "most.",
            claimed=price.claimed(),
            expected=price.expected(),
        )
    )
    .otherwise(
        sentence(
            "Billed {claimed:money}, although by the tariff a session costs {expected:money} at "
            "least.",
            claimed=price.claimed(),
            expected=price.expected(),
        )
    ),
    **compared(price.claimed(), price.expected(), CURRENCY),
    at_stake=_surplus(),
    cause=pl.col("cause"),
)

STEP_SIZE_MISAPPLIED = Rule(
    id="STEP_SIZE_MISAPPLIED",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="the claim is what rounding to step_size in each period, or each dimension, gives",
    condition=(_differs() & pl.col("cause").is_in(["STEP_PER_PERIOD", "STEP_PER_DIMENSION"])),
    message=sentence(
        "Billed {claimed:money} instead of {expected:money}: step_size was applied {how}, where "
        "OCPI rounds once at the end of the session.",
        claimed=price.claimed(),
        expected=price.expected(),
        how=either(
            pl.col("cause") == "STEP_PER_PERIOD",
            "in every charging period",
            "to charging and parking each",
        ),
    ),
    **compared(price.claimed(), price.expected(), CURRENCY),
    at_stake=_surplus(),
    cause=pl.col("cause"),
)


def _off_peers() -> pl.Expr:
    return pl.col("price_per_kwh") - pl.col("peers_median")


PRICE_OUTLIER = Rule(
    id="PRICE_OUTLIER",
    severity="warn",
    stake=Stake.DIFFERENCE,
    title="its price per kWh is far from its peers' on the connector, and not the tariff's",
    condition=lambda limits: (
        (_off_peers().abs() > pl.col("peers_mad") * pl.lit(float(limits["deviations"])))
        & (_off_peers().abs() > pl.col("peers_median") * pl.lit(float(limits["least_share"])))
        & ~pl.col("home_charging_compensation")
        & (price.comparison() != "agreed").fill_null(value=True)
    ),
    message=sentence(
        "{price_per_kwh:3} {currency} for a kWh, where the charges around it on this connector "
        "cost {peers_median:3} (off by {off:percent}).",
        off=_off_peers() / pl.col("peers_median") * 100,
    ),
    observed=decimals("price_per_kwh", 4),
    expected=decimals("peers_median", 4),
    delta=_off_peers().round(6).cast(pl.Decimal(18, 6)),
    unit=pl.format("{}/kWh", "currency"),
    at_stake=_surplus(),
)
