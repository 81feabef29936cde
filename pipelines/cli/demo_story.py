"""The story that the demo tells: a past that it lived through, and an invoice that a partner sends.

A warehouse learns a tariff's history by looking often. The demo has no weeks to wait: it moves
the sandbox's world through them, day by day, and looks at tariffs each time and at places every
other week; in the last weeks, in which EVSEs break and are repaired, it looks at places too each
day, and in the end several times, so that no outage is taken for the next one.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from duckdb import DuckDBPyConnection as DuckDB

from models.settle.imports import stream_of
from models.settle.months import first_day, last_day
from pipelines.cli.common import utc_now
from pipelines.config.home import Home
from pipelines.decisions.opening import open_decisions
from pipelines.exports.company import FILE_NAME, Letterhead, load_letterhead
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.landing.landing import Landing
from pipelines.landing.manifests import stamp
from pipelines.orchestration import run_records
from pipelines.orchestration.run_records import Run
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml, with_differences
from pipelines.stages.settle.import_invoices import Intake, Offered, Said, keep
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import open_current
from pipelines.warehouse.sql_files import fetch_row

_DAY = timedelta(days=1)
_EVERY = 14
_OFTEN = timedelta(days=21)
_CLOSE = timedelta(days=2)
_CLOSE_LOOK = timedelta(hours=6)


def simulate_past(
    runtime: Runtime, begin: datetime, now: datetime, advance: Callable[[datetime], None]
) -> None:
    """Visit every partner on each day of its past, as a schedule would have done.

    Args:
        runtime: the home and the partners; its clock is not asked.
        begin: the first visit.
        now: where the past ends; no visit is made then.
        advance: moves the partners' world on.
    """
    with runtime.holding() as warehouse:
        seen_until = _seen_until(warehouse)
        for moment, modules in _looks(begin, now):
            if moment <= seen_until:
                continue  # an earlier demo was interrupted after that look
            advance(moment)
            run = Run(stamp(moment), "demo", moment, len(runtime.partners.asked))
            run_records.begin(warehouse, run)
            asyncio.run(_visit_all(runtime, run, modules))
            load_waiting(warehouse, runtime.loading)
            run_records.end(warehouse, run, moment, failed=(), whole=True)


def _looks(begin: datetime, now: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Yield when the past is looked at, and which modules are asked for."""
    for day in range((now - begin).days):
        moment = begin + _DAY * day
        close = now - moment <= _CLOSE
        places = now - moment <= _OFTEN or day % _EVERY == 0
        yield moment, ("locations", "tariffs") if places else ("tariffs",)
        for look in range(1, _DAY // _CLOSE_LOOK if close else 1):
            yield moment + _CLOSE_LOOK * look, ("locations",)


def _seen_until(warehouse: Warehouse) -> datetime:
    """Return when the last visit began; long ago where there was none."""
    with warehouse.reader() as con:
        row = fetch_row(con, "select max(started_at) from ops.runs where status = 'complete'")
    return row[0] if row and row[0] else datetime.min.replace(tzinfo=UTC)


async def _visit_all(runtime: Runtime, run: Run, modules: tuple[str, ...]) -> None:
    context = dataclasses.replace(runtime.fetch_context, now=lambda: run.started_at)
    visits = [
        context.pull(
            partner, PullRequest(run.run_id, modules, False, None, runtime.watermarks(partner.name))
        )
        for partner in runtime.partners.asked
    ]
    await asyncio.gather(*visits)


SENDER = "voltix"  # the sandbox partner whose invoice it is
_FOLDER = "invoices"
_BILLED = """
select l.country_code || '/' || l.party_id as party, l.month, l.currency, l.cdr_id,
    l.claimed_excl_vat, coalesce(max(v.vat_rate), 21) as vat_rate, l.energy_kwh
from settle.statement_lines as l
left join settle.line_vat as v
    using (partner, cdr_country_code, cdr_party_id, cdr_id, month)
where l.partner = $partner and l.kind = 'cdr' and l.direction = 'payable'
    and l.claimed_excl_vat > 0
    and l.month < (select strftime(max(fetched_at), '%Y-%m') from ops.pages)
group by all
order by l.month desc, party, l.currency, l.cdr_id
"""

_LEAST = 3


def take_in_invoice(home: Home) -> str | None:
    """Write the invoice of the demo's partner and take it in, once for a home.

    `home`: of the demo, settled and published.

    Returns:
        The number of the invoice; None: there is nothing to invoice, or it was taken in before.
    """
    con = open_current(home.serving)
    if con is None:
        return None
    with con:
        letterhead = load_letterhead(home.path / FILE_NAME)
        document = demo_invoice(con, letterhead)
        if document is None:
            return None
        file = home.path / _FOLDER / f"{document.number}.xml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(invoice_xml(document))
        offered = Offered(file.name, file.read_bytes())
        with open_decisions(home, clock=utc_now) as store:
            known = store.view().invoices
            steps = Intake(con, letterhead, {}, known).prepare([offered], Said(partner=SENDER))
            if any(stream_of(one.key) == steps[0].stream for one in known):
                return None
            keep(Landing.of_home(home).files, store, steps, SENDER)
    return document.number


def demo_invoice(con: DuckDB, letterhead: Letterhead) -> PartnerInvoice | None:
    """Return what the partner asks for its last full month; None: it billed too little."""
    rows = con.execute(_BILLED, {"partner": SENDER}).fetchall()
    rows = [row for row in rows if row[:3] == rows[0][:3]]
    if len(rows) < _LEAST:
        return None
    party, month, currency = rows[0][:3]
    cent = Decimal("0.01")
    lines = [
        BilledCdr(cdr_id, amount.quantize(cent), rate.normalize(), energy or Decimal())
        for _, _, _, cdr_id, amount, rate, energy in rows
    ]
    seller, buyer = letterhead.theirs(party), letterhead.ours()
    return PartnerInvoice(
        number=f"{party.replace('/', '')}-{month}",
        issued_on=last_day(month) + timedelta(days=3),
        currency=currency,
        period=(first_day(month), last_day(month)),
        seller=(seller.name, seller.vat_id or ""),
        buyer=(buyer.name, buyer.vat_id or ""),
        lines=with_differences(lines),
    )
