"""Several years in one house at once: what a run costs once, however many partners, is shared.

Each year has partners of its own. What happens between two runs of a year happens between two runs
of all; a run of all that is asked for by several is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from string import ascii_lowercase
from typing import Any

from simulation.steps import Replay, Run, Step, Wait
from simulation.year import Fault, Year

MOST = len(ascii_lowercase)
"""How many years may share a house: names of parties have three letters."""


def together(years: Sequence[Year]) -> Year:
    """Make one year of several: the partners of each are called after its place.

    Args:
        years: at most `MOST`.
    """
    placed = [_placed(year, place) for place, year in enumerate(years)]
    setups = tuple(setup for year in placed for setup in year.setups)
    left = [[step for step in year.steps if not isinstance(step, Replay)] for year in placed]
    replays = [step for year in placed for step in year.steps if isinstance(step, Replay)]
    made: list[Step] = []
    while any(left):
        waits = []
        for steps in left:
            while steps and not isinstance(steps[0], Run):
                step = steps.pop(0)
                if isinstance(step, Wait):
                    waits.append(step)
                else:
                    made.append(step)
        if waits:  # time is everybody's: each year in turn says how much passes
            made.append(waits[len(made) % len(waits)])
        made += _next_runs(left)
    return Year(setups, (*made, *replays[:1]))  # a replay is everybody's, too


def place_of(fault: Fault) -> int | None:
    """Tell which of the years a fault is about, by the partner that its first sentence names."""
    for word in fault.wrong[0].replace(":", " ").split():
        if len(word) == 3 and word.isalpha() and word.islower() and word[1] == word[2]:
            return ascii_lowercase.index(word[1])
    return None


def _next_runs(left: list[list[Step]]) -> list[Step]:
    """Take the next run of each year: first a special one, if there is any, else one for all."""
    for steps in left:
        if steps and steps[0] not in (Run(), Run(full=True)):
            return [steps.pop(0)]
    runs = [steps.pop(0) for steps in left if steps]
    return [Run(full=Run(full=True) in runs)] if runs else []


def _placed(year: Year, place: int) -> Year:
    """Call the partners of a year after its place: aaa and bbb become acc and bcc in the third."""
    names = {setup.name: setup.name[0] + 2 * ascii_lowercase[place] for setup in year.setups}
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
