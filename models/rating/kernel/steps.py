"""step_size: rule 7.

OCPI CDR, step_size: taken into account once per session for ENERGY and once for TIME and
PARKING_TIME together, over the session's total; the step is that of the last component used.
"""

from models.rating.kernel.scale import MAX_QUANTITY, NONE, SECOND
from models.rating.kernel.tables import Batch, Dimension, Element, Line, Tally

NOISE = SECOND // 2
"""A time this little above a whole number of steps is that number of steps."""


def surplus(total: int, step: int, noise: int) -> int:
    """What rounding a total up to whole steps adds; at most `noise` is taken away instead."""
    if step == 0:
        return 0
    over = total % step
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
    """Rounds the billed quantities of a CDR's lines up to whole steps.

    Where any parking is priced, only parking is rounded and charging time is not. Reservation
    time is rounded on its own.

    Returns:
        False where a quantity is beyond `MAX_QUANTITY`.
    """
    energy, time = Dimension.ENERGY.value, Dimension.TIME.value
    parking, reservation = Dimension.PARKING_TIME.value, Dimension.RESERVATION_TIME.value
    parked = b.tally[Tally.LAST_LINE + parking] != NONE
    if b.tally[Tally.TOTAL + time] > MAX_QUANTITY:
        return False
    last_time = parking if parked else time
    return (
        round_up(b, energy, energy)
        and round_up(b, last_time, last_time)
        and round_up(b, reservation, time)
    )
