"""The power of a connector in kilowatts, from what the partner states (OCPI Connector)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from models.ocpi.issues import Issues

# Beyond the largest megawatt connector in service, and below any socket for a car: whoever says
# so has mistaken the unit (7,360,000 W for 7.36 kW, 22 W for 22 kW).
MOST_W = Decimal(1_500_000)
LEAST_W = Decimal(100)
_PHASES = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3, "DC": 1}
_SQRT_3 = Decimal("1.7320508")
# `max_voltage` is line to neutral by the spec: 120 to 277 V on AC. Above that it is line to line
# (400 V, 480 V), which is the square root of three times as much, or twice on a split phase.
_LINE_TO_LINE_V = 300
_SPLIT_LINE_TO_LINE_V = 200
_WATT = Decimal("0.001")


def power_kw(
    power_type: str | None,
    voltage_v: int | None,
    amperage_a: int | None,
    stated_w: int | None,
    path: str,
    issues: Issues,
) -> Decimal | None:
    """Kilowatts: as stated, else voltage times amperage times phases; None: unknown or absurd.

    Args:
        power_type: OCPI PowerType.
        voltage_v: volts, line to neutral by the spec, line to line by some partners.
        amperage_a: amperes.
        stated_w: watts as stated in `max_electric_power`.
        path: where the connector stands.
        issues: takes the deviation where the result is absurd.
    """
    if stated_w is not None:
        watts, at = Decimal(stated_w), "max_electric_power"
    else:
        computed = _computed_w(power_type, voltage_v, amperage_a)
        if computed is None:
            return None
        watts, at = computed, "max_amperage"
    if not LEAST_W <= watts <= MOST_W:
        issues.add_deviation(path + at, "unusable", watts)
        return None
    return (watts / 1000).quantize(_WATT, rounding=ROUND_HALF_EVEN)


def _computed_w(
    power_type: str | None, voltage_v: int | None, amperage_a: int | None
) -> Decimal | None:
    phases = _PHASES.get(power_type or "")
    if phases is None or voltage_v is None or amperage_a is None:
        return None
    watts = Decimal(voltage_v) * amperage_a * phases
    if power_type == "AC_3_PHASE" and voltage_v > _LINE_TO_LINE_V:
        watts /= _SQRT_3
    elif power_type == "AC_2_PHASE_SPLIT" and voltage_v > _SPLIT_LINE_TO_LINE_V:
        watts /= 2
    return watts
