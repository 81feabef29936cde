"""Plans of our queries: none may hold each row of one table against each of another.

Such a plan is quick in every test, and over a million rows it does not end. So each query that is a
file is planned once by each worker of a test run, where it is first executed: with the tables that
it finds there and the values that it is given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "rating", "recon", "settle", "marts")
#: Joins without a key; which of them is chosen hangs on how many rows there are.
_WITHOUT_KEY = {
    *("BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "IE_JOIN", "NESTED_LOOP_JOIN"),
    "PIECEWISE_MERGE_JOIN",
}
_OF_ONE_ROW = {"DUMMY_SCAN", "UNGROUPED_AGGREGATE"}
_AS_MANY_ROWS = {"FILTER", "PROJECTION"}

#: Query → how many joins of it may be so, and what of each is few however much there is.
SMALL: dict[str, tuple[int, str]] = {
    "marts/availability_daily": (1, "two bases"),
    "marts/availability_totals": (3, "two bases, four windows"),
    "marts/availability_windows": (1, "four windows"),
    "marts/charging_hours": (1, "the hours of four weeks"),
    "marts/utilisation_open": (1, "the hours of a week"),
    "settle/create_day_rates": (1, "days on which anything is booked"),
    "settle/insert_exchange_differences": (2, "the reporting currency"),
    "settle/insert_reversal_differences": (1, "the reporting currency"),
    "settle/insert_journal": (2, "the reporting currency, a country's tax rates"),
}


class Watch:
    """Plans the queries that are executed, each once.

    `found`: what is wrong with them, one line each.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        self._planned: set[str] = set()

    def plan(self, con: duckdb.DuckDBPyConnection, text: object, values: Any) -> None:
        """Plan a query that is about to be executed."""
        name = file_names().get(text) if isinstance(text, str) else None
        if name is None or name in self._planned:
            return
        self._planned.add(name)
        joins = nested_joins(con, str(text), values)
        if len(joins) > SMALL.get(name, (0, ""))[0]:
            self.found.append(f"{name} holds each row against each: {'; '.join(joins)}")


@cache
def file_names() -> dict[str, str]:
    """Return the text of each query that is a file → its name."""
    places = [place for room in ROOMS for place in (ROOT / "models" / "sql" / room).glob("*.sql")]
    return {
        place.read_text(encoding="utf-8"): f"{place.parent.name}/{place.stem}" for place in places
    }


def nested_joins(con: duckdb.DuckDBPyConnection, text: str, values: Any = None) -> list[str]:
    """Return the joins of a query that hold each row against each, of more than one row."""
    rows = _execute(con, f"explain (format json) {text}", values).fetchall()
    return [_described(join) for _, plan in rows for join in _nested(json.loads(plan))]


def _nested(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        sides = node["children"]
        if node["name"] in _WITHOUT_KEY and not (_has_key(node) or any(map(_is_one_row, sides))):
            yield node
        yield from _nested(sides)


def _has_key(join: dict[str, Any]) -> bool:
    """Tell whether a join has a key nevertheless: `asof` joins of few rows are planned so."""
    stated = join["extra_info"].get("Conditions", [])
    conditions = [stated] if isinstance(stated, str) else stated
    return any(" = " in each or " NOT DISTINCT FROM " in each for each in conditions)


def _is_one_row(node: dict[str, Any]) -> bool:
    if node["name"] in _AS_MANY_ROWS:
        return _is_one_row(node["children"][0])
    return node["name"] in _OF_ONE_ROW


def _described(join: dict[str, Any]) -> str:
    sides = (", ".join(sorted(_tables(side))) or "rows made" for side in join["children"])
    return f"{join['name']} of {' with '.join(sides)}"


def _tables(node: dict[str, Any]) -> set[str]:
    named = {node["extra_info"]["Table"]} if "Table" in node["extra_info"] else set()
    return named.union(*map(_tables, node["children"]))


_execute = duckdb.DuckDBPyConnection.execute
_sql = duckdb.DuckDBPyConnection.sql
WATCH = Watch()


def watch() -> None:
    """Let the engine plan every query of a file before this process executes it."""

    def execute(con: duckdb.DuckDBPyConnection, query: Any, parameters: Any = None) -> Any:
        WATCH.plan(con, query, parameters)
        return _execute(con, query, parameters)

    def sql(con: duckdb.DuckDBPyConnection, query: Any, **options: Any) -> Any:
        WATCH.plan(con, query, options.get("params"))
        return _sql(con, query, **options)

    for name, watched in (("execute", execute), ("sql", sql)):
        setattr(duckdb.DuckDBPyConnection, name, watched)
