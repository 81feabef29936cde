"""Choice of the tariff and of the component: rules 1 and 2.

OCPI Tariff: "the first Tariff Element with a Price Component for that dimension in the list
with matching Tariff Restrictions will be used", looked up for each dimension on its own.
"""

from models.rating.kernel.restrictions import (
    NO,
    UNREADABLE,
    UNVERIFIABLE_NO,
    UNVERIFIABLE_YES,
    YES,
    matches,
)
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import (
    Batch,
    Candidate,
    Cdr,
    Element,
    Note,
    Period,
    Reason,
    Result,
    Tally,
    Tariff,
    Use,
)

NOT_FOUND = -1

DIMENSIONS = 4  # dimensions that a component can price: the first of `Dimension`


def is_active(b: Batch, t: int, at: int) -> bool:
    """Return whether a tariff is valid: `start_date_time` inclusive, `end_date_time` exclusive."""
    return bool(b.tariffs[t, Tariff.VALID_FROM] <= at < b.tariffs[t, Tariff.VALID_TO])


def rank_of_candidate(b: Batch, c: int, i: int) -> int:
    """Return the rank of a candidate, from 1: what the CDR's own connector names comes first.

    Then those active at the start of the session, then type REGULAR or none.
    """
    t = b.candidates[i, Candidate.TARIFF]
    rank = 1 + b.tariffs[t, Tariff.REGULAR]
    if is_active(b, t, b.cdrs[c, Cdr.START]):
        rank += 2
    if b.candidates[i, Candidate.BY_CONNECTOR] != 0:
        rank += 4
    return int(rank)


def tariff_of_id(b: Batch, c: int, tariff_id: int) -> tuple[int, bool]:
    """Return the tariff of that id, or of any where the period states none, by rank, then in order.

    Returns:
        The tariff or `NOT_FOUND`, and whether only the order of the source chose it.
    """
    # The first of the highest rank. Another one of that rank makes the order of the list decide,
    # which OCPI gives no meaning: `ambiguity` then asks what each of them would have come to.
    best = NOT_FOUND
    best_rank = 0
    by_order = False
    for i in range(b.cdrs[c, Cdr.FIRST_CANDIDATE], b.cdrs[c + 1, Cdr.FIRST_CANDIDATE]):
        if tariff_id != NONE and b.candidates[i, Candidate.TARIFF_ID] != tariff_id:
            continue
        rank = rank_of_candidate(b, c, i)
        if rank > best_rank:
            best = b.candidates[i, Candidate.TARIFF]
            best_rank = rank
            by_order = False
        elif rank == best_rank and b.candidates[i, Candidate.TARIFF] != best:
            by_order = True
    return best, by_order


def problem_of_tariff(b: Batch, c: int, t: int) -> int:
    """Return why the CDR cannot be priced by a tariff; `Reason.PRICED` where it can."""
    if t == NOT_FOUND:
        return Reason.TARIFF_MISSING.value
    if b.tariffs[t, Tariff.USABLE] == 0:
        return Reason.TARIFF_UNUSABLE.value
    if b.tariffs[t, Tariff.CURRENCY] != b.cdrs[c, Cdr.CURRENCY]:
        return Reason.CURRENCY_MISMATCH.value
    if not is_active(b, t, b.cdrs[c, Cdr.START]):
        return Reason.TARIFF_NOT_ACTIVE.value
    if b.tariffs[t, Tariff.UNKNOWN_COMPONENTS] & b.cdrs[c, Cdr.UNKNOWN_DIMENSIONS] != 0:
        return Reason.UNKNOWN_DIMENSION.value
    if b.tariffs[t, Tariff.LOCAL_TIME] != 0 and b.cdrs[c, Cdr.ZONE] == NONE:
        return Reason.TIME_ZONE_UNKNOWN.value
    return Reason.PRICED.value


def choose_tariffs(b: Batch, c: int) -> int:
    """Write to every period of a CDR the tariff that prices it.

    Returns:
        `Reason.PRICED`, or why the CDR cannot be priced.
    """
    previous_id = NONE + 1
    t = NOT_FOUND
    notes = b.cdrs[c, Cdr.NOTES]
    several = 0
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        tariff_id = b.periods[p, Period.TARIFF_ID]
        if tariff_id == NONE:
            notes |= Note.PERIOD_WITHOUT_TARIFF_ID.value
        if tariff_id != previous_id:
            before = t
            t, by_order = tariff_of_id(b, c, tariff_id)
            if by_order:
                notes |= Note.TARIFF_AMBIGUOUS.value
            problem = problem_of_tariff(b, c, t)
            b.results[c, Result.NOTES] = notes
            if problem != Reason.PRICED.value:
                return problem
            notes |= b.tariffs[t, Tariff.NOTES]
            if b.tariffs[t, Tariff.LOCAL_TIME] != 0 and b.cdrs[c, Cdr.ZONE_ASSUMED] != 0:
                notes |= Note.TIME_ZONE_ASSUMED.value
            previous_id = tariff_id
            if before != NOT_FOUND and t != before:
                several = 1
        b.periods[p, Period.TARIFF] = t
    b.results[c, Result.NOTES] = notes
    b.tally[Tally.SEVERAL_TARIFFS] = several
    return Reason.PRICED.value


def priced_bit(dimension: int, use: int) -> int:
    """Return the bit of `Tariff.PRICES` of a dimension and a use."""
    return use * DIMENSIONS + dimension


def prices(b: Batch, t: int, dimension: int, use: int) -> bool:
    """Return whether any element of a tariff prices a dimension for a use."""
    return bool((b.tariffs[t, Tariff.PRICES] >> priced_bit(dimension, use)) & 1)


def serves(b: Batch, e: int, use: int) -> int:
    """Return whether an element is for a use; an unreadable `reservation` may be of either kind."""
    reservation = b.elements[e, Element.RESERVATION]
    if reservation == use:
        return YES
    unclear = reservation == Use.UNREADABLE.value and use != Use.CHARGING.value
    return UNREADABLE if unclear else NO


def find_element(b: Batch, t: int, dimension: int, use: int) -> tuple[int, int]:
    """Return the element of a tariff that prices a dimension for a use at the batch's moment.

    Returns:
        The element or `NOT_FOUND`, and how sure that is: `YES`; `UNVERIFIABLE_YES` where it
        hangs on something unverifiable; `UNREADABLE` where it hangs on what nobody can read.
    """
    certainty = YES
    for e in range(b.tariffs[t, Tariff.FIRST_ELEMENT], b.tariffs[t + 1, Tariff.FIRST_ELEMENT]):
        if b.elements[e, Element.PRICE + dimension] == NONE:
            continue
        served = serves(b, e, use)
        if served == NO:
            continue
        answer = matches(b.elements, e, b.moment)
        if answer == NO:
            continue
        if answer == UNVERIFIABLE_NO:
            # Passed over, but it might have been the one: whatever follows is not certain either.
            certainty = UNVERIFIABLE_YES
            continue
        if served == UNREADABLE or answer == UNREADABLE:
            return NOT_FOUND, UNREADABLE
        return e, UNVERIFIABLE_YES if answer == UNVERIFIABLE_YES else certainty
    return NOT_FOUND, certainty
