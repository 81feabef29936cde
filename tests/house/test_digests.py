"""A digest of rows that does not depend on their order is one of each row's text.

The engine's hash of several values ends in an exclusive or with the hash of the last one. In an
exclusive or of rows what they share there cancels out: both prices of a CDR could change unseen.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "models" / "sql").rglob("*.sql"))
_SEVERAL_VALUES = re.compile(r"bit_xor\(\s*hash\((?!concat_ws\()")


@pytest.mark.parametrize(
    ("several", "differs"), [("a, b, c", False), ("concat_ws('|', a, b, c)", True)]
)
def test_the_engine_cancels_what_rows_share(several: str, differs: bool) -> None:
    digest = (
        f"select bit_xor(hash({several})) "  # noqa: S608 - our own words
        "from (values ('cdr', 'embedded', $x), ('cdr', 'published', $x)) as t(a, b, c)"
    )
    with duckdb.connect() as con:
        before, after = (con.execute(digest, {"x": x}).fetchall() for x in ("old", "new"))
    assert (before != after) is differs


def test_no_query_makes_such_a_digest_of_several_values() -> None:
    found = [path.name for path in QUERIES if _SEVERAL_VALUES.search(path.read_text("utf-8"))]
    assert found == []
