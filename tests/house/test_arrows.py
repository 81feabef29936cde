"""Who may import whom: from the world to the models, never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WORLD = {"pipelines", "dashboards", "dagster", "duckdb", "httpx", "streamlit", "sqlite3", "socket"}
WORLD |= {"subprocess", "asyncio", "urllib.request", "http"}
CHANCE = {"random", "secrets", "time", "uuid"}
CLOCKS = {"now", "utcnow", "today"}

FORBIDDEN = {
    "models": WORLD | CHANCE,
    "pipelines/ocpi": {
        "dagster",
        "duckdb",
        "polars",
        "pipelines.config",
        "pipelines.landing",
        "pipelines.warehouse",
        "pipelines.cli",
        "dashboards",
    },
    "pipelines/feeds": {
        "dagster",
        "duckdb",
        "pipelines.config",
        "pipelines.landing",
        "pipelines.warehouse",
        "pipelines.cli",
        "dashboards",
    },
    "pipelines/invoices": {"dagster", "duckdb", "httpx", "pipelines.config", "dashboards"},
    "pipelines/config": {"dagster", "duckdb", "httpx", "polars", "dashboards"},
    "pipelines/warehouse": {"dagster", "httpx", "pipelines.ocpi", "dashboards"},
    # The sandbox bills as an operator would; sharing the engine's code would hide its faults.
    "pipelines/sandbox": {"dagster", "duckdb", "models.rating", "pipelines.ocpi", "dashboards"},
    "pipelines": {"dashboards", "streamlit"},
}


#: The rooms of `pipelines`, floor by floor: a room imports from floors below its own only.
FLOORS = (
    {"config", "ocpi", "exports", "sandbox"},
    {"landing", "decisions"},
    {"feeds", "invoices", "warehouse"},
    {"ingest", "stages"},
    {"alerts"},
    {"orchestration", "receiver"},
    {"upkeep"},
    {"cli"},
)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def breaches(source: str, forbidden: set[str]) -> set[str]:
    return {
        module
        for module in imported(ast.parse(source))
        for package in forbidden
        if within(module, package)
    }


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_nothing_is_imported_against_the_arrows(folder: str) -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in files(folder)
        if (wrong := breaches(path.read_text(encoding="utf-8"), FORBIDDEN[folder]))
    }
    assert not found


def test_every_room_of_pipelines_stands_on_a_floor() -> None:
    rooms = {path.parent.name for path in (ROOT / "pipelines").glob("*/__init__.py")}
    assert rooms == set.union(*FLOORS)


def test_no_arrow_within_pipelines_runs_up_or_level() -> None:
    found = {}
    below: set[str] = set()
    for floor in FLOORS:
        for room in floor:
            above = {f"pipelines.{other}" for other in set.union(*FLOORS) - below - {room}}
            for path in files(f"pipelines/{room}"):
                if wrong := breaches(path.read_text(encoding="utf-8"), above):
                    found[str(path.relative_to(ROOT))] = wrong
        below |= floor
    assert not found


def test_no_model_reads_a_clock() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("models")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]
    assert not found


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("import duckdb", {"duckdb"}),
        ("from pipelines import config", {"pipelines", "pipelines.config"}),
        ("def f():\n    import httpx._client", {"httpx._client"}),
        ("import duckdbish, datetime", set()),
    ],
)
def test_the_check_itself_sees_what_it_should(source: str, wrong: set[str]) -> None:
    assert breaches(source, FORBIDDEN["models"]) == wrong
