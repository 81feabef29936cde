"""Real open-data feeds decode completely; skipped where they are not at hand."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from object_samples import decode

from models.ocpi.decoded import Decoded

SHARED = Path(os.environ.get("ROAMHOUSE_SHARED", Path(__file__).parents[3] / "shared"))
DATA = SHARED / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real feeds are not at hand")


def feed(path: str) -> list[dict[str, Any]]:
    raw = (DATA / path).read_bytes()
    body = json.loads(gzip.decompress(raw) if path.endswith(".gz") else raw)
    objects: list[dict[str, Any]] = body["data"] if isinstance(body, dict) else body
    return objects


def decode_feed(module: str, path: str) -> Decoded:
    return decode(module, *feed(path), version=None)


def counts(decoded: Decoded) -> dict[str, int]:
    return {name.removeprefix("core."): f.height for name, f in decoded.frames.items() if f.height}


def test_every_dutch_location_is_taken_in() -> None:
    decoded = decode_feed("locations", "ndw/locations.json.gz")
    assert counts(decoded) == {
        "locations": 1038,
        "evses": 2773,
        "connectors": 2795,
        "deviations": 22,
    }
    kinds = decoded.frames["core.deviations"].get_column("kind").value_counts()
    assert dict(kinds.iter_rows()) == {"inferred": 12, "normalised": 10}


def test_no_tariff_of_a_dutch_connector_is_unknown_and_never_an_empty_list() -> None:
    sent = [c for o in feed("ndw/locations.json.gz") for e in o["evses"] for c in e["connectors"]]
    taken = decode_feed("locations", "ndw/locations.json.gz").frames["core.connectors"]
    assert taken.get_column("tariff_ids").to_list() == [c["tariff_ids"] for c in sent]


def test_every_dutch_tariff_is_taken_in_with_its_prices_as_stated() -> None:
    decoded = decode_feed("tariffs", "ndw/tariffs.json.gz")
    assert counts(decoded) == {"tariffs": 328}
    for sent, text in zip(
        feed("ndw/tariffs.json.gz"),
        decoded.frames["core.tariffs"].get_column("tariff"),
        strict=True,
    ):
        taken = [c for e in json.loads(text)["elements"] for c in e["price_components"]]
        stated = [c for e in sent["elements"] for c in e["price_components"]]
        assert [c["price"] for c in taken] == [c["price"] for c in stated]
        assert [c.get("vat") for c in taken] == [c["vat"] for c in stated]


@pytest.mark.parametrize(
    ("module", "path", "expected"),
    [
        (
            "locations",
            "uk/chargy_locations_page1.json",
            {"locations": 2, "evses": 2, "connectors": 2, "deviations": 4},
        ),
        (
            "locations",
            "uk/clenergy_locations.json",
            {"locations": 2, "evses": 4, "connectors": 4, "deviations": 3},
        ),
        ("tariffs", "uk/chargy_tariffs_page1.json", {"tariffs": 2}),
        ("tariffs", "uk/clenergy_tariffs.json", {"tariffs": 8, "deviations": 16}),
        ("tariffs", "uk/geniepoint_tariffs.json", {"tariffs": 6}),
        ("tariffs", "uk/mfg_tariffs.json", {"tariffs": 2}),
    ],
)
def test_every_british_object_is_taken_in(module: str, path: str, expected: dict[str, int]) -> None:
    assert counts(decode_feed(module, path)) == expected


def test_working_is_available() -> None:
    decoded = decode_feed("locations", "uk/chargy_locations_page1.json")
    assert decoded.frames["core.evses"].get_column("status").to_list() == ["AVAILABLE"] * 2
    noted = decoded.frames["core.deviations"].filter(pl.col("kind") == "unknown_value")
    assert noted.get_column("original").to_list() == ['"WORKING"'] * 2


def test_every_cdr_of_the_conformance_cases_is_taken_in() -> None:
    cases = json.loads((SHARED / "conformance" / "pricing_cases.json").read_bytes())
    for version in ("2.1.1", "2.2.1", "2.3.0"):
        cdrs = [c["cdr"] for c in cases if c["cdr"] and c["ocpi_version"] == version]
        decoded = decode("cdrs", *cdrs, version=version)
        assert decoded.quarantined == 0
        assert decoded.frames["core.cdrs"].height == len(cdrs)
