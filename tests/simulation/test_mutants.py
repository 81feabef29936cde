"""The instrument finds each fault that is put in, and none where it is mended."""

from __future__ import annotations

import pytest

from simulation.features import Features
from simulation.mutants import MENDED, PLANTED, Mutant
from simulation.sabotage import put_in
from simulation.year import Fault, play


def check_found(mutant: Mutant, fault: Fault | None) -> None:
    assert fault is not None
    assert any(mutant.says in each for each in fault.wrong), fault.wrong


@pytest.mark.parametrize("mutant", MENDED + PLANTED, ids=lambda mutant: mutant.name)
def test_a_year_with_a_mended_fault_is_right(mutant: Mutant) -> None:
    fault = play(mutant.year, Features())
    assert fault is None, fault.wrong


@pytest.mark.parametrize("mutant", MENDED + PLANTED, ids=lambda mutant: mutant.name)
def test_a_fault_that_is_put_in_is_found(mutant: Mutant) -> None:
    with put_in(mutant.patches):
        check_found(mutant, play(mutant.year, Features()))
