"""The way in: reconciles a warehouse and stores findings and verdicts, in one transaction."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.agreement import discounted_tariff
from models.contract import Contract, contract_spans
from models.rating.zones import zone_of
from models.recon import price
from models.recon.assemble import assemble_verdicts, finding_rows
from models.recon.causes import add_causes
from models.recon.evaluate import find
from models.recon.facts import with_derived_facts
from models.recon.mistakes import Case
from models.recon.registry import rules_about
from models.recon.rule import Subject
from models.recon.units import restate_in_kwh, with_wh_signs
from models.recon.variants import REPRICED, reprice
from models.tables.charging import CDRS
from models.tables.rating import LINE_DIMENSIONS
from models.tables.recon import FINDINGS, RECON_CDRS
from pipelines.landing.landing import Landing
from pipelines.landing.remote import LandingAway
from pipelines.stages.kept_terms import keep_terms
from pipelines.stages.recon import create_table, drop_temporary_tables, execute, query
from pipelines.stages.recon.changes import create_focus_table, find_unbilled
from pipelines.stages.recon.terms import (
    Terms,
    create_contract_table,
    partners_without_contract,
    recall_contracts,
    remember_contracts,
)
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import key_sum, keys_unique
from pipelines.warehouse.sql_files import (
    fetch_frame,
    fetch_int,
    insert_frame,
    row_count,
    transaction,
)

CHUNK_ROWS = 122_880
_OTHER_SUBJECTS: tuple[tuple[Subject, str], ...] = (
    ("session", "session_facts"),
    ("invoice", "invoice_facts"),
    ("batch", "short_pulls"),
    ("batch", "daily_volumes"),
    ("batch", "number_gaps"),
)


@dataclass(frozen=True)
class ReconcileResult:
    """The outcome of a reconciliation."""

    judged: int  # CDRs that were judged
    cdrs: int  # rows of `recon.cdrs` now
    findings: int  # rows of `recon.findings` now


def reconcile_warehouse(con: DuckDB, terms: Terms, *, as_of: datetime) -> ReconcileResult:
    """Judge every CDR of a warehouse that is new or that something changed for.

    Args:
        con: connection to the warehouse, with `core.*` loaded and `rating.*` written.
        terms: what was agreed with each partner.
        as_of: the moment the warehouse shows: when its newest page was fetched.
    """
    with transaction(con, [RECON_CDRS.name, FINDINGS.name]):
        terms = replace(terms, contracts=recall_contracts(con, terms.contracts))
        create_contract_table(con, terms)
        execute(con, "offers")
        narrow = create_focus_table(con, terms, as_of)
        match_invoices(con, terms.left)
        count = 0
        if row_count(con, "recon_focus"):
            match(con, terms.left)
            count = _judge_cdrs(con, terms, as_of)
        find_unbilled(con, narrow)
        _judge_other_subjects(con, terms, as_of)
        remember_contracts(con, terms)
        drop_temporary_tables(con)
    return ReconcileResult(count, row_count(con, RECON_CDRS.name), row_count(con, FINDINGS.name))


def read_facts(con: DuckDB) -> Iterator[pl.DataFrame]:
    """Read the facts of every CDR of `recon_focus`, in chunks that fit in memory.

    Args:
        con: after `matching.match`.

    Yields:
        Rows of `models/sql/recon/facts.sql`.
    """
    for low, high in con.execute(query("chunk_bounds"), {"rows": CHUNK_ROWS}).fetchall():
        yield fetch_frame(con, query("facts"), {"low": low, "high": high})


def _judge_cdrs(con: DuckDB, terms: Terms, as_of: datetime) -> int:
    rules = rules_about("cdr")
    count = 0
    for chunk in read_facts(con):
        facts = with_derived_facts(with_causes(con, chunk, terms.contracts), as_of)
        found = find(facts, rules, terms.contracts)
        insert_frame(con, RECON_CDRS.name, assemble_verdicts(facts, found, terms.contracts))
        insert_frame(con, FINDINGS.name, finding_rows(found))
        count += facts.height
    return count


def _judge_other_subjects(con: DuckDB, terms: Terms, as_of: datetime) -> None:
    """Find what is about sessions, invoices and batches: little, and found anew each time."""
    con.execute("delete from recon.findings where subject <> 'cdr'")
    known = {"as_of": as_of, "former": sorted(terms.left)}
    execute(con, "open_sessions", known)
    for subject, name in _OTHER_SUBJECTS:
        text = query(name)
        values = {each: value for each, value in known.items() if f"${each}" in text}
        facts = fetch_frame(con, text, values).with_row_index("row")
        rules = [rule for rule in rules_about(subject) if rule.needs <= set(facts.columns)]
        insert_frame(con, FINDINGS.name, finding_rows(find(facts, rules, terms.contracts)))


#: Each query makes the table of its name, `recon_…`, or adds to one, from those before it.
_TABLES = (
    *("claims", "unaccepted", "credited_copies", "sessions", "open_claims", "replacements"),
    *("partly_credited_claims",),
    *("duplicates", "near_duplicates", "charges", "overlaps", "travel", "peers", "outages"),
    *("cdr_invoices", "places", "tokens", "periods", "carried_tariffs"),
)


def match_invoices(con: DuckDB, left: Collection[str] = ()) -> None:
    """Set invoice records against CDRs, which facts about both are read from."""
    execute(con, "invoice_entries", {"former": sorted(left)})


def match(con: DuckDB, left: Collection[str] = ()) -> None:
    """Make the tables that facts about CDRs are read from.

    Args:
        con: after `terms.create_contract_table`, `changes.create_focus_table` and
            `match_invoices`.
        left: the partners that are no longer in the partners file.
    """
    execute(con, "superseded", {"former": sorted(left)})
    for name in _TABLES:
        execute(con, name)
    execute(con, "limits", {"limit_dimension": LINE_DIMENSIONS.index("LIMIT")})


def _run(con: DuckDB, context: StageContext) -> StageResult:
    terms = Terms(context.contracts, accepted_parties(con), context.left, context.hubs)
    result = reconcile_warehouse(con, terms, as_of=context.as_of)
    files = Landing.of_home(context.home).files
    with suppress(LandingAway):  # the next run keeps them
        keep_terms(files, context.contracts, context.own_parties, context.left)
    split = fetch_int(con, query("claims_not_split"))
    unjudged, repeated = _unmatched(con)
    counts = {
        "judged": result.judged,
        "cdrs": result.cdrs,
        "findings": result.findings,
        "partners_without_contract": len(partners_without_contract(con, terms)),
    }
    return StageResult(
        counts,
        (
            AssetCheck("claims_are_split_whole", split, f"{split} claims are not split whole"),
            AssetCheck("every_cdr_judged", unjudged, f"{unjudged} CDRs have no verdict"),
            AssetCheck("unique", repeated, f"{repeated} CDRs have more than one verdict"),
        ),
    )


def accepted_parties(con: DuckDB) -> dict[str, list[tuple[str, str]]]:
    """Partner → the parties whose CDRs are to be expected, as of its last pull of them."""
    rows = con.execute(query("accepted_parties")).fetchall()
    return {
        partner: [(country, party) for country, party in (name.split("/") for name in parties)]
        for partner, parties in rows
        if parties is not None
    }


def _unmatched(con: DuckDB) -> tuple[int, int]:
    """Count the CDRs without a verdict, and the verdicts that stand twice."""
    if key_sum(con, CDRS.name, CDRS.key) == key_sum(con, RECON_CDRS.name, RECON_CDRS.key):
        return 0, 0
    return fetch_int(con, query("cdrs_without_verdict")), keys_unique(con, RECON_CDRS).violations


RECONCILIATION = Stage(
    name="reconciliation",
    description="Each CDR against its price, session, tariff and invoice: findings and a verdict.",
    tables=(RECON_CDRS.name, FINDINGS.name),
    checks=("claims_are_split_whole", "every_cdr_judged", "unique"),
    run=_run,
)


_ZONED = pl.Struct({"zone": pl.String(), "zone_assumed": pl.Boolean()})
_OTHERS = {"WRONG_TARIFF_VERSION": "other_versions", "OTHER_TARIFF": "other_tariffs"}


def with_causes(
    con: DuckDB, facts: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Add `cause` and `cause_detail` to the CDRs whose price differs, and restate Wh in kWh."""
    facts = with_wh_signs(facts, contracts)
    differs = price.comparison().is_in(["overclaimed", "underclaimed"])
    differing = facts.filter(
        pl.col("tariff_source").is_not_null() & (differs | pl.col("looks_like_wh"))
    )
    if differing.is_empty():
        return _explain(facts, pl.DataFrame(schema=REPRICED))
    create_table(con, "recon_differing_rows", differing.select("n", "tariff_source", "tariff_ids"))
    execute(con, "differing")
    own = _own_case(con, contracts)
    others = {
        cause: replace(own, offered=fetch_frame(con, query(name)))
        for cause, name in _OTHERS.items()
    }
    return _explain(facts, reprice(own, others))


