"""step_size: rule 7.

OCPI CDR, step_size: taken into account once per session for ENERGY and once for TIME and
PARKING_TIME together, over the session's total; the step is that of the last component used.
"""

from models.rating.kernel.scale import MAX_QUANTITY, NONE, SECOND
from models.rating.kernel.tables import Batch, Dimension, Element, Line, Tally

NOISE = SECOND // 2
"""A time this little above a whole number of steps is that number of steps."""


def surplus(total: int, step: int, noise: int) -> int:
    """Return what rounding up to whole steps adds; at most `noise` is taken away instead."""
    if step == 0:
        return 0
    over = total % step
    # Hours come with few decimals: 0.3334 h of three steps of 400 s is 1200.24 s, which nobody
    # means to bill as a fourth.
    if over <= noise:
        return -over
    return step - over


def round_up(b: Batch, dimension: int, component: int) -> bool:
    """Bills a dimension's surplus on its last line.

    Returns:
        False where the quantity is beyond `MAX_QUANTITY`.
    """
    at = b.tally[Tally.LAST_LINE + dimension]
    if at == NONE:
        return True
    total = b.tally[Tally.TOTAL + dimension]
    if total > MAX_QUANTITY:
        return False
    if total <= 0:
        return True  # As much energy was fed back as was charged, or more.
    step = b.elements[b.lines[at, Line.ELEMENT], Element.STEP + component]
    noise = 0 if dimension == Dimension.ENERGY.value else NOISE
    added = surplus(total, step, noise)
    b.lines[at, Line.BILLED] += added
    return bool(total + added <= MAX_QUANTITY)


def apply_steps(b: Batch) -> bool:
    """Round the billed quantities of a CDR's lines up to whole steps.

    Where any parking is priced, only parking is rounded and charging time is not. Reservation
    time is rounded on its own.

    Returns:
        False where a quantity is beyond `MAX_QUANTITY`.
    """
    energy, time = Dimension.ENERGY.value, Dimension.TIME.value
    parking, reservation = Dimension.PARKING_TIME.value, Dimension.RESERVATION_TIME.value
    # The text rounds time once for both dimensions, by the component used last. Parking comes after
    # charging, so wherever parking has a price its step is that one, and the time charged before it
    # is billed as it was measured. Parking that became free has no line, and no step.
    parked = b.tally[Tally.LAST_LINE + parking] != NONE
    if b.tally[Tally.TOTAL + time] > MAX_QUANTITY:
        return False
    last_time = parking if parked else time
    return (
        round_up(b, energy, energy)
        and round_up(b, last_time, last_time)
        and round_up(b, reservation, time)
    )
