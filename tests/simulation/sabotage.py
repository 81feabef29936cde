"""What puts a fault into the product: functions of it replaced, or its queries.

A patch names what it replaces, and fails where that is not there: none silently does nothing.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import polars as pl

from pipelines.warehouse import sql_files

Patches = Mapping[str, Callable[[Any], Any]]
"""Dotted name of the product → makes, of what is there, what puts the fault in."""


@contextmanager
def put_in(patches: Patches) -> Iterator[None]:
    """Put a fault into the product while the block runs."""
    with ExitStack() as stack:
        stack.callback(sql_files.query.cache_clear)
        for target, make in patches.items():
            stack.enter_context(patch(target, make(pkgutil.resolve_name(target))))
        sql_files.query.cache_clear()
        yield


def _replaced(text: str, fragment: str, by: str) -> str:
    assert text.count(fragment) == 1, f"{text.count(fragment)} times in the query: {fragment}"
    return text.replace(fragment, by)


@dataclass(frozen=True)
class _Entry:
    """A file or folder of the package `models` whose text is changed as it is read."""

    place: Any
    change: Callable[[str, str], str]

    def __truediv__(self, name: str) -> _Entry:
        return _Entry(self.place / name, self.change)

    def iterdir(self) -> Iterator[Any]:
        yield from self.place.iterdir()

    def read_text(self, encoding: str) -> str:
        text = self.place.read_text(encoding=encoding)
        return self.change("/".join(self.parts[-2:]), text)

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's, as it has of its own."""
        return tuple(self.place.parts)


def _in_texts(change: Callable[[str, str], str], *places: str) -> Patches:
    """Change files of `models/sql` as they are read: (stage/file, text) → text."""

    def make(original: Callable[[str], Any]) -> Callable[[str], Any]:
        for place in places:  # fails here where a fragment is not there
            change(place, (original("models") / "sql" / place).read_text(encoding="utf-8"))
        return lambda package: _Entry(original(package), change)

    return {"pipelines.warehouse.sql_files.files": make}


def _in_query(stage: str, name: str, *fragments: str) -> Patches:
    """Replace fragments of a file of `models/sql`, each followed by what takes its place."""
    file = f"{stage}/{name}.sql"

    def change(place: str, text: str) -> str:
        for fragment, by in zip(fragments[::2], fragments[1::2], strict=True):
            text = _replaced(text, fragment, by) if place == file else text
        return text

    return _in_texts(change, file)


def _with_case(*queries: tuple[str, str]) -> Patches:
    """Let files of `models/sql` compare their ids as they are written."""
    files = {f"{stage}/{name}.sql" for stage, name in queries}

    def change(place: str, text: str) -> str:
        assert place not in files or "lower(" in text, place
        return text.replace("lower(", "(") if place in files else text

    return _in_texts(change, *sorted(files))


def _in_macro(name: str, fragment: str, by: str) -> Patches:
    """Replace a fragment of a macro."""

    def make(original: Callable[[], tuple[str, ...]]) -> Callable[[], tuple[str, ...]]:
        texts, begin = original(), f"create or replace macro {name}("
        assert sum(begin in text for text in texts) == 1, name
        faulty = tuple(_replaced(text, fragment, by) if begin in text else text for text in texts)
        return lambda: faulty

    return {"pipelines.warehouse.structure.macros": make}


def _instead(value: Any) -> Callable[[Any], Any]:
    """Put a value in the place of whatever is there."""
    return lambda _: value


def _until_now(original: Callable[..., Any]) -> Callable[..., Any]:
    def plan(*given: Any, **rest: Any) -> Any:
        return replace(original(*given, **rest), date_to=rest["now"])

    return plan


def _from_an_hour_ago(original: Callable[..., Any]) -> Callable[..., Any]:
    def plan(*given: Any, **rest: Any) -> Any:
        made = original(*given, **rest)
        begins = made.date_from is not None and made.mode == "incremental"
        return replace(made, date_from=rest["now"] - timedelta(hours=1)) if begins else made

    return plan


def _from_the_watermark(original: Callable[..., Any]) -> Callable[..., Any]:
    def plan(module: str, watermark: Any, **rest: Any) -> Any:
        made = original(module, watermark, **rest)
        if made.mode != "incremental":
            return made
        return replace(made, date_from=watermark.complete_until_at - rest["overlap"])

    return plan


