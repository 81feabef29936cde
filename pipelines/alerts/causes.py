"""Causes: what needs a person now, each with what is wrong, its cure and the page that shows it."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from duckdb import DuckDBPyConnection as DuckDB

from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.config.partners import Partners, has_lists, stale_limit
from pipelines.stages.settle.fx import missing_rates
from pipelines.stages.settle.import_invoices import set_aside
from pipelines.warehouse.sql_files import query

_RECENT: Final = timedelta(days=7)
_LITTLE_ROOM: Final = 2 << 30


@dataclass(frozen=True)
class Kind:
    """A kind of cause."""

    title: str  # what is wrong, after whose it is
    cure: str  # what to do
    page: str  # the view that shows it
    unit: str = ""  # what its count counts; empty: the count says nothing


KINDS: Final = {
    "partner_failing": Kind(
        "brings nothing", "Run `roamhouse doctor`: it says what to do.", "partners"
    ),
    "list_incomplete": Kind(
        "is incomplete", "The next run asks for the rest; ask the partner if it stays.", "partners"
    ),
    "partner_stale": Kind(
        "is stale", "Is the schedule running? See `roamhouse doctor` and Dagster.", "partners"
    ),
    "removals_withheld": Kind(
        "no longer lists many objects",
        "Ask whether they are gone, then `roamhouse accept-removals`.",
        "partners",
        "objects",
    ),
    "volume_drop": Kind(
        "sent far fewer CDRs than usual", "Ask the partner whether some are missing.", "partners"
    ),
    "sessions_in_doubt": Kind(
        "has sessions that were not authorised, or were reserved and not used",
        "Ask the partner before their CDRs come.",
        "partners",
        "sessions",
    ),
    "numbers_missing": Kind(
        "lost numbers that count up",
        "Ask the partner for the CDRs or invoices that never came.",
        "partners",
        "numbers",
    ),
    "objects_refused": Kind(
        "sends objects that cannot be used",
        "Send the partner the reasons.",
        "quarantine",
        "objects",
    ),
    "tariffs_missing": Kind(
        "names tariffs that are nowhere",
        "Ask the partner to publish them.",
        "pricing_missing",
        "connectors",
    ),
    "dispute_escalation": Kind(
        "has long not answered disputes", "Escalate them, or let them go.", "disputes", "disputes"
    ),
    "dispute_overdue": Kind(
        "has not answered disputes in time",
        "Send the letter again: it is a reminder now.",
        "disputes",
        "disputes",
    ),
    "dispute_unsent": Kind(
        "has disputes that were opened and not sent", "Send the letter.", "disputes", "disputes"
    ),
    "dispute_undecided": Kind(
        "has disputes that nobody decided on", "Open them or let them go.", "disputes", "disputes"
    ),
    "money_in_doubt": Kind(
        "has much money in doubt",
        "Decide on the disputes, the largest first.",
        "disputes",
        "disputes",
    ),
    "tolerance_exceeded": Kind(
        "has small differences that add up",
        "See whether they lean to one side.",
        "settlement",
        "statements",
    ),
    "month_unlocked": Kind(
        "has months that are ready to close",
        "Look through them and `roamhouse close`.",
        "settlement",
        "statements",
    ),
    "rates_missing": Kind(
        "exchange rates are missing", "Name a history or rates in company.yaml.", "settlement"
    ),
    "run_failed": Kind(
        "the last run failed after the partners", "See Dagster's page of the run.", "overview"
    ),
    "invoice_set_aside": Kind(
        "invoices in the watched folder could not be taken in",
        "The reason is beside each file; `roamhouse invoice import` says what it lacks.",
        "invoices",
    ),
    "disk_filling": Kind("the disk is filling up", "Make room, or `roamhouse prune`.", "overview"),
}
"""By name, the most pressing first."""


@dataclass(frozen=True)
class Cause:
    """One thing that needs a person."""

    kind: str  # as in `KINDS`
    partner: str  # whose; `*`: nobody's in particular
    detail: str  # figures and what the partner said, in one line; it may change from run to run

    @property
    def key(self) -> str:
        """The key that makes it the same cause tomorrow."""
        return f"{self.kind} {self.partner}"

    @property
    def title(self) -> str:
        """Return what is wrong, in one line."""
        words = KINDS[self.kind].title
        return words[0].upper() + words[1:] if self.partner == "*" else f"{self.partner} {words}"

    def link(self, address: str) -> str:
        """Return the page that shows it, below the address of the dashboards."""
        chosen = {} if self.partner == "*" else {"partner": self.partner}
        tail = f"?{urlencode(chosen)}" if chosen else ""
        return f"{address.rstrip('/')}/{KINDS[self.kind].page}{tail}"


def find_causes(
    con: DuckDB,
    partners: Partners,
    *,
    now: datetime,
    money_above: Decimal | None = None,
    home: Path | None = None,
) -> list[Cause]:
    """Find what needs a person, the most pressing first.

    Args:
        con: a snapshot, or the warehouse.
        partners: who is visited, and when each is stale.
        now: the clock, UTC.
        money_above: in any currency, how much in doubt is worth a word; None: none is.
        home: where the disk may fill; None: nowhere.
    """
    rows = con.execute(query("ops", "alert_causes"), {"since": now - _RECENT})
    names = [column[0] for column in rows.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    causes = list(_of_tables(found, money_above))
    failing = {cause.partner for cause in causes if cause.kind == "partner_failing"}
    causes += [cause for cause in _stale(con, partners, now) if cause.partner not in failing]
    if missing := missing_rates(con):
        causes.append(Cause("rates_missing", "*", missing))
    folder = None if home is None else load_settings(Home(home)).invoices.folder
    if folder is not None and (names := set_aside(folder)):
        causes.append(Cause("invoice_set_aside", "*", ", ".join(names[:5])))
    if home is not None and (free := shutil.disk_usage(home).free) < _LITTLE_ROOM:
        causes.append(Cause("disk_filling", "*", f"{free / (1 << 30):.1f} GiB are free"))
    order = list(KINDS)
    return sorted(causes, key=lambda cause: (order.index(cause.kind), cause.partner))


def _of_tables(rows: Iterable[Mapping[str, Any]], money_above: Decimal | None) -> Iterator[Cause]:
    for (kind, partner), group in groupby(rows, lambda row: (row["kind"], row["partner"])):
        parts = list(group)
        if kind == "money_in_doubt":
            parts = [
                row
                for row in parts
                if money_above is not None and row["amount_excl_vat"] > money_above
            ]
        if parts:
            yield Cause(kind, partner, "; ".join(map(_detail, parts)))


def _detail(row: Mapping[str, Any]) -> str:
    unit = KINDS[row["kind"]].unit
    words = [f"{row['item_count']:,} {unit}"] if unit else []
    if row["amount_excl_vat"] is not None:
        words.append(f"{row['currency']} {row['amount_excl_vat']:,.2f}")
    if row["detail"]:
        words.append(str(row["detail"]))
    return ", ".join(words)


def _stale(con: DuckDB, partners: Partners, now: datetime) -> Iterator[Cause]:
    rows = con.execute(
        "select partner, min(complete_until_at) from ops.watermarks group by partner"
    ).fetchall()
    until = dict(rows)
    pushes = con.execute("select partner, max(received_at) from ops.pushes group by partner")
    pushed = dict(pushes.fetchall())
    for partner in partners.partners:
        complete, newest = until.get(partner.name), pushed.get(partner.name)
        is_asked = has_lists(partner)
        at = complete if is_asked else newest
        if at is not None and now - at > stale_limit(partner):
            what = "complete until" if is_asked else "nothing was pushed since"
            hours = (now - at).total_seconds() / 3600
            yield Cause("partner_stale", partner.name, f"{what} {hours:,.0f} h ago")
