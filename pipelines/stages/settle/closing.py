"""Closing a partner's month: what must be true before, what the lock holds and proves.

The evidence of a close is hashes of pages, tariffs, exchange rates and the contract, each taken up
to a time, so that what arrives later does not change it.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.counts import count_label
from models.errors import Refused
from models.money import amount_label
from models.settle.disputes import RESOLVED
from models.settle.document import statement_sha256
from models.settle.fx import FxTable
from models.settle.months import SIGNED_ROWS, SettlementMonth, check_step, first_day, next_month
from models.settle.view import DecisionsView
from pipelines.decisions.serialization import journal_sha256, rows_sha256, signed_rows_sha256
from pipelines.decisions.store import DecisionsStore
from pipelines.stages.settle import query
from pipelines.stages.settle.dispute_queries import resolved_since
from pipelines.stages.settle.reading import read_disputed, read_document, read_month_rows
from pipelines.warehouse.sql_files import fetch_frame, fetch_row


class CannotClose(Refused):
    """The month cannot be closed; the message says why and what to do."""


@dataclass(frozen=True)
class Closing:
    """Everything that a close rests on."""

    con: DuckDB  # a settled warehouse or snapshot; it is only read
    store: DecisionsStore  # the decisions
    contract: Contract  # the partner's terms
    fx: FxTable  # the exchange rates it was settled with
    code_version: str  # version of roamhouse
    # the clock's time: a month that is not over by it is not closed, whatever the landing says
    now: datetime
    # whether a list of its CDRs is pulled; none is of a partner that only pushes, or that left the
    # partners file: what came by the month's end is all that there is
    pulled: bool = True

    def soft_close(self, partner: str, month: str, who: str) -> SettlementMonth:
        """Say that the month is done but for a last look.

        Raises:
            CannotClose: it is not over, or its CDRs are not complete.
            NothingThere: nothing was claimed in it.
            IllegalDecision: it is closed already.
        """
        self._check(partner, month)
        return self.store.move_month(partner, month, "soft_closed", who)

    def sign_off(self, partner: str, month: str, who: str) -> SettlementMonth:
        """Say that what a soft-closed month holds now is right.

        Raises:
            IllegalDecision: it is not soft-closed.
        """
        seen = {SIGNED_ROWS: signed_rows_sha256(read_month_rows(self.con, partner, month))}
        return self.store.move_month(partner, month, "signed_off", who, seen)

    def lock(self, partner: str, month: str, who: str) -> SettlementMonth:
        """Lock the month: what it holds, and the hashes that reproduce it, are kept for ever.

        Raises:
            CannotClose: it is not over, its CDRs are not complete, or decisions were made that
                the warehouse has not been settled with.
            NothingThere: nothing was claimed in it.
            IllegalDecision: it is locked already.
        """
        check_step(self.store.settlement_month(partner, month), "locked")
        self._check(partner, month)
        if _is_stale(self.con, self.store.view(), partner):
            raise CannotClose(
                f"decisions about {partner} were made that its statements do not show yet; settle "
                "again with `roamhouse settle` first"
            )
        kept = read_month_rows(self.con, partner, month)
        until = newest_page_at(self.con, partner)
        currencies = set(kept.statements["currency"])
        terms = self.contract.in_month(month)
        proof = {
            "run_id": newest_run(self.con),
            "code_version": self.code_version,
            **evidence(self.con, partner, terms, self.fx, currencies, until),
            "lines_sha256": rows_sha256(kept),
            SIGNED_ROWS: signed_rows_sha256(kept),
            "journal_sha256": journal_sha256(kept.journal),
            "statement_sha256": closed_statement_sha256(self.con, partner, month),
            "landed_until_at": until.isoformat(),
        }
        return self.store.move_month(partner, month, "locked", who, proof, kept)

    def _check(self, partner: str, month: str) -> None:
        read_document(self.con, partner, month)
        end = month_end(month, self.contract)
        if self.now < end:
            raise CannotClose(
                f"{month} of {partner} is not over: it ends {end:%Y-%m-%d %H:%M %Z}, and it is "
                f"{self.now:%Y-%m-%d %H:%M} UTC"
            )
        complete = complete_until(self.con, partner)
        if complete is not None and complete >= end:
            return
        if not self.pulled:
            if newest_page_at(self.con) >= end:
                return
            raise CannotClose(
                f"{month} of {partner} ends {end:%Y-%m-%d %H:%M %Z}, and nothing of any partner "
                "came since: `roamhouse run` first"
            )
        known = (
            "never completely"
            if complete is None
            else f"complete only until {complete:%Y-%m-%d %H:%M} UTC"
        )
        raise CannotClose(
            f"{month} of {partner} ends {end:%Y-%m-%d %H:%M %Z}, but its CDRs came {known}"
            f"{_last_failure(self.con, partner)}; pull them again with `roamhouse run --only "
            f"{partner}` once the month is over"
        )


def complete_until(con: DuckDB, partner: str) -> datetime | None:
    """Return until when lists prove that all of a partner's CDRs are there; None: none does."""
    row = fetch_row(
        con,
        "select min(complete_until_at) from ops.watermarks where partner = ? and module = 'cdrs'",
        [partner],
    )
    found = row[0] if row else None
    return found.astimezone(UTC) if isinstance(found, datetime) else None


