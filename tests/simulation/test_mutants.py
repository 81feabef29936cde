"""The instrument finds each fault: those that are there, and mended ones when put back."""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import pytest

from simulation.features import Features
from simulation.mutants import STILL_THERE, Mutant
from simulation.year import play


@pytest.mark.parametrize("mutant", STILL_THERE, ids=lambda mutant: mutant.name)
def test_a_fault_that_is_there_is_found(mutant: Mutant) -> None:
    features = Features.just(mutant.name)
    with ExitStack() as stack:
        for target, replacement in mutant.patches.items():
            stack.enter_context(patch(target, replacement))
        fault = play(mutant.year, features)
    assert fault is not None, "it is mended: turn its switch on, and put it back by a patch"
    assert any(mutant.says in each for each in fault.wrong), fault.wrong
