"""Prices of the CDRs of a file: read, decode, rate, compare; some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from models.contract import Contract, Tolerance
from models.ocpi.priceable import read_priceable
from models.rating.decoded import RatedFile, rate_priceable
from pipelines.stages.rating.causes import judge_claims
from pipelines.stages.rating.files import FileError, read_objects

#: The default terms but for the tolerance: there is none.
EXACT = Contract(tolerance=Tolerance(absolute=Decimal(0), relative=Decimal(0)))
#: Verdicts of claims that differ, or cannot be told.
DIFFERENT = ("overclaimed", "underclaimed", "unpriceable", "unclaimed")
_BATCH = 10_000


@dataclass(frozen=True)
class PricedCdrs:
    """Some of the CDRs of a file, priced."""

    rated: RatedFile  # the CDRs with their prices, in order
    judged: pl.DataFrame  # for each its `verdict` and `cause` (`causes.judge_claims`)
    # for each object that is no usable CDR its id, where it has one, and why
    refused: Sequence[tuple[str | None, Sequence[str]]]

    @property
    def differs(self) -> bool:
        """True where a claim differs, or cannot be told."""
        verdicts = self.judged.get_column("verdict")
        return bool(self.refused) or verdicts.is_in(DIFFERENT).any()


def price_file(
    path: Path,
    *,
    tariffs: Sequence[str] = (),
    time_zone: str | None = None,
    contract: Contract = EXACT,
) -> Iterator[PricedCdrs]:
    """Price every CDR in a file; in memory is only what was yielded last.

    Args:
        path: one object, a list, an envelope or NDJSON.
        tariffs: canonical JSON of tariffs to use instead of the CDRs' own.
        time_zone: IANA zone to use instead of the CDRs' own.
        contract: the terms to price and judge by.

    Raises:
        FileError: the file cannot be read, or there is no CDR in it.
    """
    count = 0
    for objects in read_objects(path, "cdrs", _BATCH):
        read = read_priceable(objects, first=count)
        rated = rate_priceable(read, tariffs=tariffs, time_zone=time_zone, contract=contract)
        judged = judge_claims(rated, contract)
        yield PricedCdrs(rated, judged, read.refused)
        count += len(objects)
    if not count:
        raise FileError(f"{path}: no CDR in it")
