"""`roamhouse price` over a file: CDRs per second of processor time, net of starting up.

    python -m benchmarks.price [--cdrs 20000] [--rounds 3]

CDRs of about 2.2 kB: an embedded tariff (one of 100), four charging periods; one claim in a hundred
is wrong. What a run over a few CDRs takes, which loads the compiled kernel, is taken off.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from benchmarks.decode import cdr, tariff
from pipelines.cli.price_json import cdr_objects
from pipelines.stages.rating.pricing import price_file

TARIFFS = 100
START = 300  # CDRs of the run that is taken off: enough for the compiled kernel
MODES = {"to totals": (), "every line, --json": ("--json",), "every CDR shown": ("--all",)}


def wire_cdrs(count: int) -> Iterator[dict[str, object]]:
    chance = random.Random(1)
    tariffs = [tariff(number, chance) for number in range(TARIFFS)]
    yield from (cdr(number, tariffs, chance) for number in range(count))


def write_file(path: Path, count: int) -> None:
    """So many CDRs that claim what they should, but for one in a hundred."""
    raw = path.with_suffix(".raw")
    raw.write_text("\n".join(map(json.dumps, wire_cdrs(count))))
    priced = (json.loads(text) for some in price_file(raw) for text in cdr_objects(some))
    with raw.open() as stated, path.open("w") as file:
        for number, (line, price) in enumerate(zip(stated, priced, strict=True)):
            charge = {**json.loads(line), "total_cost": {}}
            charge["total_cost"]["excl_vat"] = float(price["expected_excl_vat"]) + (
                number % 100 == 7
            )
            charge["total_cost"]["incl_vat"] = float(price["expected_incl_vat"])
            for part in price["totals"][2:]:
                stated_part = charge.setdefault(f"total_{part['name']}_cost", {})
                stated_part[f"{part['side']}_vat"] = float(part["expected"])
            file.write(json.dumps(charge, separators=(",", ":")) + "\n")
    raw.unlink()


def processor_time(path: Path, options: tuple[str, ...]) -> tuple[float, int]:
    """Seconds of a run, and its peak memory in MB."""
    command = [sys.executable, "-m", "pipelines.cli.main", "price", str(path), *options]
    # What is installed was compiled to bytecode, whatever this environment says.
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ)
    _, status, used = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.ndjson", Path(folder) / "many.ndjson"
        for path, count in ((few, START), (many, options.cdrs)):
            # Beside us, as what a process had of memory counts as its children's.
            writer = get_context("spawn").Process(target=write_file, args=(path, count))
            writer.start()
            writer.join()
        one = Path(folder) / "one.json"
        one.write_text(many.read_text().partition("\n")[0])
        size = many.stat().st_size // options.cdrs
        alone = min(processor_time(one, ())[0] for _ in range(options.rounds))
        print(f"{options.cdrs:,} CDRs of {size:,} bytes; one CDR alone takes {alone:.2f} s")
        for name, mode in MODES.items():
            start = min(processor_time(few, mode)[0] for _ in range(options.rounds))
            runs = [processor_time(many, mode) for _ in range(options.rounds)]
            net = min(run[0] for run in runs) - start
            rate = (options.cdrs - START) / net
            print(f"{name}: {rate:,.0f} CDRs/s, {net + start:.2f} s, peak {runs[0][1]} MB")


if __name__ == "__main__":
    main()
