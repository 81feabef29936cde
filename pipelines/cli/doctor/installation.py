"""The program itself: Python and the libraries it leans on."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

from pipelines.cli.doctor.results import Check

_LIBRARIES = ("dagster", "duckdb", "polars", "pandera", "httpx", "msgspec", "numba", "pyarrow")


def check_installation(installed: Callable[[str], str] = version) -> Iterator[Check]:
    """Versions of everything that decides how a run behaves.

    Args:
        installed: the version of a distribution; raises PackageNotFoundError without it.
    """
    yield Check("program", "python", "ok", f"Python {platform.python_version()}")
    found: dict[str, str] = {}
    for name in _LIBRARIES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            message = f"{name} is not installed; run `make test` once, or install roamhouse again"
            yield Check("program", name, "fail", message)
    duckdb = found.get("duckdb", "1.5.")
    if not duckdb.startswith("1.5."):
        message = f"DuckDB {duckdb} is installed, 1.5 is expected; install requirements.lock"
        yield Check("program", "duckdb", "warn", message)
    yield Check("program", "libraries", "ok", ", ".join(f"{k} {v}" for k, v in found.items()))
