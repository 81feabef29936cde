"""Mutated objects are stored or refused, by both decoders alike; nothing crashes on them.

`MUTATIONS=100000 pytest tests/ocpi_models/test_mutations.py` tries more than the share of every
run; a seed that fails is named.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from object_samples import (
    CDR,
    CDR_230,
    LOCATION,
    SESSION,
    TARIFF,
    TOKEN,
    context,
    decode_leniently,
)
from polars.testing import assert_frame_equal
from test_ocpi_parties import INVOICE
from test_strict_decoder import VALUES

from models.ocpi.decode import decode_pages
from models.ocpi.envelope import EnvelopeError, read_envelope
from models.ocpi.json.stream import split_stream
from models.ocpi.modules import MODULES
from pipelines.cli.main import cli
from pipelines.ocpi.offer import decoded
from pipelines.stages.rating.files import FileError
from pipelines.stages.rating.pricing import price_file

SHARE = int(os.environ.get("MUTATIONS", "3000"))
TOGETHER = 100
HUB_CLIENT = {
    "country_code": "NL", "party_id": "VOL", "role": "CPO", "status": "CONNECTED",
    "last_updated": "2026-10-03T09:00:00Z",
}  # fmt: skip
SAMPLES: dict[str, list[Any]] = {
    "cdrs": [CDR, CDR_230],
    "sessions": [SESSION],
    "locations": [LOCATION],
    "tariffs": [TARIFF],
    "tokens": [TOKEN],
    "hubclientinfo": [HUB_CLIENT],
    "invoicereconciliation": [INVOICE],
}
#: Beside those of the decoders' tests: what no unit, encoding or calendar holds.
BEYOND: list[Any] = [
    *("9" * 400, 1e308, -1e308, 10**30, -(10**25), "1e999", "-0", float("inf"), float("nan")),
    *("\u0000", "\ud83d", "\udc00", "🚗" * 100, "\uff11\uff12", "\u0663", "=cmd()", "<script>"),
    *("2026-13-01", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "25:00", "24:00"),
    *([[]] * 3, {"": ""}, {"id": {"id": 1}}),
]


def mutations(module: str, count: int, seed: str) -> list[bytes]:
    chance = Random(seed)
    return [mutated(chance, chance.choice(SAMPLES[module])) for _ in range(count)]


def mutated(chance: Random, sample: Any) -> bytes:
    value = copy.deepcopy(sample)
    for _ in range(chance.randint(1, 5)):
        if places := list(places_of(value)):
            change(chance, *chance.choice(places))
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    if chance.randrange(6) == 0:
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw))
            again = bytes(raw[max(0, at - chance.randrange(40)) : at])
            raw[at : at + chance.randint(0, 1)] = chance.choice(
                [b"", bytes([chance.randrange(256)]), again]
            )
    if chance.randrange(12) == 0:
        del raw[chance.randrange(len(raw)) :]
    return bytes(raw)


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with the key or the place of something in it."""
    inside = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for place in inside:
        yield value, place
        yield from places_of(value[place])


def change(chance: Random, container: Any, place: Any) -> None:
    what = chance.randrange(8)
    if what == 0:
        del container[place]
    elif what == 1 and isinstance(container, list):
        container.append(copy.deepcopy(container[place]))
    elif what == 1:
        container[chance.choice([str(place).upper(), "id", "last_updated"])] = container.pop(place)
    else:
        values = [value for value in VALUES if value is not ...]
        container[place] = copy.deepcopy(chance.choice(values + BEYOND))


SEEDS = [
    f"{module}/{place}" for module in SAMPLES for place in range(SHARE // TOGETHER // len(SAMPLES))
]


@pytest.mark.withstands("objects mutated at random", "stored or refused; by two decoders alike")
@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
@pytest.mark.parametrize("module", SAMPLES)
def test_each_object_is_stored_or_refused(module: str, version: str) -> None:
    for seed in [seed for seed in SEEDS if seed.startswith(f"{module}/")]:
        raws = mutations(module, TOGETHER, seed)
        decoded = decode_pages([(raws, context(module, version))])
        stored = decoded.frames[MODULES[module].tables[0]]
        assert stored.height + decoded.quarantined >= len(raws), seed
        leniently = decode_leniently(raws, context(module, version))
        for name, frame in decoded.frames.items():
            assert_frame_equal(frame, leniently.frames[name], check_exact=True)


ENVELOPE = {
    "data": [{"id": "A", "url": "https://x"}, {"id": "B"}], "status_code": 1000,
    "status_message": "OK", "timestamp": "2026-10-01T00:00:00Z", "next": "abc",
}  # fmt: skip


def test_what_stands_around_a_list_is_read_or_refused() -> None:
    for number in range(SHARE):
        body = mutated(Random(f"envelope/{number}"), ENVELOPE)
        with suppress(EnvelopeError):
            decoded(read_envelope(body).objects)
        with suppress(EnvelopeError):
            list(split_stream([body], report=lambda _: None))


def test_a_page_of_them_is_read_or_refused() -> None:
    for seed in SEEDS:
        page = (
            b'{"data": ['
            + b",".join(mutations(seed.split("/")[0], 5, seed))
            + b'], "status_code": 1000}'
        )
        with suppress(EnvelopeError):
            read_envelope(page)


def test_a_file_of_them_is_priced_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "cdrs.ndjson"
    for seed in [seed for seed in SEEDS if seed.startswith("cdrs/")]:
        file.write_bytes(
            b"\n".join(raw.replace(b"\n", b" ") for raw in mutations("cdrs", TOGETHER, seed))
        )
        with suppress(FileError):
            assert sum(one.judged.height + len(one.refused) for one in price_file(file)) > 0


def test_lint_says_something_of_each_or_why_it_cannot(tmp_path: Path) -> None:
    file = tmp_path / "tariff.json"
    for seed in [seed for seed in SEEDS if seed.startswith("tariffs/")]:
        for raw in mutations("tariffs", TOGETHER // 4, seed):
            file.write_bytes(raw)
            result = CliRunner().invoke(cli, ["lint", str(file)])
            assert result.exception is None or isinstance(result.exception, SystemExit), raw
            assert result.exit_code in (0, 1, 2)
