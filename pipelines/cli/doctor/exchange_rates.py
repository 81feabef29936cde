"""Exchange rates: to which day they reach, and what has none."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.cli.doctor.results import Check
from pipelines.config import Home
from pipelines.exports.company import FILE_NAME, CompanyError, load_letterhead
from pipelines.stages.settle.fx import RatesError, load_rates, missing_rates
from pipelines.warehouse.snapshot import open_current


def check_rates(home: Home) -> Iterator[Check]:
    """Check that company.yaml can be used and that every charge has a rate.

    Args:
        home: the home directory; its newest snapshot is read, if there is one.
    """
    try:
        rates = load_rates(home, load_letterhead(home.path / FILE_NAME))
    except (CompanyError, RatesError) as error:
        yield Check("company", "file", "unusable", str(error).splitlines()[0])
        return
    reach = f"reach to {rates.last_on} ({rates.source})"
    missing = None
    try:
        con = open_current(home.serving)
        if con is not None:
            with con:
                missing = missing_rates(con)
    except duckdb.Error as error:
        missing = f"the snapshot cannot be read ({str(error).splitlines()[0]})"
    message = f"{reach}; {missing}" if missing else reach
    yield Check("company", "exchange rates", "warn" if missing else "ok", message)