def _never_complete(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **rest: original(*given, **{**rest, "is_complete_list": False})


def _stamps_as_stated(self: Any, table: Any, frame: pl.DataFrame) -> None:
    self._buffers[table.name].append(frame)
    self._buffered += int(frame.estimated_size())


def _late_even_if_listed(original: Callable[..., str]) -> Callable[..., str]:
    fragment, always = "not $is_complete_list and", "$is_complete_list is not null and"
    return lambda *given, **rest: _replaced(original(*given, **rest), fragment, always)


def _of_those_asked(original: Callable[..., Any]) -> Callable[..., Any]:
    def contracts(partners: Any) -> dict[str, Any]:
        asked = {partner.name for partner in partners.asked}
        return {name: terms for name, terms in original(partners).items() if name in asked}

    return contracts


# The faults that the product had.
DATE_TO: Patches = {"pipelines.ingest.partner.plan_pull": _until_now}
LATE_EVEN_IF_LISTED: Patches = {
    "pipelines.warehouse.table_queries.create_incoming": _late_even_if_listed,
    "pipelines.warehouse.versions.fold": _never_complete,
}
STAMPS_BELIEVED: Patches = {
    "pipelines.warehouse.staging.Staging._keep": _instead(_stamps_as_stated)
}
ANNOUNCED_AT_ONCE = _in_macro(
    "tariffs_in_force",
    "greatest(t.valid_from_at, t.start_at) as in_force_from_at",
    "t.valid_from_at as in_force_from_at",
)
STOP_AT_BROKEN_PAGE: Patches = {"pipelines.ocpi.paging.Pager.skip": _instead(lambda *_: None)}
REMOVALS_FORGOTTEN = _in_query(
    "core", "insert_removals_skipped", "where o.is_kept", "where o.is_kept and false"
)
WRONG_CLOCK_BELIEVED: Patches = {
    "models.ocpi.watermarks.Watermark.is_ahead_of": _instead(lambda *_: False),
    "pipelines.ingest.partner.plan_pull": _from_the_watermark,
}
IDS_IN_THEIR_CASE: Patches = {
    **_with_case(
        ("rating", "wanted_tariff_ids"),
        ("core", "known_cdrs"),
        ("core", "fresh_cdrs"),
        ("core", "insert_cdr_conflicts"),
        ("recon", "places"),
        ("recon", "credits"),
    ),
    "pipelines.warehouse.table_queries.create_incoming": (
        lambda original: lambda table, **_: original(table, ignore_case=False)
    ),
}
CONCEDE_EVERYTHING = _in_query(
    "settle",
    "create_live",
    "coalesce(sum(size) filter (where resolution = 'conceded'), 0)",
    "coalesce(max(999999999999) filter (where resolution = 'conceded'), 0)",
)
EXACT_CREDITS_ONLY = _in_query(
    "recon",
    "credits",
    "o.takes_off and (\n            o.place = 1",
    "o.is_exact and (\n            o.place = 1",
)
NOTHING_SETTLED: Patches = {"models.settle.disputes.SETTLED": _instead(frozenset())}
MONEY_QUEUED_ONLY = _in_query(
    "settle",
    "insert_disputes",
    "from doubted\n    union",
    "from doubted where subject not in ('cdr', 'vat')\n    union",
)
CHARGED_RATE_PAID = _in_query(
    "settle",
    "create_rates",
    "f.rule_id = 'VAT_RATE_MISMATCH' and f.severity in ('dispute', 'fatal')",
    "f.rule_id = 'VAT_RATE_MISMATCH' and f.severity is null",
)
ENERGY_AS_STATED: Patches = {
    "models.recon.assemble._energy_kwh": _instead(lambda: pl.col("stated_energy_kwh"))
}
CREDIT_ENERGY_NEGATED = _in_query(
    "settle", "create_live", "then -x.energy_kwh", "then -d.total_energy_kwh"
)
TERMS_OF_THOSE_ASKED: Patches = {
    "pipelines.stages.sequence.contracts_of": _of_those_asked,
    "pipelines.stages.sequence.recall_contracts": _instead(lambda _, contracts: dict(contracts)),
}
BACKFILL_WITHOUT_WINDOW: Patches = {
    "pipelines.orchestration.landing_assets._pull_request": (
        lambda original: lambda *given: replace(original(*given), window=None)
    )
}
WRITTEN_OFF_AFTER_CREDIT: Patches = {
    "models.settle.disputes.FOLLOWS": (
        lambda follows: {**follows, "credited": ("written_off", "closed")}
    )
}
_ALL_STAND = ("superseded_cdrs($former)", "superseded_cdrs($former[:0])")
NAMES_ARE_PARTIES = _in_query("recon", "superseded", *_ALL_STAND)
LOCKED_UNDER_ANOTHER_NAME = _in_query("settle", "superseded", *_ALL_STAND)
EACH_CREDIT_TAKES_ALL = _in_query(
    "recon",
    "credits",
    "- coalesce(sum(j.stated_energy_kwh) over earlier, 0)",
    "+ 0 * coalesce(sum(j.stated_energy_kwh) over earlier, 0)",
)
SMALLER_DOUBTS_CONCEDED = _in_query(
    "settle",
    "create_live",
    "abs(contested) - coalesce(o.open_size, 0)",
    "abs(contested) + 0 * coalesce(o.open_size, 0)",
)
CDRS_STAMPED_AHEAD: Patches = {
    "pipelines.warehouse.staging.Staging._keep": (
        lambda original: (
            lambda self, table, frame: (
                _stamps_as_stated if table.name == "core.cdrs" else original
            )(self, table, frame)
        )
    )
}
NO_TERMS_IN_THE_LANDING: Patches = {
    "pipelines.stages.sequence.kept_terms": _instead(lambda *_: {}),
}
LEFT_WITHOUT_TERMS: Patches = {
    **NO_TERMS_IN_THE_LANDING,
    "pipelines.stages.sequence.recall_contracts": _instead(lambda _, contracts: dict(contracts)),
}
TERMS_LOST_BY_REWINDING: Patches = {
    **NO_TERMS_IN_THE_LANDING,
    "pipelines.warehouse.rewind._forget": (
        lambda original: (
            lambda con, reload: (original(con, reload), con.execute("delete from recon.inputs"))
        )
    ),
}
TERMS_LOST_BY_REPLAY: Patches = {
    **NO_TERMS_IN_THE_LANDING,
    "pipelines.orchestration.replay._carry_over": _instead(lambda *_: None),
}

# Faults that never were.
UNQUOTED_IS_EUROS = _in_query(
    "settle",
    "create_day_rates",
    "case when d.currency = $reporting then cast(1 as decimal(18, 6)) else q.quote end as fx_quote",
    "coalesce(q.quote, cast(1 as decimal(18, 6))) as fx_quote",
    "when q.on_date is not null and r.on_date is not null",
    "when r.on_date is not null",
)
EVERY_PULL_TELLS: Patches = {
    "pipelines.warehouse.removal.is_complete_list": _instead(lambda pull: pull.status == "complete")
}
FAILED_PULLS_COUNT: Patches = {
    "pipelines.warehouse.operations.moved_watermark": (
        lambda original: lambda known, reach: original(known, replace(reach, is_complete=True))
    )
}
FROM_AN_HOUR_AGO: Patches = {"pipelines.ingest.partner.plan_pull": _from_an_hour_ago}
POST_INTO_LOCKED: Patches = {
    "models.settle.view.posting_month": _instead(lambda month, locked: month)
}
CONCESSION_FORGOTTEN: Patches = {
    "models.settle.disputes.Dispute.resolution": _instead(property(lambda _: None))
}
ACCEPTED_IN_VAIN: Patches = {
    "pipelines.warehouse.merging.stage_missing": (
        lambda original: (
            lambda con, pull, live, tables, accepted=(), **rest: original(
                con, pull, live, tables, (), **rest
            )
        )
    )
}
UNKNOWN_ON_INVOICE_MISSED = _in_query(
    "recon",
    "invoice_facts",
    "count(*) filter (where l.known_id is null) as unknown_count",
    "cast(0 as bigint) as unknown_count",
)
DEFAULT_TERMS: Patches = {"pipelines.stages.sequence.contracts_of": _instead(lambda _: {})}
