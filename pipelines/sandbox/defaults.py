"""Names and numbers of the sandbox that its commands offer."""

from __future__ import annotations

from pathlib import Path

DEFAULT_CDRS = 12_000
DEFAULT_SEED = 2300
SMALLEST, LARGEST = 100, 2_000_000
BUILT_IN = Path(__file__).with_name("scenarios")


def built_in() -> list[str]:
    """Return the names of the scenarios that come with the sandbox."""
    return sorted(path.stem for path in BUILT_IN.glob("*.yaml"))
