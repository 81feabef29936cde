"""Short years, each a test of its own so that they spread over processes; more: `make simulate`."""

from __future__ import annotations

import os

import pytest

from simulation.features import Features
from simulation.generate import generate
from simulation.shrink import report, shrink
from simulation.year import play

YEARS = int(os.environ.get("SIMULATED_YEARS", "24"))


@pytest.mark.parametrize("seed", range(YEARS))
def test_a_year_is_as_the_auditor_says(seed: int) -> None:
    features = Features()
    year = generate(seed, features)
    fault = play(year, features)
    if fault is not None:
        pytest.fail(report(seed, *shrink(year, features, fault, most=30)))
