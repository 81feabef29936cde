"""`roamhouse move`: warehouse and decisions from their files into a lake and a server, and back."""

from typing import Literal

import click

from pipelines.cli.common import HomeOptions, json_option, with_home
from pipelines.cli.terminal import print_json, say


@click.command()
@click.option(
    "--to",
    "place",
    required=True,
    type=click.Choice(["lake", "file"]),
    help="The lake that settings.yaml names, or a file in the home.",
)
@json_option
@with_home
def move(place: Literal["lake", "file"], for_machines: bool, where: HomeOptions) -> None:
    """Move every table between the warehouse file and the lake, and prove that they are equal.

    Say `warehouse` in settings.yaml, then `--to lake`: the lake must be empty, and the file is kept
    as warehouse.duckdb.moved. After `--to file` take `warehouse` out of settings.yaml; the lake
    stays as it was. Where anything is not equal, nothing was moved. Where settings.yaml names
    `decisions`, these go along in the same way.
    """
    from pipelines.upkeep.moving import move_to_file, move_to_lake

    home = where.home()
    moved = move_to_lake(home) if place == "lake" else move_to_file(home)
    if for_machines:
        print_json({"to": place, "rows": moved.rows, "decisions": moved.decisions}, indent=2)
        return
    counts = {"rows": moved.rows, "decisions": moved.decisions}
    what = " and ".join(f"{n:,} {name}" for name, n in counts.items() if n is not None)
    keys = "`warehouse` and `decisions`" if moved.decisions is not None else "`warehouse`"
    after = "" if place == "lake" else f" Now take {keys} out of settings.yaml."
    say(f"{what} moved and found equal.{after}")
