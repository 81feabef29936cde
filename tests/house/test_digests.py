"""A digest of rows that does not depend on their order is a sum, or one of each row's text.

The engine's hash of several values ends in an exclusive or with the hash of the last one. In an
exclusive or of rows what they share there cancels out: both prices of a CDR could change unseen.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse.sql_files import query

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "models" / "sql").rglob("*.sql"))
_SEVERAL_VALUES = re.compile(r"bit_xor\(\s*hash\((?!concat_ws\()")


@pytest.mark.parametrize(
    ("made", "differs"),
    [
        ("bit_xor(hash(a, b, c))", False),
        ("bit_xor(hash(concat_ws('|', a, b, c)))", True),
        ("sum(hash(c, b, a))", True),
    ],
)
def test_the_engine_cancels_what_rows_share(made: str, differs: bool) -> None:
    digest = (
        f"select {made} "  # noqa: S608 - our own words
        "from (values ('cdr', 'embedded', $x), ('cdr', 'published', $x)) as t(a, b, c)"
    )
    with duckdb.connect() as con:
        before, after = (con.execute(digest, {"x": x}).fetchall() for x in ("old", "new"))
    assert (before != after) is differs


def test_no_query_makes_such_a_digest_of_several_values() -> None:
    found = [path.name for path in QUERIES if _SEVERAL_VALUES.search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "change",
    [
        "update rating.cdrs set input_hash = 'new' where cdr_id = 'A' and source = 'embedded'",
        "update rating.cdrs set input_hash = 'new' where cdr_id = 'A'",
        "update rating.cdrs set input_hash = 'new'",
        "update rating.cdrs set input_hash = if(cdr_id = 'A', 'old B', 'old A')",
        "update rating.cdrs set source = 'agreement' where source = 'embedded'",
        "update rating.cdrs set cdr_id = 'C' where cdr_id = 'A'",
        "update rating.cdrs set partner = 'hub' where cdr_id = 'A'",
        "update rating.cdrs set partner = 'hub'",
        "delete from rating.cdrs where cdr_id = 'A'",
    ],
)
def test_whatever_changes_of_prices_changes_their_digest(change: str) -> None:
    prices = """create table rating.cdrs as
        select 'voltix' as partner, id as cdr_id, source, 'old ' || id as input_hash
        from (values ('A'), ('B')) as i(id), (values ('embedded'), ('published')) as s(source)"""
    digest = query("recon", "rating_digest")
    with duckdb.connect() as con:
        con.execute("create schema rating")
        con.execute(prices)
        before = con.execute(digest).fetchall()
        con.execute(change)
        assert con.execute(digest).fetchall() != before