def month_end(month: str, contract: Contract) -> datetime:
    """Return when the month is over, in the contract's time zone."""
    midnight = datetime.combine(first_day(next_month(month)), time())
    return midnight.replace(tzinfo=ZoneInfo(contract.time_zone))


def closed_statement_sha256(con: DuckDB, partner: str, month: str) -> str:
    """Return the hash of a month's statements and VAT, status locked, as a lock keeps it."""
    document = read_document(con, partner, month)
    locked = document.statements.with_columns(
        status=document.statements["status"].replace_strict({}, default="locked")
    )
    return statement_sha256(
        type(document)(partner, month, locked, document.vat, document.lines, document.disputes)
    )


def _is_stale(con: DuckDB, view: DecisionsView, partner: str) -> bool:
    """Return whether people decided what the settled tables of a partner do not know yet."""
    locks = con.execute(
        "select distinct month from settle.statements where partner = ? and status = 'locked'",
        [partner],
    ).fetchall()
    disputes = con.execute(
        "select dispute_id, state from settle.disputes where partner = ?", [partner]
    ).fetchall()
    # One that was decided under the name that the partner had before is in its tables all the same.
    states = dict(disputes)
    own = {
        id_: d
        for id_, d in view.disputes.items()
        if id_ in states or d.key.startswith(f"{partner}/")
    }
    known = {month for (month,) in locks} == view.locked(partner)
    return not known or bool(resolved_since(own, states))


def _open_questions(statements: pl.DataFrame, disputes: pl.DataFrame) -> list[str]:
    """Return what is undecided in a month, for whoever closes it; empty: nothing."""
    disputes = disputes.filter(
        ~pl.col("state").is_in(sorted(RESOLVED))
        & ((pl.col("contested_excl_vat") != 0) | (pl.col("contested_vat").fill_null(0) != 0))
    )
    questions = []
    for (currency,), rows in sorted(disputes.partition_by("currency", as_dict=True).items()):
        amount = amount_label(sum(map(abs, rows["contested_excl_vat"]), Decimal()), currency)
        which = count_label(rows.height, "dispute")
        be = "is" if rows.height == 1 else "are"
        questions.append(f"{which} over {amount} {be} undecided")
    for row in statements.to_dicts():
        if row["vat_unknown_excl_vat"]:
            amount = amount_label(row["vat_unknown_excl_vat"], row["currency"])
            questions.append(f"nobody stated the VAT of {amount}")
        if row["reporting_currency"] is None and row["cdr_count"]:
            questions.append(f"{row['currency']} has no exchange rate for some of it")
    return questions


