"""`roamhouse invoice send`: the record of an invoice that we wrote, on its way to the partner."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.common import as_option, fail, utc_now
from pipelines.cli.terminal import say
from pipelines.cli.workspace import month_argument, party_option, with_workspace
from pipelines.decisions.user import acting_user
from pipelines.ocpi.errors import OcpiError

if TYPE_CHECKING:
    from pipelines.ingest.record_sending import RecordSender
    from pipelines.stages.settle.workspace import Workspace

_Record = dict[str, Any]


@click.command("send")
@click.option("--partner", required=True, help="The partner, as in the partners file.")
@month_argument
@party_option
@click.option("--currency", metavar="CODE", help="One currency only, as EUR.")
@click.option("--delete", is_flag=True, help="The record was an error: take it back.")
@click.option("--again", is_flag=True, help="Also if it was sent before: ask, then send once more.")
@click.option("--dry-run", is_flag=True, help="Print the record; send nothing.")
@as_option
@with_workspace
def send(
    partner: str,
    month: str,
    party: tuple[str, str] | None,
    currency: str | None,
    delete: bool,
    again: bool,
    dry_run: bool,
    named: str | None,
    workspace: Workspace,
) -> None:
    """Send PARTNER the InvoiceReconciliationRecord of the invoice that we wrote for a month.

    A new record goes by POST, a changed one by PUT (OCPI 2.3.0). What was sent and what the partner
    answered are landed; nothing is sent twice unless --again says so. Ends with 1 if the partner
    refuses it, or does not answer.
    """
    workspace.check_known(partner)
    record, counterparty = _record(workspace, partner, month, party, currency, delete=delete)
    if dry_run:
        click.echo(json.dumps(record, indent=1))
        return
    sender = _sender(workspace, partner, record, counterparty)
    who = acting_user(named)
    taken, says = asyncio.run(_send(workspace, sender, record, who, delete=delete, again=again))
    say(f"{partner}: {says}", err=not taken)
    raise SystemExit(0 if taken else 1)


def _record(
    workspace: Workspace,
    partner: str,
    month: str,
    party: tuple[str, str] | None,
    currency: str | None,
    *,
    delete: bool,
) -> tuple[_Record, tuple[str, str]]:
    """Return the record, or of one that is to go its identity, and whom it is for."""
    from pipelines.exports.invoice_record import invoice_record, record_id
    from pipelines.exports.statement import own_party_of, single_statement
    from pipelines.stages.settle.dispute_queries import refuse_outdated
    from pipelines.stages.settle.reading import read_document

    part = single_statement(
        read_document(workspace.con, partner, month, party=party, currency=currency)
    )
    (statement,) = part.statements.to_dicts()
    counterparty = (statement["country_code"], statement["party_id"])
    own = own_party_of(workspace.own_party(partner))
    if delete:
        country_code, party_id = own
        record = {"country_code": country_code, "party_id": party_id, "id": record_id(statement)}
        return record, counterparty
    view = workspace.decisions_view()
    refuse_outdated(part, view)
    text = invoice_record(part, own, utc_now(), view.revision(partner, month))
    return json.loads(text), counterparty


def _sender(
    workspace: Workspace, partner: str, record: _Record, counterparty: tuple[str, str]
) -> RecordSender:
    from pipelines.config.connections import connected_tokens
    from pipelines.config.partners import OcpiPartner
    from pipelines.ingest.record_sending import RecordSender
    from pipelines.landing.landing import Landing

    entry = workspace.partners.get(partner)
    if not isinstance(entry, OcpiPartner):
        fail(f"{partner} is no OCPI partner of the partners file: nothing can be sent to it")
    environ = connected_tokens(workspace.home, workspace.partners, os.environ)
    own = (record["country_code"], record["party_id"])
    landing = Landing.of_home(workspace.home)
    return RecordSender(entry, environ, own, counterparty, landing, utc_now)


async def _send(
    workspace: Workspace,
    sender: RecordSender,
    record: _Record,
    who: str,
    *,
    delete: bool,
    again: bool,
) -> tuple[bool, str]:
    body = (json.dumps(record) + "\n").encode()
    lasting = {name: value for name, value in record.items() if name != "last_updated"}
    content = hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
    stream = "/".join(
        [sender.partner.name, *(record[n] for n in ("country_code", "party_id", "id"))]
    )
    said = {"content": content, "invoice_id": record.get("invoice_id", "")}
    method = None
    try:
        async with sender:
            is_there = await sender.has(record) if again else None
            with workspace.decisions() as store:  # on disk before anything goes out
                method = store.send_record(stream, who, said, delete=delete, is_there=is_there)
            answer = await sender.send(method, record, body)
    except OcpiError as error:
        unknown = "whether it came is not known; `roamhouse invoice send --again` asks"
        return False, f"{error}; {unknown if method else 'nothing was sent'}"
    outcome = "taken" if answer.taken else "refused"
    with workspace.decisions() as store:
        kept = {"outcome": outcome, "says": answer.says, "pull_id": answer.pull_id}
        store.answer_record(stream, who, kept)
    about = f"record of {record['invoice_id']}" if "invoice_id" in record else record["id"]
    return answer.taken, f"{about} sent by {method}: {outcome} ({answer.says})"
