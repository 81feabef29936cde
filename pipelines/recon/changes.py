"""What a later run must look at again: the CDRs that something changed for, and their neighbours.

The last run left what it had seen in `recon.inputs`: the pages behind the tables, and hashes of
what is not told by pages. What is new against that touches CDRs; those that may be judged
otherwise because of them (same session, same connector or token, credits) come into focus too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from models.contract import Contract
from models.recon.registry import RULES
from models.tables import RECON_INPUTS
from pipelines.recon.statements import statement
from pipelines.recon.terms import Terms

#: Raised when facts are gathered or judged in another way: everything is judged anew.
JUDGEMENT_VERSION = 1
_LARGE_SHARE = 2
_NEAR_S = 120
#: What of `recon_seen_new` touches CDRs by which statement.
_TOUCHES = {
    "core.sessions": "touched_by_sessions",
    "core.cdr_conflicts": "touched_by_conflicts",
    "core.tokens": "touched_by_tokens",
    "blocked": "touched_by_tokens",
    "core.evse_status": "touched_by_statuses",
    "place": "touched_by_places",
    "invoice": "touched_by_invoices",
}
_EMPTY = "0/0"


@dataclass(frozen=True)
class Seen:
    """What a run sees: `recon_seen_now` in words.

    Args:
        terms: hash of the rules, the contracts and what each connection offers.
        rating: number and digest of all prices.
    """

    terms: str
    rating: str


def put_focus(
    con: duckdb.DuckDBPyConnection, terms: Terms, amounts: pl.DataFrame, as_of: datetime
) -> list[str]:
    """Make `recon_all`, `recon_claims` and `recon_focus`, and forget what is to be judged anew.

    Args:
        con: with the terms and `recon_offers` in place.
        terms: what was agreed with each partner.
        amounts: what invoices are over.
        as_of: the moment the warehouse shows.

    Returns:
        The names of the temporary tables.
    """
    con.execute(statement("claims", target="recon_all"))
    before = dict(
        con.execute(
            "select source, value from recon.inputs where source in ('terms', 'rating')"
        ).fetchall()
    )
    seen = Seen(_terms_digest(con, terms, amounts), _digest(con, "rating_digest"))
    con.execute(statement("seen_now"), {"terms": seen.terms, "rating": seen.rating})
    con.execute(statement("seen_new", target="recon_seen_new", now="recon_seen_now",
                          before="recon.inputs"))  # fmt: skip
    con.execute(statement("seen_new", target="recon_seen_gone", now="recon.inputs",
                          before="recon_seen_now"))  # fmt: skip
    made = ["recon_all", "recon_seen_now", "recon_seen_new", "recon_seen_gone"]
    near_us = _near_us(con)
    known = before.get("terms") == seen.terms and _cdrs_only_came(con)
    if known:
        made += _touch(con, near_us, before.get("rating", _EMPTY), seen.rating, as_of)
    if known and _is_small(con):
        _narrow(con, near_us)
    else:
        con.execute("create temp table recon_claims as select * from recon_all")
        con.execute(statement("focus_all"))
        con.execute("delete from recon.cdrs")
        con.execute("delete from recon.findings")
    con.execute("delete from recon.inputs")
    con.execute(f"insert into {RECON_INPUTS.name} select source, value from recon_seen_now")  # noqa: S608 - declared name
    return [*made, "recon_claims", "recon_focus"]


def _terms_digest(con: duckdb.DuckDBPyConnection, terms: Terms, amounts: pl.DataFrame) -> str:
    partners = [row[0] for row in con.execute("select partner from recon_terms").fetchall()]
    offers = con.execute("select * from recon_offers order by partner").fetchall()
    content = {
        "judgement": JUDGEMENT_VERSION,
        "rules": [(rule.id, rule.version) for rule in RULES],
        "contracts": {
            partner: terms.contracts.get(partner, Contract()).model_dump(mode="json")
            for partner in sorted(partners)
        },
        "parties": {partner: sorted(codes) for partner, codes in sorted(terms.parties.items())},
        "offers": offers,
        "amounts": sorted(map(str, amounts.rows())),
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(con: duckdb.DuckDBPyConnection, name: str) -> str:
    prices, digest = con.execute(statement(name)).fetchall()[0]
    return f"{prices}/{digest}"


def _cdrs_only_came(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the CDRs known before are all still there: only an erasure takes any away."""
    known, judged = con.execute(statement("known_counts")).fetchall()[0]
    return bool(known == judged and judged)


def _touch(
    con: duckdb.DuckDBPyConnection, near_us: int, before: str, now: str, as_of: datetime
) -> list[str]:
    """Make `recon_touched`, `recon_linked` and `recon_focus_n`."""
    changes = "select source from recon_seen_new union select source from recon_seen_gone"
    changed = {row[0] for row in con.execute(changes).fetchall()}
    con.execute(statement("touched_by_cdrs"))
    if _number(con, statement("due"), as_of=as_of):
        con.execute(statement("touched_by_time"), {"as_of": as_of})
    for source, name in _TOUCHES.items():
        if source in changed:
            con.execute(statement(name))
    if not _same_prices(before, now, _digest(con, "rating_digest_new")):
        con.execute(statement("touched_by_price"))
    if _number(con, "select count(*) from recon_touched"):
        con.execute(statement("linked"), {"near_us": near_us})
        con.execute(statement("focus_changed"))
    else:
        con.execute(statement("nothing_touched", target="recon_linked"))
        con.execute(statement("nothing_touched", target="recon_focus_n"))
    return ["recon_touched", "recon_linked", "recon_focus_n"]


def _number(con: duckdb.DuckDBPyConnection, query: str, **values: object) -> int:
    return int(con.execute(query, values).fetchall()[0][0])


def _same_prices(before: str, now: str, new: str) -> bool:
    """Whether the prices there were before are unchanged: those of new CDRs taken out."""
    counts, digests = zip(*(map(int, text.split("/")) for text in (before, now, new)), strict=True)
    return bool(counts[0] + counts[2] == counts[1] and digests[0] ^ digests[2] == digests[1])


def _is_small(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether looking at the changes alone is less work than looking at everything."""
    query = "select (select count(*) from recon_focus_n), (select count(*) from recon_all)"
    focus, total = con.execute(query).fetchall()[0]
    return bool(focus * _LARGE_SHARE < total)


def _near_us(con: duckdb.DuckDBPyConnection) -> int:
    """How far apart two CDRs may start and still be for one session, or copies; microseconds."""
    near_s = con.execute("select max(near_start_s) from recon_terms").fetchall()[0][0]
    return max(_NEAR_S, near_s or 0) * 1_000_000


def _narrow(con: duckdb.DuckDBPyConnection, near_us: int) -> None:
    if _number(con, "select count(*) from recon_focus_n"):
        con.execute(statement("claims_in_scope"), {"near_us": near_us})
    else:
        con.execute("create temp table recon_claims as select * from recon_all limit 0")
    con.execute(statement("focus"))
    con.execute(statement("forget_cdrs"))
    con.execute(statement("forget_findings"))
