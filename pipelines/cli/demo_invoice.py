"""The invoice that a sandbox partner sends in the demo, with three differences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import duckdb

from models.settle.imports import stream_of
from models.settle.months import first_day, last_day
from pipelines.cli.common import utc_now
from pipelines.config import Home
from pipelines.decisions import DecisionsStore
from pipelines.exports.company import FILE_NAME, Letterhead, load_letterhead
from pipelines.invoices.store import invoice_store
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml, with_differences
from pipelines.stages.settle.import_invoices import Intake, Offered, Said
from pipelines.warehouse.snapshot import open_current

SENDER = "voltix"
"""The sandbox partner whose invoice it is."""
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

    Args:
        home: of the demo, settled and published.

    Returns:
        The number of the invoice; None: there is nothing to invoice, or it was taken in before.
    """
    con = open_current(home.serving)
    if con is None:
        return None
    with con:
        letterhead = load_letterhead(home.path / FILE_NAME)
        document = _invoice(con, letterhead)
        if document is None:
            return None
        file = home.path / _FOLDER / f"{document.number}.xml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(invoice_xml(document))
        offered = Offered(file.name, file.read_bytes())
        with DecisionsStore(home.decisions, clock=utc_now) as store:
            known = store.view().invoices
            steps = Intake(con, letterhead, {}, known).prepare([offered], Said(partner=SENDER))
            if any(stream_of(one.key) == steps[0].stream for one in known):
                return None
            invoice_store(home.landing).put(offered.data)
            store.take_in([(step.stream, step.name, step.data) for step in steps], SENDER)
    return document.number


def _invoice(con: duckdb.DuckDBPyConnection, letterhead: Letterhead) -> PartnerInvoice | None:
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