def _last_failure(con: DuckDB, partner: str) -> str:
    row = fetch_row(
        con,
        "select error from ops.pulls where partner = ? and module = 'cdrs' and status = 'failed' "
        "order by started_at desc limit 1",
        [partner],
    )
    return f" (the last failure: {row[0]})" if row and row[0] else ""


def newest_page_at(con: DuckDB, partner: str | None = None) -> datetime:
    """Return when the newest page of a partner, or of any, was fetched; none: the epoch."""
    row = fetch_row(con, "select newest_page_at($partner)", {"partner": partner})
    found = row[0] if row else None
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.fromtimestamp(0, UTC)


def newest_run(con: DuckDB) -> str:
    """Return the run that last touched the warehouse; `none` if there was none."""
    row = fetch_row(con, "select max(run_id) from ops.runs")
    return str(row[0]) if row and row[0] else "none"


def evidence(
    con: DuckDB,
    partner: str,
    contract: Contract,
    fx: FxTable,
    currencies: set[str],
    until: datetime,
) -> dict[str, str]:
    """Return the hashes of everything a partner's month was made from.

    Args:
        con: the warehouse.
        partner: our name for the connection.
        contract: its terms.
        fx: the exchange rates.
        currencies: those that the month needs.
        until: pages and tariffs fetched later do not count.
    """
    values = {"partner": partner, "until": until}
    return {
        "landing_sha256": _rows_sha256(con, "landed_pages", values),
        "tariffs_sha256": _rows_sha256(con, "tariff_versions", values),
        "fx_sha256": fx.only(currencies).sha256,
        "contract_sha256": hashlib.sha256(_contract_text(contract)).hexdigest(),
    }


def _contract_text(contract: Contract) -> bytes:
    """Return the contract beyond its defaults, so that a new key with a default is no change.

    Nor is it one that other terms follow: those hold for other months.
    """
    others = {"earlier", "valid_to"}
    return contract.model_dump_json(exclude_defaults=True, exclude=others).encode()


def _rows_sha256(con: DuckDB, name: str, values: dict[str, object]) -> str:
    digest = hashlib.sha256()
    for (line,) in con.execute(query(name), values).fetchall():
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def month_checklist(con: DuckDB, partner: str, month: str) -> list[str]:
    """Return what is open in a partner's month, a sentence each; empty: nothing.

    Raises:
        NothingThere: nothing was claimed in it.
    """
    questions = _open_questions(*read_disputed(con, partner, month))
    complete = complete_until(con, partner)
    if complete is None:
        questions.append("no list proves that all of its CDRs came")
    elif complete.date() < first_day(next_month(month)):
        questions.append(f"its CDRs are complete only until {complete:%Y-%m-%d %H:%M} UTC")
    values = {"partner": partner, "month": month}
    (gaps,) = fetch_frame(con, query("read_month_gaps"), values).to_dicts()
    if gaps["is_invoiced"] and not gaps["invoices"]:
        questions.append("no invoice of the partner was taken in")
    if gaps["contested_invoices"]:
        which = count_label(gaps["contested_invoices"], "invoice is", "invoices are")
        questions.append(f"{which} not payable in full")
    for missing in fetch_frame(con, query("read_month_missing"), values).to_dicts():
        amount = amount_label(missing["claimed_excl_vat"], missing["currency"])
        be = "is" if missing["cdrs"] == 1 else "are"
        which = count_label(missing["cdrs"], "CDR")
        questions.append(f"{which} over {amount} {be} on no invoice yet")
    if gaps["sessions"]:
        unpriced = gaps["unpriced_sessions"]
        note = f", {unpriced:,} of them without a price" if unpriced else ""
        which = count_label(
            gaps["sessions"], "session has no CDR and is", "sessions have no CDR and are"
        )
        questions.append(f"{which} accrued{note}")
    return questions
