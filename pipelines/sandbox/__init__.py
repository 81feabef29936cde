"""Sandbox partners: charging partners that exist only here, played by a real HTTP server.

A 2.2.1, a 2.1.1 and a 2.3.0 CPO and a hub with three parties, with locations, tariffs, and three
months of sessions and CDRs. Equal `Options` give equal bytes on every machine: everything comes
from the seed and the `now` that is passed in, never from a clock. The rest of the pipeline
needs `process` and `scenario` only; nothing here imports the rating, so that the two bill
independently.
"""

from pathlib import Path

DEFAULT_CDRS = 12_000
DEFAULT_SEED = 2300
SMALLEST, LARGEST = 100, 2_000_000
BUILT_IN = Path(__file__).with_name("scenarios")


def built_in() -> list[str]:
    """Return the names of the scenarios that come with the sandbox."""
    return sorted(path.stem for path in BUILT_IN.glob("*.yaml"))
