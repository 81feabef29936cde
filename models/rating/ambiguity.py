"""Several tariffs for periods that name none, or one that two have: the one the claim was made by.

OCPI orders neither `CDR.tariffs` nor the tariffs of a connector, so where only that order chose, no
candidate can be called wrong: a claim that equals what one of them gives is that one's, a claim
above all is held against the dearest, any other against the first that is not below it. Beside
each tariff alone, the first that prices each dimension may be meant: those are merged into one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from models.rating.kernel import scale
from models.rating.kernel.choice import DIMENSIONS, priced_bit, rank_of_candidate
from models.rating.kernel.exact import ROUND_HALF_UP, round_to_unit
from models.rating.kernel.tables import (
    Batch,
    Candidate,
    Cdr,
    Element,
    Line,
    Note,
    Reason,
    Result,
    Table,
    Tariff,
    Use,
    Vector,
)
from models.rating.run import Inputs, Priced, batch_of, price, replace_prices, select_cdrs

_MUST_AGREE = [Tariff.TAX, Tariff.CURRENCY, Tariff.USABLE]
_TOTAL = [Result.REASON, Result.EXCL, Result.INCL]
_LIMITS = [Tariff.MIN_EXCL, Tariff.MIN_INCL, Tariff.MAX_EXCL, Tariff.MAX_INCL]


@dataclass(frozen=True)
class Claims:
    """Claimed totals of CDRs in millionths; NONE: not stated."""

    excl: Vector
    incl: Vector


@dataclass(frozen=True)
class _Trial:
    """Ambiguous CDRs priced by one candidate each."""

    rows: Vector  # rows of the CDR table
    priced: Priced  # what the kernel wrote; `Line.CDR` is a place in `rows`
    periods: Vector  # rows of their periods


class _Offer(NamedTuple):
    """The total that one trial gives for a CDR, in millionths; NONE: not known."""

    place: int  # of the trial
    reason: int
    excl: int
    incl: int


def settle_ambiguity(
    inputs: Inputs, priced: Priced, claims: Claims, *, compiled: bool | None
) -> Priced:
    """Price CDRs that only the order of their tariffs decided by each of these, and choose.

    Args:
        inputs: the tables.
        priced: what the kernel wrote, with a `TARIFF_AMBIGUOUS` where an order chose.
        claims: what each CDR claims.
        compiled: see `run.price`.

    Returns:
        The same with the chosen prices; the note stays where candidates give different totals.
    """
    # All candidates of a CDR are tried, since a note of the kernel only says that there are others.
    # Few CDRs are ambiguous: what is tried are copies of their rows, never the whole batch.
    notes = priced.results[:, Result.NOTES]
    rows = np.flatnonzero((notes != scale.NONE) & (notes & Note.TARIFF_AMBIGUOUS != 0))
    if not len(rows):
        return priced
    b = batch_of(inputs)
    offers = {int(row): _candidates(b, int(row)) for row in rows}
    trials = list(_trials(inputs, offers, compiled))
    chosen = _choose(priced.results, inputs.cdrs, trials, claims)
    for place, trial in enumerate(trials):
        own = np.array([chosen.get(row) == place for row in trial.rows.tolist()], dtype=np.bool_)
        if own.any():
            priced = replace_prices(priced, trial.rows, trial.priced, trial.periods, own)
    return priced


def _candidates(b: Batch, row: int) -> tuple[int, ...]:
    """Return the tariffs of the highest rank, each once, in order."""
    first, end = b.cdrs[row : row + 2, Cdr.FIRST_CANDIDATE]
    ranks = [rank_of_candidate(b, row, i) for i in range(first, end)]
    best = max(ranks)
    tariffs = b.candidates[first:end, Candidate.TARIFF]
    return tuple(
        dict.fromkeys(int(t) for t, rank in zip(tariffs, ranks, strict=True) if rank == best)
    )


def _trials(
    inputs: Inputs, offers: dict[int, tuple[int, ...]], compiled: bool | None
) -> Iterator[_Trial]:
    """Yield the CDRs by their first candidate, by their second, …, then by all of them together."""
    for place in range(max(map(len, offers.values()))):
        first = {row: offered[place] for row, offered in offers.items() if place < len(offered)}
        yield _price_with_first(inputs, first, compiled)
    wider, merged = _add_merged_tariffs(inputs, offers)
    if merged:
        done = _price_with_first(wider, merged, compiled)
        yield replace(done, priced=_restore_origins(done.priced, inputs, wider, offers, done.rows))


def _price_with_first(inputs: Inputs, first: dict[int, int], compiled: bool | None) -> _Trial:
    """Price CDRs with one candidate put before all others."""
    # To the kernel this is one more candidate: as if the CDR's own connector named it, it outranks
    # all, and its own id keeps it off the periods that name another tariff.
    rows = np.array(sorted(first))
    subset, periods = select_cdrs(inputs, rows)
    table = subset.candidates
    counts = np.diff(subset.cdrs[:, Cdr.FIRST_CANDIDATE])
    lead = np.zeros((len(rows), Candidate.COLUMNS), dtype=np.int64)
    lead[:, Candidate.TARIFF] = [first[int(row)] for row in rows]
    ids = dict(table[:, (Candidate.TARIFF, Candidate.TARIFF_ID)].tolist())
    own = [ids.get(first[int(row)], scale.NONE + 1) for row in rows]  # Merged tariffs have none.
    lead[:, Candidate.TARIFF_ID] = own
    lead[:, Candidate.BY_CONNECTOR] = 1
    at = subset.cdrs[:-1, Cdr.FIRST_CANDIDATE].copy()
    subset.cdrs[:, Cdr.FIRST_CANDIDATE] = np.append(0, np.cumsum(counts + 1))
    led = subset._replace(candidates=np.insert(table, at, lead, axis=0))
    return _Trial(rows, price(led, compiled=compiled), periods)


def _choose(
    results: Table, cdrs: Table, trials: Sequence[_Trial], claims: Claims
) -> dict[int, int]:
    """Return CDR → the trial that prices it; take the note back where all give one total."""
    rows = trials[0].rows  # each has a first candidate
    first = trials[0].priced.results[:, _TOTAL]
    differ = np.zeros(len(rows), dtype=np.bool_)
    for trial in trials:
        trial.priced.results[:, Result.NOTES] |= int(Note.TARIFF_AMBIGUOUS)
        at = np.searchsorted(rows, trial.rows)
        differ[at] |= (trial.priced.results[:, _TOTAL] != first[at]).any(axis=1)
    # Where all come to the same there is nothing to choose: mostly one price under several names.
    results[rows[~differ], Result.NOTES] &= ~int(Note.TARIFF_AMBIGUOUS)
    offers: dict[int, list[_Offer]] = {}
    for place, trial in enumerate(trials):
        kept = differ[np.searchsorted(rows, trial.rows)]
        found = trial.priced.results[kept][:, _TOTAL].tolist()
        for row, (reason, excl, incl) in zip(trial.rows[kept].tolist(), found, strict=True):
            offers.setdefault(row, []).append(_Offer(place, reason, excl, incl))
    return {
        row: _match_claim(
            offered, int(claims.excl[row]), int(claims.incl[row]), int(cdrs[row, Cdr.MINOR_UNIT])
        )
        for row, offered in offers.items()
    }


def _match_claim(offered: Sequence[_Offer], excl: int, incl: int, unit: int) -> int:
    """Return the trial that the claim fits best; the first where there is nothing to compare."""
    # Net amounts are compared, unless some tariff makes only gross ones known: a claim is held
    # against all candidates on the same side, or the tax would choose between them.
    priced = [one for one in offered if one.reason == Reason.PRICED]
    by_net = excl != scale.NONE and all(one.excl != scale.NONE for one in priced)
    claim = excl if by_net else incl
    totals = [(one.place, one.excl if by_net else one.incl) for one in priced]
    known = [(place, total) for place, total in totals if total != scale.NONE]
    if claim == scale.NONE or not known:
        return offered[0].place
    claim = round_to_unit((claim, 0, 1), unit, ROUND_HALF_UP)
    equal = [place for place, amount in known if amount == claim]
    if equal:
        return equal[0]
    if offered[0].place != known[0][0]:
        return offered[0].place  # The order's own choice has no price, so that nobody knows.
    # Between two candidates the claim is that of the lower with something added, or of the higher
    # with something left out: the higher is taken, so that no dispute begins below the dearest.
    not_below = [place for place, amount in known if amount >= claim]
    return not_below[0] if not_below else max(known, key=lambda one: one[1])[0]


def _add_merged_tariffs(
    inputs: Inputs, offers: dict[int, tuple[int, ...]]
) -> tuple[Inputs, dict[int, int]]:
    """Return the tables with a tariff for each set of candidates, and which CDR it is for."""
    rows, elements = [inputs.tariffs[:-1]], [inputs.elements]
    made: dict[tuple[int, ...], int | None] = {}
    first_element = len(inputs.elements)
    merged = {}
    for row, offered in offers.items():
        if offered not in made:
            tariff = _merge_tariffs(inputs, offered)
            made[offered] = None if tariff is None else len(inputs.tariffs) - 1 + len(rows) - 1
            if tariff is not None:
                tariff[0][Tariff.FIRST_ELEMENT] = first_element
                first_element += len(tariff[1])
                rows.append(tariff[0].reshape(1, -1))
                elements.append(tariff[1])
        place = made[offered]
        if place is not None:
            merged[row] = place
    last = inputs.tariffs[-1:].copy()
    last[0, Tariff.FIRST_ELEMENT] = first_element
    tables = inputs._replace(tariffs=np.vstack([*rows, last]), elements=np.vstack(elements))
    return tables, merged


def _merge_tariffs(inputs: Inputs, offered: tuple[int, ...]) -> tuple[Vector, Table] | None:
    """Return one tariff of the first that prices each dimension.

    None where that is the first alone, or where it would not do: limits hold for each tariff on
    its own, and prices before and after taxes do not mix.
    """
    rows = inputs.tariffs[list(offered)]
    differ = (rows[:, _MUST_AGREE] != rows[0, _MUST_AGREE]).any()
    if differ or (rows[:, _LIMITS] != scale.NONE).any():
        return None
    if (rows[1:, Tariff.PRICES] & ~rows[0, Tariff.PRICES] == 0).all():
        return None
    elements = []
    priced = 0
    for t, row in zip(offered, rows, strict=True):
        own = inputs.elements[
            inputs.tariffs[t, Tariff.FIRST_ELEMENT] : inputs.tariffs[t + 1, Tariff.FIRST_ELEMENT]
        ].copy()
        for dimension in range(DIMENSIONS):
            for use in Use:
                if priced >> priced_bit(dimension, use) & 1:
                    later = own[:, Element.RESERVATION] == use
                    own[later, Element.PRICE + dimension] = scale.NONE
        priced |= int(row[Tariff.PRICES])
        elements.append(own)
    merged = rows[0].copy()
    for column in (Tariff.LOCAL_TIME, Tariff.RESTRICTED):
        merged[column] = rows[:, column].max()
    for column in (Tariff.NOTES, Tariff.PRICES, Tariff.UNKNOWN_COMPONENTS):
        merged[column] = np.bitwise_or.reduce(rows[:, column])
    return merged, np.vstack(elements)


def _restore_origins(
    priced: Priced, inputs: Inputs, wider: Inputs, offers: dict[int, tuple[int, ...]], rows: Vector
) -> Priced:
    """Give the lines of a merged tariff back to the tariffs that it was merged from."""
    lines = priced.lines
    firsts = inputs.tariffs[:, Tariff.FIRST_ELEMENT]
    for line in lines:
        t = line[Line.TARIFF]
        if t < len(inputs.tariffs) - 1:
            continue
        offered = offers[int(rows[line[Line.CDR]])]
        if line[Line.ELEMENT] == scale.NONE:  # A rounding: about all of them.
            line[Line.TARIFF] = offered[0]
            continue
        place = line[Line.ELEMENT] - wider.tariffs[t, Tariff.FIRST_ELEMENT]
        for origin in offered:
            count = firsts[origin + 1] - firsts[origin]
            if place < count:
                line[Line.TARIFF], line[Line.ELEMENT] = origin, firsts[origin] + place
                break
            place -= count
    synthetic = priced.period_tariffs >= len(inputs.tariffs) - 1
    owners = np.repeat(np.arange(len(rows)), _period_counts(inputs, rows))
    lead = np.array([offers[int(row)][0] for row in rows])[owners]
    named = np.where(synthetic, lead, priced.period_tariffs)
    return replace(priced, period_tariffs=named, is_mixed=True)


def _period_counts(inputs: Inputs, rows: Vector) -> Vector:
    first = inputs.cdrs[:, Cdr.FIRST_PERIOD]
    counts: Vector = first[rows + 1] - first[rows]
    return counts
