"""`roamhouse publish`: the tables of the newest snapshot as files, for tools that are elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import HomeOptions, fail, json_option, refuse, with_home
from pipelines.cli.terminal import print_json
from pipelines.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from pipelines.warehouse.extract import PublishedTable


@click.command()
@click.option(
    "--to", "place", required=True, metavar="TARGET", help="A folder, or s3://bucket/folder."
)
@click.option(
    "--format", "kind", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True
)
@click.option(
    "--table",
    "names",
    multiple=True,
    metavar="NAME",
    help="This table only, as core.cdrs, or a stage, as mart; may be repeated.",
)
@json_option
@with_home
def publish(
    place: str, kind: str, names: tuple[str, ...], for_machines: bool, where: HomeOptions
) -> None:
    """Write the tables of the newest snapshot to TARGET, one file each: core/cdrs.parquet.

    All are of one snapshot. Each file is put in its place whole, `catalogue.json` last: it says
    what every table and column means, and the rows and hash of each file. The credentials of a
    store are read from the environment, as its own tools do. Ends with 1 if TARGET could not be
    written.
    """
    from pipelines.warehouse.extract import publish_tables
    from pipelines.warehouse.snapshot import current

    _refuse_unknown(names)
    home = where.home()
    if current(home.serving) is None:
        fail("nothing was published yet: start with `roamhouse run`")

    def report(table: PublishedTable) -> None:
        if not for_machines:
            click.echo(f"{table.file}: {table.rows:,} rows")

    try:
        written = publish_tables(home.serving, place, kind=kind, names=names, report=report)
    except WarehouseError as error:
        refuse(error)
    if for_machines:
        print_json(asdict(written), indent=2)


def _refuse_unknown(names: tuple[str, ...]) -> None:
    from models.tables import TABLES

    known = {one.name for one in TABLES} | {one.stage for one in TABLES}
    unknown = sorted(set(names) - known)
    if unknown:
        fail(f"there is no table {unknown[0]}; docs/tables.md lists them")
