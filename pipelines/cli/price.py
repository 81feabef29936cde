"""`roamhouse price`: CDRs from files, priced by their tariffs, beside what they claim."""

from __future__ import annotations

from pathlib import Path

import click

from models.rating.zones import is_zone
from pipelines.cli.common import fail
from pipelines.cli.price_output import as_json, show
from pipelines.cli.terminal import print_json
from pipelines.stages.rating.files import FileError, read_tariffs
from pipelines.stages.rating.pricing import PricedFile, price_file

_DIFFERENT = {"overclaimed", "underclaimed", "unpriceable", "unclaimed"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--tariff",
    "tariff_file",
    type=click.Path(path_type=Path),
    help="Price by the tariff (or tariffs) in this file instead of the CDRs' own.",
)
@click.option(
    "--timezone",
    "time_zone",
    metavar="TZ",
    help="IANA zone of the location, such as Europe/Amsterdam; else the CDR's or its country's.",
)
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
def price(
    files: tuple[Path, ...], tariff_file: Path | None, time_zone: str | None, for_machines: bool
) -> None:
    """Price the CDRs in FILES and compare with what they claim.

    A file (-: standard input) holds one CDR, a list, an OCPI envelope or NDJSON, of any OCPI
    version; a CDR or tariff needs no id. Ends with 0 if every claim agrees to the cent, 1 if one
    differs or has no price, 2 if a file cannot be read.
    """
    if time_zone is not None and not is_zone(time_zone):
        fail(f"--timezone {time_zone}: not an IANA time zone such as Europe/Amsterdam")
    try:
        tariffs = [t.json_text for t in read_tariffs(tariff_file)] if tariff_file else []
        priced = [price_file(path, tariffs=tariffs, time_zone=time_zone) for path in files]
    except FileError as error:
        fail(str(error))
    if for_machines:
        print_json(as_json(priced))
    else:
        for one in priced:
            show(one)
    raise SystemExit(1 if any(_differs(one) for one in priced) else 0)


def _differs(priced: PricedFile) -> bool:
    return bool(priced.refused) or any(cdr.verdict in _DIFFERENT for cdr in priced.cdrs)
