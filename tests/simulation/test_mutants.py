"""The instrument finds each fault that is put in, and none where it is mended."""

from __future__ import annotations

import pytest

from simulation.features import Features
from simulation.mutants import MENDED, Mutant
from simulation.planted import PLANTED
from simulation.sabotage import put_in
from simulation.together import together
from simulation.year import play

MUTANTS = MENDED + PLANTED
PARTS = [(mutant.name, year) for mutant in MUTANTS for _, year in mutant.years]


@pytest.mark.parametrize("first", range(0, len(PARTS), 12))
def test_years_with_mended_faults_are_right(first: int) -> None:
    fault = play(together([year for _, year in PARTS[first : first + 12]]), Features())
    assert fault is None, fault.wrong


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fault_that_is_put_in_is_found(mutant: Mutant) -> None:
    for says, year in mutant.years:
        with put_in(mutant.patches):
            fault = play(year, Features())
        assert fault is not None, says
        assert any(says in each for each in fault.wrong), fault.wrong
