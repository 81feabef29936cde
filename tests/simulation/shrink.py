"""Cuts a failing year down: fewer steps, then plainer ones, as long as it still fails alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from simulation.features import Features
from simulation.steps import Run, Step, Wait, script
from simulation.year import Fault, Year, play

_NAMES = re.compile(
    r"[0-9][-0-9.:+ ]*"
    r"|\b([az]_)?(aaa|bbb|[ab][0-9]+|[ckpq]+[0-9]+|loc[0-9]+|t[12])\b"
    r"|\{.*|\[.*",
    re.I,
)


def kind_of(fault: Fault) -> str:
    """What a fault is about, without names and figures: shrinking must not wander to another."""
    return _NAMES.sub("…", fault.wrong[0])


def shrink(year: Year, features: Features, fault: Fault, most: int = 120) -> tuple[Year, Fault]:
    """Find a shorter year that goes wrong in the same way.

    Args:
        year: one that fails.
        features: what the auditor insists on.
        fault: how it fails.
        most: how many years to play at most.

    Returns:
        The shorter year and its fault.
    """
    wanted = kind_of(fault)
    plays = 0

    def fails(steps: tuple[Step, ...]) -> Fault | None:
        nonlocal plays
        if plays >= most:
            return None
        plays += 1
        found = play(replace(year, steps=steps), features)
        return found if found is not None and kind_of(found) == wanted else None

    best = year.steps[: fault.step + 1]
    best, fault = _fewer(best, fault, fails)
    best, fault = _plainer(best, fault, fails)
    return replace(year, steps=best), fault


def _fewer(
    best: tuple[Step, ...], fault: Fault, fails: Callable[[tuple[Step, ...]], Fault | None]
) -> tuple[tuple[Step, ...], Fault]:
    """Take pieces out, ever smaller ones (delta debugging)."""
    size = max(1, len(best) // 2)
    while size:
        start = 0
        while start < len(best):
            shorter = best[:start] + best[start + size :]
            found = fails(shorter) if shorter else None
            if found is None:
                start += size
            else:
                best, fault = shorter[: found.step + 1], found
        size //= 2
    return best, fault


def _plainer(
    best: tuple[Step, ...], fault: Fault, fails: Callable[[tuple[Step, ...]], Fault | None]
) -> tuple[tuple[Step, ...], Fault]:
    """Put a plain run for a special one, and a short wait for a long one."""
    for place, step in enumerate(best):
        plain: Step = step
        if isinstance(step, Run) and step != Run():
            plain = Run()
        elif isinstance(step, Wait) and step.hours > 1:
            plain = Wait(1)
        if plain is step:
            continue
        found = fails((*best[:place], plain, *best[place + 1 :]))
        if found is not None and found.step == len(best) - 1:
            best, fault = (*best[:place], plain, *best[place + 1 :]), found
    return best, fault


def report(name: str, year: Year, fault: Fault) -> str:
    """Write a failing year so that a person can play it again."""
    wrong = "\n".join(f"  {each}" for each in fault.wrong[:8])
    setups = "".join(f"    {setup!r},\n" for setup in year.setups)
    return f"{name}:\n{wrong}\nsetups = (\n{setups})\nsteps = {script(list(year.steps))}"
