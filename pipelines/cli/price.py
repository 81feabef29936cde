"""`roamhouse price`: CDRs from files, priced by their tariffs, beside what they claim."""

from __future__ import annotations

import os
from pathlib import Path

import click

from models.contract import Contract
from models.rating.zones import is_zone
from pipelines.cli.common import fail, handle_errors, home_option, partners_option
from pipelines.cli.price_output import as_json, show
from pipelines.cli.terminal import print_json
from pipelines.config import FeedPartner, Home, find_partners_file, load_partners
from pipelines.stages.rating.files import FileError, read_tariffs
from pipelines.stages.rating.pricing import EXACT, PricedFile, price_file

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
@click.option(
    "--partner",
    metavar="P",
    help="Judge by this partner's contract in the partners file: its rounding and tolerance.",
)
@partners_option
@home_option
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
@handle_errors
def price(
    files: tuple[Path, ...],
    tariff_file: Path | None,
    time_zone: str | None,
    partner: str | None,
    partners_file: Path | None,
    home_dir: Path | None,
    for_machines: bool,
) -> None:
    """Price the CDRs in FILES and compare with what they claim.

    A file (-: standard input) holds one CDR, a list, an OCPI envelope or NDJSON, of any OCPI
    version; a CDR or tariff needs no id. Ends with 0 if every claim agrees to the cent, or lies
    within the tolerance of the contract that is given, 1 if one differs or has no price, 2 if a
    file cannot be read.
    """
    if time_zone is not None and not is_zone(time_zone):
        fail(f"--timezone {time_zone}: not an IANA time zone such as Europe/Amsterdam")
    try:
        tariffs = [t.json_text for t in read_tariffs(tariff_file)] if tariff_file else []
        contract = _contract(partner, partners_file, home_dir) if partner else EXACT
        priced = [
            price_file(path, tariffs=tariffs, time_zone=time_zone, contract=contract)
            for path in files
        ]
    except FileError as error:
        fail(str(error))
    if for_machines:
        print_json(as_json(priced))
    else:
        for one in priced:
            show(one)
    raise SystemExit(1 if any(_differs(one) for one in priced) else 0)


def _contract(partner: str, partners_file: Path | None, home_dir: Path | None) -> Contract:
    home = Home.resolve(home_dir, os.environ)
    path = find_partners_file(partners_file, os.environ, home)
    found = load_partners(path, only=[partner])
    terms = {one.name: one.contract for one in found.partners if not isinstance(one, FeedPartner)}
    if partner not in terms:
        fail(f"--partner {partner}: a feed has no contract")
    return terms[partner]


def _differs(priced: PricedFile) -> bool:
    return bool(priced.refused) or any(cdr.verdict in _DIFFERENT for cdr in priced.cdrs)
