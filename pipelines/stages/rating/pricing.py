"""Prices of the CDRs of a file: read, decode, rate, compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from models.contract import Contract, Tolerance
from models.rating.comparison import ComparedTotal, compare_totals
from models.rating.decoded import RatedFile, rate_decoded
from pipelines.stages.rating.causes import judge_claims
from pipelines.stages.rating.files import FileError, decode_cdrs, read_objects

#: The default terms but for the tolerance: there is none.
EXACT = Contract(tolerance=Tolerance(absolute=Decimal(0), relative=Decimal(0)))


@dataclass(frozen=True)
class ComparedCdr:
    """A CDR with its price and how its claim compares.

    Args:
        cdr: its row of `core.cdrs`.
        price: its row of `rating.cdrs`.
        lines: its rows of `rating.lines`.
        totals: claimed against expected.
        verdict: see `causes.Judgement`.
        cause: the mistake that explains the difference, where one does.
    """

    cdr: Mapping[str, Any]
    price: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    totals: Sequence[ComparedTotal]
    verdict: str
    cause: str | None


@dataclass(frozen=True)
class PricedFile:
    """The CDRs of a file, priced.

    Args:
        path: the file.
        cdrs: its CDRs in order.
        refused: for each object that is no usable CDR its id, where it has one, and why.
        problems: what is wrong with tariffs that cannot be used.
    """

    path: Path
    cdrs: Sequence[ComparedCdr]
    refused: Sequence[tuple[str | None, Sequence[str]]]
    problems: Sequence[str]


def price_file(
    path: Path,
    *,
    tariffs: Sequence[str] = (),
    time_zone: str | None = None,
    contract: Contract = EXACT,
) -> PricedFile:
    """Price every CDR in a file.

    Args:
        path: one object, a list, an envelope or NDJSON.
        tariffs: canonical JSON of tariffs to use instead of the CDRs' own.
        time_zone: IANA zone to use instead of the CDRs' own.
        contract: the terms to price and judge by.

    Raises:
        FileError: the file cannot be read, or there is no CDR in it.
    """
    objects = read_objects(path, "cdrs")
    if not objects:
        raise FileError(f"{path}: no CDR in it")
    decoded = decode_cdrs(objects)
    quarantine = decoded.frames["core.quarantine"].select("object_id", "reasons").rows()
    rated = rate_decoded(decoded, tariffs=tariffs, time_zone=time_zone, contract=contract)
    return PricedFile(path, _compare(rated, contract), quarantine, rated.problems)


def _compare(file: RatedFile, contract: Contract) -> list[ComparedCdr]:
    key = ("partner", "country_code", "party_id", "cdr_id")
    grouped = groupby(file.rated.lines.to_dicts(), lambda line: tuple(line[name] for name in key))
    lines = {owner: list(found) for owner, found in grouped}
    compared = []
    rows = zip(
        file.cdrs.to_dicts(), file.rated.cdrs.to_dicts(), judge_claims(file, contract), strict=True
    )
    for cdr, price, judgement in rows:
        own = lines.get(tuple(price[name] for name in key), [])
        totals = compare_totals(cdr, price)
        compared.append(ComparedCdr(cdr, price, own, totals, judgement.verdict, judgement.cause))
    return compared
