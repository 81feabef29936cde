"""Records of our invoices on their way to a partner, which is another roamhouse."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from instances import NOW, Instance, Pair
from settle_builder import SettleBuilder

from models.contract import Contract
from models.settle.records import fold
from pipelines.cli.main import cli
from pipelines.decisions.store import DecisionsStore
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.progress import NoProgress
from pipelines.landing.journal import FOLDER, finished_segments
from pipelines.ocpi.credentials import CredentialsClient
from pipelines.ocpi.errors import BrokenConnectionError
from pipelines.orchestration.pushes import take_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse

_SHORT = timedelta(milliseconds=50)


@pytest.fixture
def send(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The eMSP bills itself for what it owes the operator, and has closed the month."""
    pair.register()
    monkeypatch.setattr("pipelines.receiver.journal_writer.LONGEST_SEGMENT", _SHORT)
    publish(pair.emsp, "a", "b")
    minutes = itertools.count(-60)
    later = lambda: NOW + timedelta(minutes=next(minutes))  # noqa: E731
    monkeypatch.setattr("pipelines.cli.invoice_record.utc_now", later)
    queries = "pipelines.stages.settle.dispute_queries"
    monkeypatch.setattr(f"{queries}.refuse_outdated", lambda *_: None)  # locked below, by hand
    words = ("--partner", "other", "--month", "2026-10", "--home", str(pair.emsp.home.path))
    return lambda *more: CliRunner().invoke(cli, ["invoice", "send", *words, *more])


def publish(instance: Instance, *cdrs: str) -> None:
    serving = instance.home.serving
    serving.mkdir(exist_ok=True)
    number = len(list(serving.glob("*.duckdb"))) + 1
    file = serving / f"warehouse-{number:06d}.duckdb"
    world = SettleBuilder.open(str(file))
    world.contracts = {"other": Contract(billing="reverse")}
    for identity in cdrs:
        world.cdr(identity, "10.00", partner="other")
    world.settle()
    world.con.execute("update settle.statements set status = 'locked'")
    world.con.close()
    (serving / "current").write_text(file.name + "\n", encoding="utf-8")


def received(instance: Instance) -> list[Any]:
    """What the operator has of our records, after loading what was pushed."""
    runtime = Runtime(instance.home, instance.partners, {}, lambda: NOW, NoProgress())
    landing = instance.home.landing
    while len(finished_segments(landing)) < len(list((landing / FOLDER).glob("*.ndjson"))):
        time.sleep(0.02)  # the newest is open a moment longer
    with Warehouse(instance.home.warehouse, threads=1) as warehouse:
        take_pushes(warehouse, runtime)
        load_waiting(warehouse, runtime.loading)
        with warehouse.reader() as con:
            query = "select invoice_id, cdr_ids from core.invoices where valid_to_at is null"
            return con.execute(query).fetchall()


def exchanges(instance: Instance) -> list[Any]:
    runtime = Runtime(instance.home, instance.partners, {}, lambda: NOW, NoProgress())
    with Warehouse(instance.home.warehouse, threads=1) as warehouse:
        load_waiting(warehouse, runtime.loading)
        with warehouse.reader() as con:
            query = (
                "select split_part(g.url, ' ', 1), g.http_status, g.ocpi_status, p.status "
                "from ops.pulls as p join ops.pages as g using (pull_id) where p.mode = 'send' "
                "order by page_id"
            )
            return con.execute(query).fetchall()


def test_a_record_is_posted_put_and_deleted_once_each(
    pair: Pair, send: Callable[..., Result]
) -> None:
    shown = send("--dry-run")
    assert (shown.exit_code, received(pair.cpo)) == (0, [])
    record = json.loads(shown.stdout)
    assert (record["party_id"], record["cdrs"]) == ("EMS", ["a", "b"])

    posted = send()
    assert posted.exit_code == 0, posted.output
    assert "sent by POST: taken (HTTP 201, OCPI 1000)" in posted.output
    assert received(pair.cpo) == [("NLVOL-2026-10-EUR", ["a", "b"])]
    again = send()
    assert (again.exit_code, "the partner has it since" in again.output) == (1, True)

    publish(pair.emsp, "a", "b", "c")
    assert "sent by PUT: taken (HTTP 200" in send().output
    assert received(pair.cpo) == [("NLVOL-2026-10-EUR", ["a", "b", "c"])]
    assert "sent by PUT: taken" in send("--again").output

    assert "sent by DELETE: taken" in send("--delete").output
    assert received(pair.cpo) == []
    assert "no such record" in send("--delete").output

    landed = exchanges(pair.emsp)
    assert [row[0] for row in landed] == [
        "POST",
        "answer",
        *["PUT", "answer"] * 2,
        "DELETE",
        "answer",
    ]
    assert {row[1:] for row in landed} >= {(201, None, "complete"), (201, 1000, "complete")}


def test_an_answer_that_is_lost_is_not_sent_again_unasked(
    pair: Pair, send: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = CredentialsClient.exchange

    async def lost(self: CredentialsClient, method: str, *args: Any) -> Any:
        await exchange(self, method, *args)
        raise BrokenConnectionError("other: the connection broke")

    with monkeypatch.context() as patch:
        patch.setattr(CredentialsClient, "exchange", lost)
        broken = send()
    assert (broken.exit_code, "the connection broke" in broken.output) == (1, True)
    assert received(pair.cpo) == [("NLVOL-2026-10-EUR", ["a", "b"])]  # it came, all the same
    refused = send()
    assert (refused.exit_code, "no answer was kept" in refused.output) == (1, True)
    assert "sent by PUT: taken" in send("--again").output
    with DecisionsStore(pair.emsp.home.decisions, clock=lambda: NOW) as store:
        events = store.events("record")
    assert [event.name for event in events] == ["sending", "sending", "answered"]
    assert fold(events).held


def test_a_partner_that_offers_no_such_version_is_sent_nothing(
    pair: Pair, send: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.receiver.versions.VERSIONS", ("2.1.1", "2.2.1"))
    refused = send()
    assert (refused.exit_code, "it offers 2.1.1, 2.2.1" in refused.output) == (1, True)
    assert exchanges(pair.emsp) == []
    with DecisionsStore(pair.emsp.home.decisions, clock=lambda: NOW) as store:
        assert store.events("record") == []
