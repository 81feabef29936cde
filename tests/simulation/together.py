"""Several years in one house at once: what a run costs once, however many partners, is shared.

Each year has partners of its own. Its next run is one with the next runs of all others that are of
the same kind; what happens before it happens before those, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from simulation.objects import PartnerSetup
from simulation.steps import Leave, Replay, Run, Step, Wait
from simulation.year import Year

MOST = 100
"""How many years may share a house: names of parties have a letter and two digits."""
_NAME = re.compile(r"(?<![a-z0-9])[ab](\d\d)\b")


def together(years: Sequence[Year], *, longest: bool = False) -> Year:
    """Make one year of several: the partners of each are called after its place.

    Args:
        years: at most `MOST`.
        longest: whether as much time passes as any of them wants, or what each in turn says.
    """
    placed = [_placed(year, place) for place, year in enumerate(years)]
    if len(placed) > 1:  # a partner that nothing happens to stands by where there are no others
        placed = [replace(year, setups=tuple(_busy(year))) for year in placed]
    setups = tuple(setup for year in placed for setup in year.setups)
    names = [tuple(setup.name for setup in year.setups) for year in placed]
    left = [[step for step in year.steps if not isinstance(step, Replay)] for year in placed]
    replays = [step for year in placed for step in year.steps if isinstance(step, Replay)]
    made: list[Step] = []
    gone: set[str] = set()
    while any(left):
        waits = []
        for steps in left:
            while steps and not isinstance(steps[0], Run):
                step = steps.pop(0)
                if isinstance(step, Wait):
                    waits.append(step)
                else:
                    made.append(step)
                if isinstance(step, Leave):
                    gone = gone - {step.partner} if step.back else gone | {step.partner}
        if waits:  # time is everybody's
            by_hours = sorted(waits, key=lambda wait: wait.hours)
            made.append(by_hours[-1] if longest else waits[len(made) % len(waits)])
        made += _next_runs(left, names, gone)
    return Year(setups, (*made, *replays[:1]))  # a replay is everybody's, too


def place_of(sentence: str) -> int | None:
    """Tell which of the years a sentence is about, by the partner that it names."""
    found = _NAME.search(sentence)
    return None if found is None else int(found[1])


def _next_runs(
    left: Sequence[list[Step]], names: Sequence[tuple[str, ...]], gone: set[str]
) -> list[Step]:
    """Take the next run of each year: one for all that are of a kind, which asks their partners."""
    asked: dict[tuple[Run, bool], list[str]] = {}
    for steps, own in zip(left, names, strict=True):
        if not steps:
            continue
        run = steps.pop(0)
        assert isinstance(run, Run)
        if not gone & set(run.only):  # else it is refused
            kind = replace(run, only=()), bool(run.only)
            asked.setdefault(kind, []).extend(run.only or own)
    everybody = {name for own in names for name in own}
    return [
        replace(kind, only=() if everybody <= set(some) else tuple(sorted(set(some) - gone)))
        for (kind, _), some in asked.items()
        if set(some) - gone
    ]


def _busy(year: Year) -> Iterator[PartnerSetup]:
    """Yield the partners of a year that a step names."""
    named = set(re.findall(r"\w+", repr(year.steps)))
    yield from (setup for setup in year.setups if setup.name in named)


def _placed(year: Year, place: int) -> Year:
    """Call the partners of a year after its place: aaa and bbb become a02 and b02 in the third."""
    names = {setup.name: f"{setup.name[0]}{place:02}" for setup in year.setups}
    setups = tuple(replace(setup, name=names[setup.name]) for setup in year.setups)
    return Year(setups, tuple(_renamed(step, names) for step in year.steps))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_renamed(each, names) for each in value)
    if isinstance(value, Step):
        return replace(
            value,
            **{each.name: _renamed(getattr(value, each.name), names) for each in fields(value)},
        )
    return names.get(value, value) if isinstance(value, str) else value
