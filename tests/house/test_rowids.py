"""Rows are known by `rowid` where they were committed before: only those of `core`.

In a lake, rows of the open transaction share numbers: those in its catalogue and those in files.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = ("recon", "settle")
QUERIES = [path for stage in STAGES for path in sorted((ROOT / "models/sql" / stage).glob("*.sql"))]
_ROWID = re.compile(r"(?:(\w+)\.)?\browid\b")
_COMMENT = re.compile(r"--[^\n]*")


def numbered_tables(text: str) -> set[str]:
    """Return the tables, by stage and name, whose rows a query knows by their number."""
    text = _COMMENT.sub("", text)
    found: set[str] = set()
    for alias in _ROWID.findall(text):
        called = rf"\b(?:from|join)\s+(\w+\.\w+)\s+as\s+{alias}\b"
        follows = r"\browid\b[^;]*?\bfrom\s+(\w+\.\w+)"
        found |= set(re.findall(called if alias else follows, text))
    return found


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("select c.rowid as n from core.cdrs as c -- l.rowid", {"core.cdrs"}),
        ("select l.rowid from settle.statement_lines as l", {"settle.statement_lines"}),
        ("select rowid as n, lower(id) from settle.disputes", {"settle.disputes"}),
        ("select l.id from settle.statement_lines as l", set()),
    ],
)
def test_such_tables_are_found(query: str, tables: set[str]) -> None:
    assert numbered_tables(query) == tables


def test_only_rows_of_core_are_known_by_number() -> None:
    tables = {path.name: numbered_tables(path.read_text("utf-8")) for path in QUERIES}
    others = {
        name: [t for t in found if not t.startswith("core.")] for name, found in tables.items()
    }
    assert {name: found for name, found in others.items() if found} == {}
