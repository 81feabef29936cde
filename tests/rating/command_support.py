"""CDRs and tariffs in files, and the commands run on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

TARIFF = {
    "country_code": "NL", "party_id": "VOL", "id": "T", "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "FLAT", "price": 0.5, "vat": 21, "step_size": 1},
                              {"type": "ENERGY", "price": 0.25, "vat": 21, "step_size": 1}]}
    ],
    "last_updated": "2026-01-01T00:00:00Z",
}  # fmt: skip
CDR = {
    "country_code": "NL", "party_id": "VOL", "id": "C1", "session_id": "S1",
    "start_date_time": "2026-10-05T08:00:00Z", "end_date_time": "2026-10-05T09:00:00Z",
    "cdr_token": {"country_code": "NL", "party_id": "EMS", "uid": "1", "type": "RFID",
                  "contract_id": "2"},
    "auth_method": "WHITELIST",
    "cdr_location": {"id": "L", "country": "NLD", "evse_uid": "E", "evse_id": "NL*VOL*E1",
                     "connector_id": "1", "coordinates": {"latitude": "52.1", "longitude": "4.9"}},
    "currency": "EUR", "tariffs": [TARIFF],
    "charging_periods": [{"start_date_time": "2026-10-05T08:00:00Z", "tariff_id": "T",
                          "dimensions": [{"type": "ENERGY", "volume": 10}]}],
    "total_cost": {"excl_vat": 3.00, "incl_vat": 3.63},
    "total_energy": 10, "total_time": 1, "last_updated": "2026-10-05T10:00:00Z",
}  # fmt: skip


def run(command: Any, *arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def write_file(folder: Path, name: str, text: str | Any) -> Path:
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path
