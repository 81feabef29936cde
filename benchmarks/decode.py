"""How fast one page after another of CDRs is decoded to finished frames, on one core.

    POLARS_MAX_THREADS=1 python -m benchmarks.decode [--cdrs 100000] [--page 1000]

The CDRs are 2.2.1, about 2.3 kB each: an embedded tariff (one of 200), four charging periods.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from models.ocpi.decode import decode_pages
from models.ocpi.decoded import PageContext

TARIFFS = 200
PERIODS = 4
_DECODER = msgspec.json.Decoder()
_START = datetime(2026, 10, 1, tzinfo=UTC)


def tariff(number: int, rng: random.Random) -> dict[str, object]:
    """One tariff of two elements: a start fee with energy by the hour of day, parking at night."""
    price = f"0.{rng.randint(25, 79)}"
    return {
        "country_code": "NL",
        "party_id": "VOL",
        "id": f"VOL-PUBLIC-{number:04}",
        "currency": "EUR",
        "type": "REGULAR",
        "elements": [
            {
                "price_components": [
                    {"type": "ENERGY", "price": float(price), "vat": 21.0, "step_size": 1},
                    {"type": "TIME", "price": 0.5, "vat": 21.0, "step_size": 60},
                ],
                "restrictions": {"start_time": "07:00", "end_time": "22:00"},
            },
            {"price_components": [{"type": "FLAT", "price": 0.35, "vat": 21.0, "step_size": 1}]},
        ],
        "last_updated": "2026-09-01T00:00:00Z",
    }


def periods(start: datetime, tariff_id: object, energy: list[Decimal]) -> list[dict[str, object]]:
    """A quarter of an hour of charging for each amount of energy, then half an hour of parking."""
    charging = [
        [
            {"type": "ENERGY", "volume": float(kwh)},
            {"type": "TIME", "volume": 0.25},
            {"type": "MAX_POWER", "volume": 11.0},
        ]
        for kwh in energy
    ]
    return [
        {
            "start_date_time": _shown(start + timedelta(minutes=15 * i)),
            "dimensions": dimensions,
            "tariff_id": tariff_id,
        }
        for i, dimensions in enumerate([*charging, [{"type": "PARKING_TIME", "volume": 0.5}]])
    ]


def location(evse: int) -> dict[str, object]:
    """The CdrLocation of one of 5,000 EVSEs."""
    return {
        "id": f"LOC-{evse // 4:06}",
        "name": "Parkeerterrein Stationsplein Noord",
        "address": "Stationsplein 12",
        "city": "Amersfoort",
        "postal_code": "3818 LE",
        "country": "NLD",
        "coordinates": {"latitude": "52.153410", "longitude": "5.374790"},
        "evse_uid": f"EVSE-{evse:06}",
        "evse_id": f"NL*VOL*E{evse:06}",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    }


def token(person: int) -> dict[str, object]:
    """The CdrToken of one of 2,000 people."""
    return {
        "country_code": "NL",
        "party_id": "EMS",
        "uid": f"04{person:012X}",
        "type": "RFID",
        "contract_id": f"NL-EMS-C{person:08}-X",
    }


def cdr(
    number: int,
    tariffs: list[dict[str, object]],
    rng: random.Random,
    *,
    evses: int = 5_000,
    tokens: int = 2_000,
) -> dict[str, object]:
    """One CDR of four periods, the last of them parking, at one of so many EVSEs."""
    start = _START + timedelta(seconds=rng.randrange(30 * 86_400))
    used = tariffs[rng.randrange(len(tariffs))]
    energy = [Decimal(rng.randrange(100, 15_000)).scaleb(-3) for _ in range(PERIODS - 1)]
    evse = rng.randrange(evses)
    net = (sum(energy) * Decimal("0.45")).quantize(Decimal("0.0001"))
    price = {"excl_vat": float(net), "incl_vat": float(net * Decimal("1.21"))}
    return {
        "country_code": "NL",
        "party_id": "VOL",
        "id": f"CDR-{number:012}",
        "start_date_time": _shown(start),
        "end_date_time": _shown(start + timedelta(minutes=75)),
        "session_id": f"SESSION-{number:012}",
        "cdr_token": token(rng.randrange(tokens)),
        "auth_method": "WHITELIST",
        "cdr_location": location(evse),
        "meter_id": f"METER-{evse:08}",
        "currency": "EUR",
        "tariffs": [used],
        "charging_periods": periods(start, used["id"], energy),
        "total_cost": price,
        "total_fixed_cost": {"excl_vat": 0.35, "incl_vat": 0.4235},
        "total_energy": float(sum(energy)),
        "total_energy_cost": price,
        "total_time": 1.25,
        "total_parking_time": 0.5,
        "invoice_reference_id": "INV-2026-10",
        "credit": False,
        "last_updated": _shown(start + timedelta(minutes=80)),
    }


def pages(cdrs: int, page: int, seed: int = 1) -> Iterator[list[bytes]]:
    """Pages of CDRs as JSON bytes."""
    rng = random.Random(seed)
    tariffs = [tariff(i, rng) for i in range(TARIFFS)]
    for first in range(0, cdrs, page):
        numbers = range(first, min(first + page, cdrs))
        yield [json.dumps(cdr(n, tariffs, rng), separators=(",", ":")).encode() for n in numbers]


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    """Decode the pages and print objects per second, bytes per object and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=100_000)
    parser.add_argument("--page", type=int, default=1_000)
    args = parser.parse_args()
    context = PageContext(
        partner="voltix",
        module="cdrs",
        version="2.2.1",
        page_id="page",
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        own_party=("NL", "VOL"),
        pseudonym=lambda uid: f"h{hash(uid):x}",
    )
    decoding = strict = 0.0
    size = objects = rows = 0
    for page in pages(args.cdrs, args.page):
        strict += _cpu_seconds(lambda page=page: [_DECODER.decode(raw) for raw in page])
        started = time.process_time()
        decoded = decode_pages([(page, context)])
        decoding += time.process_time() - started
        size += sum(map(len, page))
        objects += decoded.object_count
        rows += decoded.frames["core.charging_periods"].height
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{objects:,} CDRs of {size // objects:,} bytes, {rows:,} periods, peak {peak:,.0f} MB")
    print(f"decoded to frames: {objects / decoding:,.0f} CDRs per CPU second")
    print(f"parsed by msgspec, nothing kept: {objects / strict:,.0f} CDRs per CPU second")


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
