"""Helpers of the rating tests: CDRs in wire form priced as `roamhouse price` does."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.ocpi.priceable import read_priceable
from models.rating.decoded import rate_priceable
from models.terms import USUAL_TERMS, PriceTerms

ROOT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path | None:
    """The folder with real data and conformance cases, where there is one."""
    stated = os.environ.get("ROAMHOUSE_SHARED")
    folder = Path(stated) if stated else ROOT.parent / "shared"
    return folder if folder.is_dir() else None


@dataclass(frozen=True)
class PricedCdr:
    """A row of `rating.cdrs`, and its rows of `rating.lines`."""

    total: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]


def price_wire(
    cdr: dict[str, Any],
    *,
    version: str | None = None,
    time_zone: str | None = None,
    terms: PriceTerms = USUAL_TERMS,
) -> PricedCdr:
    """A CDR as a partner would send it, priced by its embedded tariffs."""
    read = read_priceable([json.dumps(cdr).encode()], version=version)
    assert not read.refused, read.refused
    rated = rate_priceable(read, time_zone=time_zone, terms=terms)
    return PricedCdr(rated.prices.row(0, named=True), rated.lines().to_dicts())
