"""The focus of a later run: the CDRs that something changed for, and their neighbours.

The last run left what it had seen in `recon.inputs`: the pages behind the tables, and hashes of
what no page tells. What is new against that touches CDRs; those that may be judged otherwise
because of them (same session, same EVSE or token, credits) come into focus too. `recon.changed`
names those in focus to settlement.
"""

import hashlib
import json
from datetime import datetime

from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.tables.recon import RECON_INPUTS
from pipelines.stages.recon import execute, query
from pipelines.stages.recon.terms import Terms
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import fetch_int, row_count

#: Where the source of verdicts lies: if any of it changes, everything is judged anew.
_SOURCES = ("models/recon", "models/sql/recon", "models/tables/recon.py", "pipelines/stages/recon")
_LARGE_SHARE = 2
_NEAR_S = 120
#: What of `recon_inputs_new` and `recon_inputs_gone` touches CDRs by which query.
_TOUCHES = {
    "core.sessions": "touched_by_sessions",
    "core.cdr_conflicts": "touched_by_conflicts",
    "core.tokens": "touched_by_tokens",
    "core.token_states": "touched_by_tokens",
    "blocked": "touched_by_tokens",
    "core.evse_status": "touched_by_statuses",
    "place": "touched_by_places",
    "offer": "touched_by_places",
    "tariff": "touched_by_tariffs",
    "invoice": "touched_by_invoices",
    "audit": "touched_by_audit",
}
#: What only ever grows: if any of it is gone, everything is judged anew.
_GROWING = ("core.cdrs", "core.cdr_conflicts")
_EMPTY = "0/0"


def create_focus_table(con: DuckDB, terms: Terms, as_of: datetime) -> bool:
    """Create `recon_focus`, the CDRs to judge, and forget what was said of them.

    `recon_scope` then holds all that they are set against, `recon_peer_scope` those whose prices
    theirs are compared with.

    `con`: with the contracts and `recon_offers` in place.

    Returns:
        Whether the focus is narrow: on what changed since the last reconciliation.
    """
    before = dict(
        con.execute(
            "select source, value from recon.inputs where source in ('terms', 'rating', 'ahead')"
        ).fetchall()
    )
    agreed, rating = _terms_digest(con, terms), _digest(con, "rating_digest")
    execute(con, "inputs_now", {"terms": agreed, "rating": rating, "as_of": as_of})
    for name in ("inputs_new", "inputs_gone", "credits", "cancellations"):
        execute(con, name)
    # What was judged by a clock that was ahead does not change back by itself.
    same_clock = before.get("ahead") == _ahead(con)
    narrow = before.get("terms") == agreed and same_clock and _all_cdrs_remain(con)
    if narrow:
        _touch(con, before.get("rating", _EMPTY), rating, as_of)
    narrow = narrow and _narrow_focus(con)
    if not narrow:
        _focus_on_everything(con)
    con.execute("delete from recon.inputs")
    con.execute(f"insert into {RECON_INPUTS.name} by name from recon_inputs_now")
    return narrow


