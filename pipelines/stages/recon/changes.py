"""What a later run must look at again: the CDRs that something changed for, and their neighbours.

The last run left what it had seen in `recon.inputs`: the pages behind the tables, and hashes of
what is not told by pages. What is new against that touches CDRs; those that may be judged
otherwise because of them (same session, same EVSE or token, credits) come into focus too. What is
in focus is told to settlement (`recon.changed`).
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
from pipelines.stages.recon.queries import EVSE_KEY, statement
from pipelines.stages.recon.terms import Terms
from pipelines.warehouse.sql_files import fetch_int, row_count

#: Raised when facts are gathered or judged in another way: everything is judged anew.
JUDGEMENT_VERSION = 2
_LARGE_SHARE = 2
_NEAR_S = 120
#: What of `recon_seen_new` and `recon_seen_gone` touches CDRs by which statement.
_TOUCHES = {
    "core.sessions": "touched_by_sessions",
    "core.cdr_conflicts": "touched_by_conflicts",
    "core.tokens": "touched_by_tokens",
    "blocked": "touched_by_tokens",
    "core.evse_status": "touched_by_statuses",
    "place": "touched_by_places",
    "offer": "touched_by_places",
    "tariff": "touched_by_tariffs",
    "invoice": "touched_by_invoices",
}
#: What only ever grows: if any of it is gone, everything is judged anew.
_GROWING = ("core.cdrs", "core.cdr_conflicts")
_EMPTY = "0/0"


@dataclass(frozen=True)
class Focus:
    """What a run looks at.

    Args:
        peers: condition on `core.cdrs as c`: charges whose prices are compared.
        made: the temporary tables there are now.
    """

    peers: str
    made: tuple[str, ...]


def put_focus(
    con: duckdb.DuckDBPyConnection, terms: Terms, amounts: pl.DataFrame, as_of: datetime
) -> Focus:
    """Make `recon_claims` and `recon_focus`, and forget what is to be judged anew.

    Args:
        con: with the terms and `recon_offers` in place.
        terms: what was agreed with each partner.
        amounts: what invoices are over.
        as_of: the moment the warehouse shows.
    """
    before = dict(
        con.execute(
            "select source, value from recon.inputs where source in ('terms', 'rating')"
        ).fetchall()
    )
    agreed, rating = _terms_digest(con, terms, amounts), _digest(con, "rating_digest")
    con.execute(statement("seen_now"), {"terms": agreed, "rating": rating})
    con.execute(statement("seen_new", target="recon_seen_new", now="recon_seen_now",
                          before="recon.inputs"))  # fmt: skip
    con.execute(statement("seen_new", target="recon_seen_gone", now="recon.inputs",
                          before="recon_seen_now"))  # fmt: skip
    for name in ("credits", "cancelled"):
        con.execute(statement(name))
    made = ["recon_seen_now", "recon_seen_new", "recon_seen_gone"]
    made += ["recon_credits", "recon_cancelled", "recon_claims", "recon_focus"]
    focus = None
    if before.get("terms") == agreed and _cdrs_only_came(con):
        _touch(con, before.get("rating", _EMPTY), rating, as_of)
        made.append("recon_touched")
        focus = _narrow(con)
    if focus is None:
        focus = _everything(con)
    con.execute("delete from recon.inputs")
    con.execute(f"insert into {RECON_INPUTS.name} select source, value from recon_seen_now")  # noqa: S608 - declared name
    return Focus(focus.peers, (*made, *focus.made))


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
    """Whether all that was there before still is: only an erasure or a rewind takes any away."""
    gone = "select count(*) from recon_seen_gone as g where list_contains($growing, g.source)"
    if fetch_int(con, gone, {"growing": list(_GROWING)}):
        return False
    known, judged = con.execute(statement("known_counts")).fetchall()[0]
    return bool(known == judged and judged)


def _touch(con: duckdb.DuckDBPyConnection, before: str, now: str, as_of: datetime) -> None:
    """Make `recon_touched`."""
    changes = "select source from recon_seen_new union select source from recon_seen_gone"
    changed = {row[0] for row in con.execute(changes).fetchall()}
    con.execute(statement("touched_by_cdrs"))
    if fetch_int(con, statement("due"), {"as_of": as_of}):
        con.execute(statement("touched_by_time"), {"as_of": as_of})
    for name in dict.fromkeys(name for source, name in _TOUCHES.items() if source in changed):
        con.execute(statement(name))
    if not _same_prices(before, now, _digest(con, "rating_digest_new")):
        con.execute(statement("touched_by_price"))


def _same_prices(before: str, now: str, new: str) -> bool:
    """Whether the prices there were before are unchanged: those of new CDRs taken out."""
    counts, digests = zip(*(map(int, text.split("/")) for text in (before, now, new)), strict=True)
    return bool(counts[0] + counts[2] == counts[1] and digests[0] ^ digests[2] == digests[1])


def _near_us(con: duckdb.DuckDBPyConnection) -> int:
    """How far apart two CDRs may start and still be for one session, or copies; microseconds."""
    near_s = con.execute("select max(near_start_s) from recon_terms").fetchall()[0][0]
    return max(_NEAR_S, near_s or 0) * 1_000_000


def _narrow(con: duckdb.DuckDBPyConnection) -> Focus | None:
    """Focus on what was touched and what is next to it; None: that is most of it."""
    if not row_count(con, "recon_touched"):
        _put_claims(con, "false")
        con.execute(statement("focus", condition="false"))
        return Focus("false", ())
    near = {"near_us": _near_us(con)}
    con.execute(statement("keys", evse_key=EVSE_KEY))
    con.execute(statement("linked"), near)
    con.execute(statement("followed"))
    con.execute(statement("focus_changed"), near)
    made = ("recon_keys", "recon_linked", "recon_followed", "recon_focus_n")
    if not _is_small(con):
        for table in made:
            con.execute(f"drop table {table}")
        return None
    con.execute(statement("scope"), near)
    con.execute(statement("peer_scope"))
    _put_claims(con, "c.rowid in (select s.n from recon_scope as s)")
    con.execute(statement("focus", condition="c.rowid in (select f.n from recon_focus_n as f)"))
    for name in ("forget_cdrs", "forget_findings", "changed"):
        con.execute(statement(name))
    peers = "c.rowid in (select s.n from recon_peer_scope as s)"
    return Focus(peers, (*made, "recon_scope", "recon_peer_scope"))


def _is_small(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether looking at the changes alone is less work than looking at everything."""
    query = "select (select count(*) from recon_focus_n), (select count(*) from core.cdrs)"
    focus, total = con.execute(query).fetchall()[0]
    return bool(focus * _LARGE_SHARE < total)


def _everything(con: duckdb.DuckDBPyConnection) -> Focus:
    _put_claims(con, "true")
    con.execute(statement("focus", condition="true"))
    con.execute("delete from recon.cdrs")
    con.execute("delete from recon.findings")
    con.execute("delete from recon.changed")
    con.execute("insert into recon.changed values ('*', '*', '*', '*')")
    return Focus("true", ())


def _put_claims(con: duckdb.DuckDBPyConnection, condition: str) -> None:
    con.execute(statement("claims", target="recon_claims", evse_key=EVSE_KEY, condition=condition))
