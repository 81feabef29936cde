"""Years that are played together, and what is told of the first that goes wrong."""

from __future__ import annotations

from collections.abc import Mapping

from simulation.features import Features
from simulation.leaving import LEAVING
from simulation.mutants import MENDED
from simulation.planted import PLANTED
from simulation.shrink import report, shrink
from simulation.together import place_of, together
from simulation.year import Year, play

MUTANTS = {mutant.name: mutant for mutant in MENDED + LEAVING + PLANTED}


def mended_years() -> dict[str, Year]:
    """Return the years in which the faults of all mutants show, by name: nothing must be wrong."""
    return {
        f"{mutant.name} ({said})": year
        for mutant in MUTANTS.values()
        for said, year in mutant.years
    }


def find_fault(years: Mapping[str, Year], features: Features, most: int = 30) -> str:
    """Play years together; empty, or the shortest script that goes wrong in the same way.

    Args:
        years: name → year, as many as may share a house.
        features: what may happen.
        most: how many years to play at most for a shorter script.
    """
    names, alone = list(years), list(years.values())
    whole = together(alone)
    fault = play(whole, features)
    if fault is None:
        return ""
    place = place_of(fault.wrong[0])
    if place is not None and place < len(alone) > 1:
        shown = play(alone[place], features)
        if shown is not None:
            return report(names[place], *shrink(alone[place], features, shown, most))
    return report(f"{names[0]} to {names[-1]}", *shrink(whole, features, fault, most))