def _terms_digest(con: DuckDB, terms: Terms) -> str:
    partners = [row[0] for row in con.execute("select partner from recon_terms").fetchall()]
    offers = con.execute("select * from recon_offers order by partner").fetchall()
    content = {
        "source": source_digest(*_SOURCES),
        "contracts": {
            partner: terms.contracts.get(partner, Contract()).model_dump(mode="json")
            for partner in sorted(partners)
        },
        "parties": {partner: sorted(codes) for partner, codes in sorted(terms.parties.items())},
        "offers": offers,
        "left": sorted(terms.left),
        "hubs": sorted(terms.hubs),
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _ahead(con: DuckDB) -> str | None:
    rows = con.execute("select value from recon_inputs_now where source = 'ahead'").fetchall()
    return rows[0][0] if rows else None


def _digest(con: DuckDB, name: str) -> str:
    prices, digest = con.execute(query(name)).fetchall()[0]
    return f"{prices}/{digest}"


def _all_cdrs_remain(con: DuckDB) -> bool:
    """Tell whether all that was there still is: only an erasure or a rewind takes any away."""
    gone = "select count(*) from recon_inputs_gone as g where list_contains($growing, g.source)"
    if fetch_int(con, gone, {"growing": list(_GROWING)}):
        return False
    known, judged = con.execute(query("known_counts")).fetchall()[0]
    return bool(known == judged and judged)


def _touch(con: DuckDB, before: str, now: str, as_of: datetime) -> None:
    """Create `recon_touched`."""
    changes = "select source from recon_inputs_new union select source from recon_inputs_gone"
    changed = {row[0] for row in con.execute(changes).fetchall()}
    execute(con, "touched")
    execute(con, "touched_by_time", {"as_of": as_of})
    for name in dict.fromkeys(name for source, name in _TOUCHES.items() if source in changed):
        execute(con, name)
    if not _same_prices(before, now, _digest(con, "rating_digest_new")):
        execute(con, "touched_by_price")


def _same_prices(before: str, now: str, new: str) -> bool:
    """Tell whether the prices there were before are unchanged: those of new CDRs taken out."""
    counts, digests = zip(*(map(int, text.split("/")) for text in (before, now, new)), strict=True)
    return bool(counts[0] + counts[2] == counts[1] and digests[0] + digests[2] == digests[1])


def _near_us(con: DuckDB) -> int:
    """Microseconds that two CDRs may start apart and still be for one session, or copies."""
    near_s = con.execute("select max(near_start_s) from recon_terms").fetchall()[0][0]
    return max(_NEAR_S, near_s or 0) * 1_000_000


def _narrow_focus(con: DuckDB) -> bool:
    """Focus on what was touched and what is next to it; false: that is most of it."""
    if not row_count(con, "recon_touched"):
        con.execute("create or replace temp table recon_focus_rows as select n from recon_touched")
        _scope_is_focus(con)
        for name in ("focus", "matched_before"):
            execute(con, name)
        return True
    near = {"near_us": _near_us(con)}
    execute(con, "neighbour_keys")
    execute(con, "linked_cdrs", near)
    execute(con, "peer_connectors")
    execute(con, "focus_rows", near)
    if not _is_small(con):
        return False
    execute(con, "scope", near)
    execute(con, "peer_scope")
    for name in ("focus", "matched_before", "forget_cdrs", "forget_findings", "changed"):
        execute(con, name)
    return True


def _is_small(con: DuckDB) -> bool:
    """Tell whether looking at the changes alone is less work than looking at everything."""
    return row_count(con, "recon_focus_rows") * _LARGE_SHARE < row_count(con, "core.cdrs")


def _focus_on_everything(con: DuckDB) -> None:
    con.execute("create or replace temp table recon_focus_rows as select rowid as n from core.cdrs")
    _scope_is_focus(con)
    execute(con, "focus")
    con.execute("delete from recon.cdrs")
    con.execute("delete from recon.findings")
    con.execute("delete from recon.unbilled")
    con.execute("delete from recon.changed")
    con.execute("insert into recon.changed values ('*', '*', '*', '*')")


def _scope_is_focus(con: DuckDB) -> None:
    con.execute("create temp table recon_scope as select n from recon_focus_rows")
    con.execute("create temp table recon_peer_scope as select n from recon_focus_rows")


def find_unbilled(con: DuckDB, narrow: bool) -> None:
    """Bring `recon.unbilled` up to date; `recon_unbilled_now` has the same with its rows.

    Args:
        con: after the CDRs in focus were judged.
        narrow: whether only what changed has to be looked at (`create_focus_table`).
    """
    if narrow:
        execute(con, "unbilled_candidates")
    else:
        con.execute(
            "create temp table recon_unbilled_candidates as select rowid as n from core.sessions"
        )
    execute(con, "unbilled_now")
    known, now = row_count(con, "recon.unbilled"), row_count(con, "recon_unbilled_now")
    if known != now or row_count(con, "recon_unbilled_candidates"):
        con.execute("delete from recon.unbilled")
        con.execute(
            "insert into recon.unbilled by name select * exclude (n) from recon_unbilled_now"
        )
