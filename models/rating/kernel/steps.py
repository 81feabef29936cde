"""step_size: rule 7.

OCPI CDR, step_size: taken into account once per session for ENERGY and once for TIME and
PARKING_TIME together, over the session's total; the step is that of the last component used.
"""

from models.rating.kernel.scale import MAX_QUANTITY, SECOND
from models.rating.kernel.tables import Batch, Dimension, Element, Line

NOISE = SECOND // 2
"""A time this little above a whole number of steps is that number of steps."""


def last_line(b: Batch, first: int, end: int, dimension: int) -> int:
    """The last line of a dimension; -1: there is none."""
    for at in range(end - 1, first - 1, -1):
        if b.lines[at, Line.DIMENSION] == dimension:
            return at
    return -1


def total_quantity(b: Batch, first: int, end: int, dimension: int) -> int:
    """The priced quantity of a dimension; above `MAX_QUANTITY` it is only known to be that."""
    total = 0
    for at in range(first, end):
        if b.lines[at, Line.DIMENSION] == dimension:
            total = min(total + b.lines[at, Line.QUANTITY], MAX_QUANTITY + 1)
    return total


def surplus(total: int, step: int, noise: int) -> int:
    """What rounding a total up to whole steps adds; at most `noise` is taken away instead."""
    if step == 0:
        return 0
    over = total % step
    if over <= noise:
        return -over
    return step - over


def round_up(b: Batch, first: int, end: int, dimension: int, component: int) -> bool:
    """Bills a dimension's surplus on its last line.

    Returns:
        False where the quantity is beyond `MAX_QUANTITY`.
    """
    at = last_line(b, first, end, dimension)
    if at < 0:
        return True
    total = total_quantity(b, first, end, dimension)
    if total > MAX_QUANTITY:
        return False
    step = b.elements[b.lines[at, Line.ELEMENT], Element.STEP + component]
    noise = 0 if dimension == Dimension.ENERGY.value else NOISE
    added = surplus(total, step, noise)
    b.lines[at, Line.BILLED] += added
    return bool(total + added <= MAX_QUANTITY)


def apply_steps(b: Batch, first: int, end: int) -> bool:
    """Rounds the billed quantities of a CDR's lines up to whole steps.

    Where any parking is priced, only parking is rounded and charging time is not. Reservation
    time is rounded on its own.

    Returns:
        False where a quantity is beyond `MAX_QUANTITY`.
    """
    energy, time = Dimension.ENERGY.value, Dimension.TIME.value
    parking, reservation = Dimension.PARKING_TIME.value, Dimension.RESERVATION_TIME.value
    last_time = time if last_line(b, first, end, parking) < 0 else parking
    return (
        round_up(b, first, end, energy, energy)
        and round_up(b, first, end, last_time, last_time)
        and round_up(b, first, end, reservation, time)
    )
