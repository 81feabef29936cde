"""Time: do the times of a CDR make sense, among themselves and against when it came?"""

import polars as pl

from models.recon.quantities import (
    HOUR_S,
    ends_at,
    has_sentinel_time,
    lasted_s,
    off_total_time_s,
    seconds_of,
    time_effect,
)
from models.recon.rule import Limits, Rule, Stake, compared
from models.recon.words import decimals, either, sentence, timestamp


def _late_s() -> pl.Expr:
    return (pl.col("last_updated_at") - pl.col("end_at")).dt.total_seconds()


def _ahead_s() -> pl.Expr:
    """Seconds that it lies ahead of when we had it.

    Once its time has come, its own date counts too: our clock may have been behind.
    """
    dated_at = pl.min_horizontal("last_updated_at", "as_of")
    had_at = pl.max_horizontal("fetched_at", dated_at)
    return (ends_at() - had_at).dt.total_seconds()


def _off_period_time_s() -> pl.Expr:
    """Σ period time minus total_time, with or without the reservation: the nearer one.

    A partner may state free parking in `total_parking_time` that no period carries.
    """
    parking = pl.max_horizontal("period_parking_h", "total_parking_time_h").fill_null(0)
    charging = pl.col("period_time_h").fill_null(0)
    without = (charging + parking) * HOUR_S - seconds_of("total_time_h")
    whole = without + pl.col("period_reservation_h").fill_null(0) * HOUR_S
    stated = pl.any_horizontal(
        pl.col("period_time_h", "period_parking_h", "period_reservation_h").is_not_null()
    )
    nearer = pl.when(whole.abs() <= without.abs()).then(whole).otherwise(without)
    return pl.when(stated).then(nearer)


def _too_long(limits: Limits) -> pl.Expr:
    direct = pl.col("power_type") == "DC"
    hours = pl.when(direct.fill_null(value=False)).then(limits["dc_h"]).otherwise(limits["ac_h"])
    return lasted_s() > hours * HOUR_S


END_NOT_AFTER_START = Rule(
    id="END_NOT_AFTER_START",
    severity="fatal",
    stake=Stake.CLAIM,
    title="it ends before or as it starts",
    condition=(pl.col("end_at") <= pl.col("start_at")) & ~has_sentinel_time(),
    message="The charge is said to end on {end_at:timestamp}, not after its start on "
    "{start_at:timestamp}.",
    **compared(timestamp("end_at"), timestamp("start_at"), "s", lasted_s()),
)

IN_FUTURE = Rule(
    id="IN_FUTURE",
    version=2,
    severity="fatal",
    stake=Stake.CLAIM,
    title="it starts or ends ahead of when we fetched it",
    condition=lambda limits: _ahead_s() > pl.lit(limits["ahead_s"]),
    message=sentence(
        "The charge is said to last until {until:timestamp}, but we had the CDR on "
        "{fetched_at:timestamp} already.",
        until=ends_at(),
    ),
    **compared(timestamp(ends_at()), timestamp("fetched_at"), "s", _ahead_s()),
)

SENTINEL_TIME = Rule(
    id="SENTINEL_TIME",
    severity="dispute",
    stake=Stake.CLAIM,
    title="its start or end is 1 January 1970, which stands for no time at all",
    condition=has_sentinel_time(),
    message="The charge is dated {start_at:timestamp} to {end_at:timestamp}: 1970 stands for a "
    "missing time, so nothing shows when it took place.",
    observed=timestamp("start_at"),
)

TOTAL_TIME_MISMATCH = Rule(
    id="TOTAL_TIME_MISMATCH",
    severity="dispute",
    stake=Stake.EFFECT,
    title="total_time is not its length, neither with nor without the reservation",
    condition=lambda limits: (
        (off_total_time_s().abs() > pl.lit(limits["difference_s"]))
        & ~has_sentinel_time()
        & (pl.col("end_at") > pl.col("start_at"))
    ),
    message=sentence(
        "total_time says {total_time_h:hours}, but from start to end it is {lasted:duration}.",
        lasted=lasted_s(),
    ),
    observed=decimals("total_time_h", 4),
    expected=decimals(lasted_s().cast(pl.Decimal(38, 9)) / HOUR_S, 4),
    delta=off_total_time_s().cast(pl.Decimal(38, 9)) / HOUR_S,
    unit="h",
    at_stake=time_effect(off_total_time_s()),
)

PARKING_EXCEEDS_TOTAL = Rule(
    id="PARKING_EXCEEDS_TOTAL",
    severity="fatal",
    stake=Stake.CLAIM,
    title="more parking time than time",
    condition=lambda limits: (
        seconds_of("total_parking_time_h") - seconds_of("total_time_h")
        > pl.lit(limits["difference_s"])
    ),
    message="{total_parking_time_h:hours} of parking are claimed within a stay of "
    "{total_time_h:hours}.",
    **compared("total_parking_time_h", "total_time_h", "h", places=4),
)

