"""Libraries that are slow to import, and the commands that do without them.

`roamhouse COMMAND --help`, a usage error and a short answer must not wait for what they do not use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click

from pipelines.cli.main import cli

ROOT = Path(__file__).parents[2]
TARIFF = {
    "country_code": "NL", "party_id": "VOL", "id": "T", "currency": "EUR",
    "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]}],
    "last_updated": "2026-01-01T00:00:00Z",
}  # fmt: skip
CDR = {
    "country_code": "NL", "party_id": "VOL", "id": "C1", "currency": "EUR", "tariffs": [TARIFF],
    "start_date_time": "2026-10-05T08:00:00Z", "end_date_time": "2026-10-05T09:00:00Z",
    "charging_periods": [{"start_date_time": "2026-10-05T08:00:00Z",
                          "dimensions": [{"type": "ENERGY", "volume": 10}]}],
    "total_cost": {"excl_vat": 3.00}, "total_energy": 10,
}  # fmt: skip
SLOW = [
    *("altair", "currency_converter", "dagster", "duckdb", "fpdf", "httpx", "msgspec", "numba"),
    *("numpy", "pandas", "pandera", "polars", "pyarrow", "pydantic", "starlette", "streamlit"),
    *("uvicorn", "xlsxwriter", "zstandard"),
]
#: Each command runs in a copy of one process, so that importing what all need is paid for once.
FORK = """
import json, os, sys
import click
from pipelines.cli import common
from pipelines.cli.main import cli

for arguments in json.loads(sys.argv[1]):
    sys.stdout.flush()
    if os.fork() == 0:
        told = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            cli(arguments)
        except SystemExit:
            pass
        found = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
        os.write(told, (json.dumps([arguments, found]) + "\\n").encode())
        os._exit(0)
    os.wait()
"""


def slow_imports(calls: list[list[str]]) -> dict[str, list[str]]:
    """Return the slow libraries that each call of the command imports."""
    command = [sys.executable, "-c", FORK, json.dumps(calls), json.dumps(SLOW)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    environ.pop("COVERAGE_PROCESS_START", None)
    run = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    return {" ".join(call): found for call, found in map(json.loads, run.stdout.splitlines())}


def test_help_imports_nothing_slow() -> None:
    calls = [[name, "--help"] for name in cli.list_commands(click.Context(cli))]
    found = slow_imports([["--help"], ["--version"], *calls])

    assert {call: slow for call, slow in found.items() if slow} == {}
    assert len(found) == len(calls) + 2


def test_pricing_and_linting_a_file_import_what_they_work_with(tmp_path: Path) -> None:
    cdr = tmp_path / "cdr.json"
    cdr.write_text(json.dumps(CDR))
    tariff = tmp_path / "tariff.json"
    tariff.write_text(json.dumps(TARIFF))
    price, lint = ["price", str(cdr), "--json"], ["lint", str(tariff)]

    assert slow_imports([price, lint]) == {
        " ".join(price): ["msgspec", "numpy", "polars", "pyarrow"],
        " ".join(lint): ["msgspec", "numpy"],
    }
