"""The instrument finds each fault that is put in; by `make simulate`, for it takes a minute."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from simulation.checked import MUTANTS
from simulation.features import Features
from simulation.mutants import Mutant
from simulation.sabotage import put_in
from simulation.together import place_of, together
from simulation.year import faults, play

SIDE_BY_SIDE = (
    (
        *("more_after_concession", "settled", "every_finding_queued", "credited_is_final"),
        *("a CDR that is stamped ahead is late",),
        *("a currency without a rate counts as euros", "a name is another party"),
        *("each of several credits takes back all energy",),
        *("a CDR that never came may be on an invoice",),
    ),
    (
        *("a smaller doubt of another rule is let go, too", "inexact_credit", "wh", "broken_page"),
        *("many_vanish", "stamps_back", "a stamp that was ahead is believed", "id_case"),
    ),
)
"""Faults that leave each other's years alone: they share a house."""
ALONE = [name for name in MUTANTS if not any(name in group for group in SIDE_BY_SIDE)]


@pytest.mark.parametrize("names", SIDE_BY_SIDE, ids=lambda names: names[0])
def test_faults_that_are_put_in_are_each_found(names: tuple[str, ...]) -> None:
    mutants = [MUTANTS[name] for name in names]
    parts = [(mutant.name, says, year) for mutant in mutants for says, year in mutant.years]
    with ExitStack() as stack:
        for mutant in mutants:
            stack.enter_context(put_in(mutant.patches))
        found = faults(together([year for *_, year in parts], longest=True), Features())
        said = [each for fault in found for each in fault.wrong]
    missed = [
        name
        for place, (name, says, _) in enumerate(parts)
        if not any(says in each and place_of(each) == place for each in said)
    ]
    assert missed == [], "\n".join(said)


@pytest.mark.parametrize("name", ALONE)
def test_a_fault_that_is_put_in_is_found(name: str) -> None:
    mutant: Mutant = MUTANTS[name]
    for says, year in mutant.years:
        with put_in(mutant.patches):
            fault = play(year, Features())
        assert fault is not None, says
        assert any(says in each for each in fault.wrong), fault.wrong
