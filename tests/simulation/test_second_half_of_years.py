"""The second half of the short years: one file for each worker; more by `make simulate`."""

import pytest

from simulation.checked import YEARS, check_year


@pytest.mark.parametrize("seed", range(1, YEARS, 2))
def test_a_year_is_as_the_auditor_says(seed: int) -> None:
    check_year(seed)