PERIODS_TIME_MISMATCH = Rule(
    id="PERIODS_TIME_MISMATCH",
    severity="warn",
    title="the times of its periods do not add up to total_time",
    condition=lambda limits: _off_period_time_s().abs() > pl.lit(limits["difference_s"]),
    message=sentence(
        "The charging periods differ from total_time ({total_time_h:hours}) by "
        "{difference:duration}.",
        difference=_off_period_time_s(),
    ),
    observed=decimals(pl.col("total_time_h") + _off_period_time_s() / HOUR_S, 4),
    expected=decimals("total_time_h", 4),
    delta=_off_period_time_s().cast(pl.Decimal(38, 9)) / HOUR_S,
    unit="h",
)

PERIOD_OUTSIDE_CDR = Rule(
    id="PERIOD_OUTSIDE_CDR",
    version=2,
    severity="warn",
    title="a charging period starts before the CDR or after its end",
    condition=(
        (pl.col("periods_outside") > 0)
        & (pl.col("end_at") > pl.col("start_at"))
        & ~has_sentinel_time()
    ),
    message="{periods_outside} charging period(s) start outside the charge ({start_at:timestamp} "
    "to {end_at:timestamp}).",
    **compared("periods_outside", 0, "periods"),
)

PERIODS_UNORDERED = Rule(
    id="PERIODS_UNORDERED",
    version=2,
    severity="warn",
    title="a charging period starts before the one listed ahead of it",
    condition=pl.col("periods_out_of_order") > 0,
    message="{periods_out_of_order} charging period(s) are listed after one that starts later.",
    **compared("periods_out_of_order", 0, "periods"),
)

CDR_LATE = Rule(
    id="CDR_LATE",
    severity="warn",
    stake=Stake.CLAIM,
    title="made long after the end: a warning at first, later a dispute",
    condition=lambda limits: (_late_s() > pl.lit(limits["warn_h"] * HOUR_S)) & ~has_sentinel_time(),
    message=sentence(
        "The CDR was made on {last_updated_at:timestamp}, {late:duration} after the charge ended.",
        late=_late_s(),
    ),
    observed=decimals(_late_s().cast(pl.Decimal(38, 9)) / HOUR_S, 1),
    expected=lambda limits: pl.lit(limits["warn_h"]),
    delta=lambda limits: _late_s().cast(pl.Decimal(38, 9)) / HOUR_S - pl.lit(limits["warn_h"]),
    unit="h",
    severity_of=lambda limits: either(
        _late_s() > pl.lit(limits["dispute_h"] * HOUR_S), "dispute", "warn"
    ),
)

CDR_TOO_OLD = Rule(
    id="CDR_TOO_OLD",
    severity="fatal",
    stake=Stake.CLAIM,
    title="made so long after the end that it is not payable",
    condition=lambda limits: (_late_s() > pl.lit(limits["age_h"] * HOUR_S)) & ~has_sentinel_time(),
    message=lambda limits: sentence(
        "The charge ended on {end_at:timestamp}, but its CDR was made only on "
        "{last_updated_at:timestamp}: more than {days} days later.",
        days=pl.lit(limits["age_h"] // 24),
    ),
    observed=decimals(_late_s().cast(pl.Decimal(38, 9)) / HOUR_S, 1),
    expected=lambda limits: pl.lit(limits["age_h"]),
    delta=lambda limits: _late_s().cast(pl.Decimal(38, 9)) / HOUR_S - pl.lit(limits["age_h"]),
    unit="h",
)

DURATION_IMPLAUSIBLE = Rule(
    id="DURATION_IMPLAUSIBLE",
    severity="dispute",
    stake=Stake.CLAIM,
    title="it costs something and is too short or too long for the kind of current",
    condition=lambda limits: (
        (pl.col("claimed_excl_vat") > 0)
        & (pl.col("end_at") > pl.col("start_at"))
        & ((lasted_s() < pl.lit(limits["shortest_s"])) | _too_long(limits))
        & ~has_sentinel_time()
    ),
    message=sentence(
        "A charge of {lasted:duration} ({power_type}) for {claimed_excl_vat:money} is not "
        "plausible.",
        lasted=lasted_s(),
    ),
    observed=decimals(lasted_s().cast(pl.Decimal(38, 9)) / HOUR_S, 4),
    unit="h",
)

_NEAR = pl.duration(days=1)  # as in `settled_at`: where a contract settles by this date

CDR_DATE_IMPLAUSIBLE = Rule(
    id="CDR_DATE_IMPLAUSIBLE",
    severity="warn",
    about="any",
    title="its own date lies over a day before its end, or after we had it",
    condition=~has_sentinel_time()
    & ~pl.col("last_updated_at").is_between(pl.col("end_at") - _NEAR, pl.col("fetched_at") + _NEAR),
    message="The CDR is dated {last_updated_at:timestamp}, but the charge ended on "
    "{end_at:timestamp} and we had it on {fetched_at:timestamp}: the date counts for no month.",
    **compared(timestamp("last_updated_at"), timestamp("end_at"), "s", _late_s()),
)
