"""`roamhouse price`: CDRs from files, priced by their tariffs, beside what they claim."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import fail, handle_errors, home_option, partners_option

if TYPE_CHECKING:
    from models.contract import Contract
    from pipelines.stages.rating.pricing import PricedCdrs

_IN_MEMORY = 32 << 20
"""Bytes of an answer that wait in memory; what is longer waits in a file."""


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
@click.option("--all", "every", is_flag=True, help="Show the CDRs that agree, too.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
@handle_errors
def price(
    files: tuple[Path, ...],
    tariff_file: Path | None,
    time_zone: str | None,
    partner: str | None,
    partners_file: Path | None,
    home_dir: Path | None,
    every: bool,
    for_machines: bool,
) -> None:
    """Price the CDRs in FILES and compare with what they claim.

    A file (-: standard input) holds one CDR, a list, an OCPI envelope or NDJSON, of any OCPI
    version, compressed by gzip or not; a CDR or tariff needs no id. Of several CDRs those that
    differ are shown, and a summary. Ends with 0 if every claim agrees to the cent, or lies
    within the tolerance of the contract that is given, 1 if one differs or has no price, 2 if a
    file cannot be read.
    """
    from models.ocpi.values.timestamps import is_zone
    from pipelines.stages.rating.files import FileError, read_tariffs
    from pipelines.stages.rating.pricing import EXACT, price_file

    if time_zone is not None and not is_zone(time_zone):
        fail(f"--timezone {time_zone}: not an IANA time zone such as Europe/Amsterdam")
    try:
        tariffs = [t.json_text for t in read_tariffs(tariff_file)] if tariff_file else []
        contract = _contract(partner, partners_file, home_dir) if partner else EXACT
        priced = (
            some
            for path in files
            for some in price_file(path, tariffs=tariffs, time_zone=time_zone, contract=contract)
        )
        differs = _write_json(priced) if for_machines else _show(priced, every=every)
    except FileError as error:
        fail(str(error))
    raise SystemExit(1 if differs else 0)


def _contract(partner: str, partners_file: Path | None, home_dir: Path | None) -> Contract:
    from pipelines.config import FeedPartner, Home, find_partners_file, load_partners

    home = Home.resolve(home_dir, os.environ)
    path = find_partners_file(partners_file, os.environ, home)
    found = load_partners(path, only=[partner])
    terms = {one.name: one.contract for one in found.partners if not isinstance(one, FeedPartner)}
    if partner not in terms:
        fail(f"--partner {partner}: a feed has no contract")
    return terms[partner]


def _show(priced: Iterable[PricedCdrs], *, every: bool) -> bool:
    """Print for people; tell whether any CDR differs."""
    from pipelines.cli.price_output import Report

    differs = False
    report = Report(every=every)
    for some in priced:
        report.add(some)
        differs |= some.differs
    report.finish()
    return differs


def _write_json(priced: Iterable[PricedCdrs]) -> bool:
    """Print one object, once all of it is there; tell whether any CDR differs."""
    from pipelines.cli.price_json import write_json

    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii") as answer:
        differs = write_json(priced, answer)
        answer.seek(0)
        shutil.copyfileobj(answer, sys.stdout)
    return differs
