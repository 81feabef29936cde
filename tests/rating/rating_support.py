"""What the rating tests share: CDRs in wire form priced by the engine."""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from models.contract import Contract
from models.ocpi import decode_cdr_json
from models.rating.one import PricedCdr, price_one

ROOT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path | None:
    """The folder with real data and conformance cases, where there is one."""
    stated = os.environ.get("ROAMHOUSE_SHARED")
    folder = Path(stated) if stated else ROOT.parent / "shared"
    return folder if folder.is_dir() else None


def price_wire(
    cdr: dict[str, Any],
    *,
    version: str | None = None,
    time_zone: str | None = None,
    contract: Contract | None = None,
) -> PricedCdr:
    """A CDR as a partner would send it, priced by its embedded tariffs."""
    decoded = decode_cdr_json(json.dumps(cdr).encode(), version)
    frames = decoded.frames
    assert frames["core.cdrs"].height == 1, frames["core.quarantine"].to_dicts()
    row = frames["core.cdrs"].row(0, named=True)
    texts = dict(frames["core.embedded_tariffs"].select("content_hash", "tariff").iter_rows())
    tariffs = [texts[content_hash] for content_hash in row["tariff_hashes"] or []]
    return price_one(
        frames["core.cdrs"],
        frames["core.charging_periods"].sort(pl.col("period_index")),
        tariffs,
        contract=contract,
        time_zone=time_zone,
    )
