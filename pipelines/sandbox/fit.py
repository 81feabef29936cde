"""Fits the constants of `behaviour` to public session files: run once, by hand.

Usage: `python -m pipelines.sandbox.fit BOULDER.csv.gz PERTH.csv.gz EPFL.csv.gz > behaviour.py`.
Only the quantiles and weights leave this module; no session does.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import polars as pl

QUANTILE_STEPS = 40
IDLE_FROM_S = 300
DC_TYPICAL_SHARE_OF_PEAK = 0.6
DC_SLACK_S = 600
HEADER = '''"""How drivers charge: quantiles and weights fitted to real sessions by `fit`.

AC: 24,081 sessions of the City of Boulder (energy, power, idling: it records charging time apart
from stay) and the arrivals of Perth & Kinross Council's fast chargers. DC: 1,878 sessions of EPFL
(energy, power, stay) and the arrivals of Perth & Kinross's rapid chargers. EPFL records no
charging time: it is taken as energy over 60 % of the session's peak power, and what a stay holds
beyond it and ten minutes more is idling. All numbers are whole, so that sampling them gives the
same sessions on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """The fitted marginals of one kind of charging.

    Args:
        energy_wh: quantiles of the energy of a session, evenly spaced from 0 to 1.
        power_w: quantiles of the mean power while charging.
        idle_permille: sessions that stay more than five minutes after charging.
        idle_s: quantiles of how long those stay on.
        arrivals: weight of each hour of the local week, Monday 00:00 first; they sum to 100,000.
    """

    energy_wh: tuple[int, ...]
    power_w: tuple[int, ...]
    idle_permille: int
    idle_s: tuple[int, ...]
    arrivals: tuple[int, ...]

'''


def boulder(path: Path) -> pl.DataFrame:
    """AC sessions with charging time apart from stay."""

    def seconds(column: str) -> pl.Expr:
        parts = pl.col(column).str.split(":")
        hours, minutes, rest = (parts.list.get(i).cast(pl.Int64) for i in range(3))
        return hours * 3600 + minutes * 60 + rest

    frame = pl.read_csv(path, encoding="utf8-lossy")
    return (
        frame.select(
            start=pl.col("Start_Date___Time").str.slice(0, 19).str.to_datetime("%Y/%m/%d %H:%M:%S"),
            charge_s=seconds("Charging_Time__hh_mm_ss_"),
            stay_s=seconds("Total_Duration__hh_mm_ss_"),
            energy_wh=pl.col("Energy__kWh_") * 1000,
        )
        .with_columns(idle_s=pl.col("stay_s") - pl.col("charge_s"))
        .filter(pl.col("energy_wh").is_between(500, 90_000), pl.col("charge_s") >= 180)
        .filter(pl.col("stay_s") <= 48 * 3600, pl.col("idle_s") >= 0)
    )


def epfl(path: Path) -> pl.DataFrame:
    """DC sessions with their peak power."""
    frame = pl.read_csv(path)
    charge = pl.col("Energy (Wh)") / (DC_TYPICAL_SHARE_OF_PEAK * pl.col("Pmax (W)")) * 3600
    stay = pl.col("Stay (min)") * 60
    return (
        frame.filter(pl.col("Pmax (W)") > 10_000, pl.col("Energy (Wh)").is_between(500, 110_000))
        .with_columns(stay_s=stay, energy_wh=pl.col("Energy (Wh)"))
        .with_columns(idle_s=(stay - charge - DC_SLACK_S).clip(0))
        .with_columns(charge_s=stay - pl.col("idle_s"))
        .filter(pl.col("charge_s") >= 180, pl.col("stay_s") <= 5 * 3600)
    )


def perth(path: Path, *, rapid: bool) -> pl.DataFrame:
    """Arrivals at Perth & Kinross's rapid (DC) or other (AC) chargers."""
    frame = pl.read_csv(path, infer_schema=False)
    moment = pl.col("Start Date").str.slice(0, 10) + " " + pl.col("Start Time")
    start = moment.str.to_datetime("%Y-%m-%d %H:%M", strict=False)
    midnight = pl.col("Start Time") == "00:00"  # stands for "not recorded" far too often
    is_rapid = pl.col("Model").str.to_lowercase().str.contains("rapid")
    return frame.filter(is_rapid == rapid, ~midnight).select(start=start).drop_nulls()


def quantiles(values: pl.Series) -> tuple[int, ...]:
    """Evenly spaced quantiles from the 0.5th to the 99.5th percentile, as whole numbers."""
    steps = (0.005 + 0.99 * i / QUANTILE_STEPS for i in range(QUANTILE_STEPS + 1))
    return tuple(round(values.quantile(step, "linear") or 0) for step in steps)


def arrivals(*starts: pl.Series) -> tuple[int, ...]:
    """Weights of the 168 hours of the week, each source counting alike, summing to 100,000."""
    shares = [0.0] * 168
    for series in starts:
        hours = (series.dt.weekday().cast(pl.Int32) - 1) * 24 + series.dt.hour().cast(pl.Int32)
        for hour in hours:
            shares[hour] += 1 / len(series) / len(starts)
    weights = [max(1, round(share * 100_000)) for share in shares]
    weights[weights.index(max(weights))] += 100_000 - sum(weights)
    return tuple(weights)


def literal(name: str, sessions: pl.DataFrame, weights: tuple[int, ...]) -> str:
    """The Python text of one `Behaviour`."""
    idling = sessions.filter(pl.col("idle_s") > IDLE_FROM_S)
    power = sessions["energy_wh"] * 3600 / sessions["charge_s"]
    fields: dict[str, int | tuple[int, ...]] = {
        "energy_wh": quantiles(sessions["energy_wh"]),
        "power_w": quantiles(power),
        "idle_permille": round(1000 * len(idling) / len(sessions)),
        "idle_s": quantiles(idling["idle_s"]),
        "arrivals": weights,
    }
    body = "".join(f"    {key}={wrapped(value)},\n" for key, value in fields.items())
    return f"{name} = Behaviour(\n{body})\n"


def wrapped(value: int | tuple[int, ...]) -> str:
    """A number, or a tuple of numbers in lines of the project's width."""
    if isinstance(value, int):
        return str(value)
    lines = textwrap.wrap(", ".join(map(str, value)) + ",", 90)
    return "(\n" + "".join(f"        {line}\n" for line in lines) + "    )"


def main(arguments: list[str]) -> None:
    """Reads the three files and writes the module on stdout."""
    boulder_path, perth_path, epfl_path = (Path(argument) for argument in arguments)
    ac, dc = boulder(boulder_path), epfl(epfl_path)
    ac_weights = arrivals(ac["start"], perth(perth_path, rapid=False)["start"])
    dc_weights = arrivals(perth(perth_path, rapid=True)["start"])
    constants = literal("AC", ac, ac_weights) + literal("DC", dc, dc_weights)
    sys.stdout.write(HEADER + "# fmt: off\n" + constants + "# fmt: on\n")


if __name__ == "__main__":
    main(sys.argv[1:])
