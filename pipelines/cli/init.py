"""`roamhouse init`: a home to begin with."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

import click

from pipelines.cli.common import HomeOptions, with_home
from pipelines.cli.terminal import say

_EXAMPLE: Final = "partners.example.yaml"
_PLACES: Final = (
    Path(__file__).parents[2] / "data" / _EXAMPLE,
    Path(sys.prefix) / "share" / "roamhouse" / _EXAMPLE,
)
"""Where the example lies in a checkout, and where it is installed."""


@click.command()
@with_home
def init(where: HomeOptions) -> None:
    """Make a home, private to this user, with Dagster's settings and an example partners file.

    What is there already stays as it is; it is safe to repeat, before each start of a service.
    """
    from pipelines.orchestration.instance import settings

    home = where.home()
    settings(home.dagster)
    example = home.path / _EXAMPLE
    found = next((place for place in _PLACES if place.is_file()), None)
    if found is not None and not home.partners.exists():
        shutil.copyfile(found, example)
    if home.partners.exists():
        say(f"{home.path} is ready.")
    else:
        say(f"{home.path} is ready. Next: copy {example.name} to {home.partners.name} there, keep")
        say("what you need, set the variables that it names, and ask `roamhouse doctor`.")
