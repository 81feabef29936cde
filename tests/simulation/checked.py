"""One short year as a test; the files that spread the years over workers share it."""

from __future__ import annotations

import os

import pytest

from simulation.features import Features
from simulation.generate import generate
from simulation.shrink import report, shrink
from simulation.year import play

YEARS = int(os.environ.get("SIMULATED_YEARS", "4"))


def check_year(seed: int) -> None:
    """Play a year; where it goes wrong, fail with the shortest script that does."""
    features = Features()
    year = generate(seed, features)
    fault = play(year, features)
    if fault is not None:
        pytest.fail(report(seed, *shrink(year, features, fault, most=30)))
