"""Short years, beside those in which mended faults showed; more by `make simulate`."""

from __future__ import annotations

import pytest

from simulation.checked import find_fault, mended_years
from simulation.features import Features
from simulation.generate import generate

YEARS = 8


def test_years_are_as_the_auditor_says() -> None:
    drawn = {f"seed {seed}": generate(seed, Features()) for seed in range(YEARS)}
    if told := find_fault(mended_years() | drawn, Features()):
        pytest.fail(told)
