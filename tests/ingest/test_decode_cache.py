"""A list that comes again costs the decoding of what is new in it; the tables are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from test_partner_to_core import FEED, NOW, House, location

from models.ocpi import decode
from models.tables.objects import LOCATIONS
from pipelines.ingest import loading
from pipelines.ingest.decode_cache import DecodeCache
from pipelines.ingest.loading import Loading, load_waiting
from pipelines.ingest.progress import NoProgress
from pipelines.landing.landing import Landing
from pipelines.warehouse.connection import Warehouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Warehouse(tmp_path / "warehouse.duckdb", threads=1) as warehouse:
        yield House(tmp_path, warehouse, Landing(tmp_path / "landing"))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The places of the objects that were decoded."""
    places: list[int] = []
    original = decode._decode_one
    monkeypatch.setattr(
        decode, "_decode_one", lambda i, *rest: (places.append(i), original(i, *rest))
    )
    monkeypatch.setattr(loading, "_FEW_BYTES", 0)
    return places


def load(house: House, cities: list[str], minutes: int, depends: str = "x") -> list[str]:
    """A feed's list of places in these cities comes; returns the cities in core."""

    listed = [{**location(n), "city": city, "evses": []} for n, city in enumerate(cities)]
    (house.folder / "feed.json").write_text(json.dumps(listed))
    house.pull(FEED, NOW + timedelta(minutes=minutes), full=True)
    cache = DecodeCache(house.folder / "cache", depends)
    load_waiting(house.warehouse, Loading(house.landing, str, NoProgress(), cache=cache))
    return [row[0] for row in house.rows("select city from core.locations order by id")]


def test_a_later_list_is_decoded_where_it_differs(house: House, decoded: list[int]) -> None:
    assert load(house, ["Delft", "Gouda", "Breda"], 0) == ["Delft", "Gouda", "Breda"]
    assert decoded == [0, 1, 2]
    decoded.clear()
    assert load(house, ["Delft", "Ede", "Breda", "Goes"], 1) == ["Delft", "Ede", "Breda", "Goes"]
    assert decoded == [1, 3]


@pytest.mark.parametrize("how", ["torn", "gone", "other sources", "no folder"])
def test_a_cache_that_cannot_be_used_is_as_if_it_were_not_there(
    how: str,
    house: House,
    decoded: list[int],
) -> None:
    load(house, ["Delft", "Gouda"], 0)
    (file,) = (house.folder / "cache").rglob(f"{LOCATIONS.name}.arrow")
    if how == "torn":
        file.write_bytes(file.read_bytes()[:100])
    elif how == "gone":
        for each in file.parent.iterdir():
            each.unlink()
    elif how == "no folder":
        for each in file.parent.iterdir():
            each.unlink()
        file.parent.rmdir()
        file.parent.touch()  # what cannot be written costs nothing but the cache
    decoded.clear()
    depends = "y" if how == "other sources" else "x"
    assert load(house, ["Delft", "Ede"], 1, depends) == ["Delft", "Ede"]
    assert decoded == [0, 1]
