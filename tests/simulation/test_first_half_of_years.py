"""The first half of the short years: one file for each worker; more by `make simulate`."""

from __future__ import annotations

import pytest

from simulation.checked import check_years, houses


@pytest.mark.parametrize("seeds", houses()[0::2], ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_years_are_as_the_auditor_says(seeds: range) -> None:
    check_years(seeds)
