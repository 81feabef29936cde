"""Short years as a test, several in one house; the files that spread them over workers share it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from simulation.features import Features
from simulation.generate import generate
from simulation.shrink import report, shrink
from simulation.together import place_of, together
from simulation.year import play

YEARS = int(os.environ.get("SIMULATED_YEARS", "200"))
IN_ONE_HOUSE = 100


def houses() -> list[range]:
    """List the seeds of the years that share a house."""
    firsts = range(0, YEARS, IN_ONE_HOUSE)
    return [range(first, min(first + IN_ONE_HOUSE, YEARS)) for first in firsts]


def find_fault(seeds: Sequence[int], features: Features, chapters: int = 1, most: int = 30) -> str:
    """Play years together; empty, or the shortest script that goes wrong in the same way.

    Args:
        seeds: of the years.
        features: what may happen.
        chapters: how long each year is.
        most: how many years to play at most for a shorter script.
    """
    years = [generate(seed, features, chapters) for seed in seeds]
    whole = together(years)
    fault = play(whole, features)
    if fault is None:
        return ""
    place = place_of(fault.wrong[0])
    if place is not None and place < len(years) and len(years) > 1:
        alone = play(years[place], features)
        if alone is not None:
            return report(seeds[place], *shrink(years[place], features, alone, most))
    return report(seeds[0], *shrink(whole, features, fault, most))


def check_years(seeds: Sequence[int]) -> None:
    """Fail where years go wrong."""
    if told := find_fault(seeds, Features()):
        pytest.fail(told)
