"""Objects that came before give the rows that decoding them again gives, and are not decoded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from object_samples import FETCHED, LOCATION, TARIFF, context
from polars.testing import assert_frame_equal
from test_mutations import mutations

from models.ocpi import decode
from models.ocpi.decode import decode_pages
from models.ocpi.decoded import PageContext
from models.ocpi.row_memory import RowMemory

SAMPLES = {"locations": LOCATION, "tariffs": TARIFF}


def pages(module: str, objects: list[bytes]) -> list[list[tuple[list[bytes], PageContext]]]:
    """Batches of several pages, each fetched a little later."""
    asked = context(module, "2.2.1")
    cuts = [objects[start : start + 7] for start in range(0, len(objects), 7)]
    stamped = [
        (cut, replace(asked, page_id=f"p{n:03}", fetched_at=FETCHED + timedelta(minutes=n)))
        for n, cut in enumerate(cuts)
    ]
    return [stamped[start : start + 3] for start in range(0, len(stamped), 3)]


@pytest.fixture
def decoded_one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    seen: list[bytes] = []
    original = decode._decode_one

    def spy(index: int, raw: Any, *rest: Any) -> None:
        seen.append(bytes(raw))
        original(index, raw, *rest)

    monkeypatch.setattr(decode, "_decode_one", spy)
    return seen


@pytest.mark.parametrize("module", SAMPLES)
def test_lists_that_follow_each_other_are_decoded_alike(
    module: str, decoded_one_by_one: list[bytes]
) -> None:
    chance = Random(module)
    pool = mutations(module, 150, f"known/{module}")
    memory = RowMemory([], {})
    for _ in range(4):
        pool += mutations(module, 20, f"known/{chance.random()}")
        objects = chance.choices(pool, k=chance.choice((3, 60, 120)))
        memory = RowMemory(*memory.following())
        for batch in pages(module, objects):
            plain = decode_pages(batch)
            found = decode_pages(batch, memory)
            assert found.object_count == plain.object_count
            assert found.quarantined == plain.quarantined
            for name, frame in plain.frames.items():
                assert_frame_equal(found.frames[name], frame, check_exact=True)


@pytest.mark.parametrize("module", SAMPLES)
def test_only_what_is_new_or_refused_is_decoded(
    module: str, decoded_one_by_one: list[bytes]
) -> None:
    good, fresh = ([decode.msgspec.json.encode({**SAMPLES[module], "id": i})] for i in ("A", "B"))
    odd = [decode.msgspec.json.encode({**SAMPLES[module], "id": ["C"]})]
    first = RowMemory([], {})
    decode_pages(pages(module, good + odd)[0], first)
    assert decoded_one_by_one == good + odd
    decoded_one_by_one.clear()
    decode_pages(pages(module, odd + fresh + good)[0], RowMemory(*first.following()))
    assert decoded_one_by_one == odd + fresh