def _explain(facts: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    return add_causes(restate_in_kwh(facts, repriced), repriced)


def _own_case(con: DuckDB, contracts: Mapping[str, Contract]) -> Case:
    """Gather the differing CDRs and the tariffs that they should be priced by."""
    cdrs = fetch_frame(con, "select * from recon_differing order by cdr_row")
    places = cdrs.select("stated_zone", "country").unique()
    zones = pl.Series(
        [
            dict(zip(("zone", "zone_assumed"), zone_of(stated, country), strict=True))
            for stated, country in places.iter_rows()
        ],
        dtype=_ZONED,
    )
    known = pl.concat([places, zones.struct.unnest()], how="horizontal")
    return Case(
        cdrs=cdrs.join(
            known, on=["stated_zone", "country"], nulls_equal=True, maintain_order="left"
        ).with_columns(pl.lit("").alias("input_hash"), pl.col("terms").alias("partner")),
        periods=fetch_frame(con, query("differing_periods")),
        offered=_with_discounts(fetch_frame(con, query("own_tariffs"))),
        contracts={span.terms: span.contract.price_terms for span in contract_spans(contracts)},
    )


def _with_discounts(offered: pl.DataFrame) -> pl.DataFrame:
    """Return the tariffs with what is agreed off their prices taken off."""
    stated = offered.select("tariff", "discount").iter_rows()
    lowered = [discounted_tariff(*row) for row in stated]
    return offered.with_columns(pl.Series("tariff", lowered, dtype=pl.String))
