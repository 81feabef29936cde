"""What more workers make of a run: partners shared out over one landing, one lake, one book.

    python -m benchmarks.workers [--cdrs 20000] [--workers 1,2,4]

The four sandbox partners; every worker is a process with a home of its own. PostgreSQL (Debian's
package) and the object store are on this machine and take their share of it, so that the ratio
says how far workers help each other, not how fast a cluster is.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.config.home import PSEUDONYM_KEY, Home
from pipelines.config.loading import load_partners
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from tests.lake import postgres
from tests.lake.worker import WORLD_NOW
from tests.object_store import object_store


def measure(count: int, partners: sandbox.Sandbox, folder: Path) -> None:
    """Print what so many workers take for one run of all partners."""
    server = postgres.shared()
    catalogue, decisions = (server.create(server.new_name()) for _ in range(2))
    with object_store() as (address, _):
        settings = (
            f"warehouse: {{ducklake: '{catalogue}', data: '{folder}/lake'}}\n"
            f"landing: 's3://landing/r?region=local&scheme=http&endpoint_override={address}'\n"
            f"decisions: '{decisions}'\n"
        )
        homes = [Home(folder / str(number)) for number in range(count)]
        for home in homes:
            home.create()
            home.settings.write_text(settings, encoding="utf-8")
            home.partners.write_text(sandbox.partners_yaml(partners.partners), encoding="utf-8")
        names = [partner.name for partner in load_partners(homes[0].partners).asked]
        environ = {
            **os.environ,
            **partners.environ,
            "AWS_ACCESS_KEY_ID": "somebody",
            "AWS_SECRET_ACCESS_KEY": "nothing secret",
            PSEUDONYM_KEY: "k" * 40,
        }
        began, used = time.perf_counter(), _processor_s()
        workers = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.lake.worker", str(home.path)),
                    *(",".join(names[number::count]), str(number), "0"),
                ],
                env=environ,
            )
            for number, home in enumerate(homes)
        ]
        if any(worker.wait() for worker in workers):
            raise SystemExit("a worker failed")
        print(
            f"{count} workers: {time.perf_counter() - began:.1f} s, "
            f"{_processor_s() - used:.1f} s of their processor time",
            flush=True,
        )


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cdrs", type=int, default=20_000)
    parser.add_argument(
        "--workers", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4]
    )
    asked = parser.parse_args()
    options = Options(now=WORLD_NOW, cdrs=asked.cdrs, scenario="clean")
    with sandbox.start(options) as there, tempfile.TemporaryDirectory() as place:
        for number in asked.workers:
            measure(number, there, Path(place) / f"of {number}")
