"""`roamhouse invoice`: take in, look first, show, withdraw; and how it refuses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from settle_builder import AS_OF, SettleBuilder

from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from pipelines.invoices.store import kept_file
from pipelines.landing.files import Files
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml
from pipelines.stages.settle.received import read_received

PARTNERS = """
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
    party: NL/EMS
"""
D = Decimal
GOOD = (BilledCdr("a", D("10.00"), D(21)), BilledCdr("b", D("12.00"), D(21)))
TYPED = ("--number", "T-1", "--issued", "2026-11-03", "--currency", "EUR", "--partner", "voltix")


def ubl(number: str, *lines: BilledCdr) -> bytes:
    period = (date(2026, 10, 1), date(2026, 10, 31))
    parties = (("Voltix BV", "NL123456789B01"), ("EMS", "NL987654321B01"))
    issued_on = date(2026, 11, 3)
    return invoice_xml(PartnerInvoice(number, issued_on, "EUR", period, *parties, lines))


class Desk:
    """A home with a published snapshot, and a person at its command line."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.home.create()
        self.home.partners.write_text(PARTNERS, encoding="utf-8")
        self.path = self.home.serving / "warehouse-000001.duckdb"
        world = SettleBuilder.open(str(self.path))
        world.cdr("a", "10.00", rates={"21": "10"})
        disputed = {"rule": "TIME_COST_MISMATCH", "verdict": "overclaimed", "disputed": "2"}
        world.cdr("b", "12.00", rates={"21": "12"}, **disputed)
        world.con.close()
        (self.home.serving / "current").write_text(self.path.name + "\n", encoding="utf-8")
        self.settle()

    def settle(self) -> None:
        world = SettleBuilder.open(str(self.path))
        with DecisionsStore(self.home.decisions, clock=lambda: AS_OF) as store:
            view = store.view()
        reading = read_received(
            world.con, view.invoices, partial(kept_file, Files(self.home.landing))
        )
        assert reading.unreadable == ()
        world.settle(view, received=reading.frames)
        world.con.close()

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli, ["invoice", *words, "--home", str(self.home.path)])

    def file(self, name: str, data: bytes) -> str:
        path = self.home.path / name
        path.write_bytes(data)
        return str(path)

    def listed(self) -> list[tuple[str, str, str]]:
        rows = json.loads(self("list", "--json").stdout)["invoices"]
        return [(row["number"], row["verdict"], row["payable_excl_vat"]) for row in rows]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("ROAMHOUSE_PARTNERS", raising=False)
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setattr(
        "pipelines.cli.workspace.utc_now", lambda: datetime(2026, 12, 1, tzinfo=UTC)
    )
    return Desk(tmp_path / "home")


def test_a_dry_run_shows_all_and_keeps_nothing(desk: Desk) -> None:
    path = desk.file("inv.xml", ubl("INV-1", *GOOD))

    shown = desk("import", path, "--dry-run")

    assert shown.exit_code == 0, shown.output
    assert "Pay 20.00 of 22.00 EUR before taxes; contest 2.00." in shown.stdout
    assert "INVOICE_LINE_CONTESTED" in shown.stdout
    assert not desk.home.decisions.exists() or "INV-1" not in desk("list").stdout
    assert not (desk.home.landing / "invoices").exists()


def test_an_import_is_kept_as_received_and_shown_once_settled(desk: Desk) -> None:
    data = ubl("INV-1", *GOOD)
    assert desk("import", desk.file("inv.xml", data)).exit_code == 0
    assert "1 more were taken in since" in desk("list").stderr
    desk.settle()

    assert desk.listed() == [("INV-1", "pay_part", "20.000000")]
    shown = json.loads(desk("show", "inv-1", "--json").stdout)["invoices"][0]
    assert [line["cdr_id"] for line in shown["lines"]] == ["a", "b"]
    assert kept_file(Files(desk.home.landing), shown["sources"][0]) == data
    assert shown["party_id"] == "VOL"  # by the CDRs that it lists

    again = desk("import", desk.file("inv.xml", data))
    assert again.exit_code == 1
    assert "was taken in already" in again.stderr


def test_what_was_taken_in_by_mistake_counts_no_more_and_can_come_again(desk: Desk) -> None:
    path = desk.file("inv.xml", ubl("INV-1", *GOOD))
    desk("import", path)
    assert desk("withdraw", "INV-1", "--reason", "another company's").exit_code == 0
    desk.settle()
    assert desk.listed() == []
    assert desk("withdraw", "INV-1", "--reason", "again").exit_code == 2
    assert desk("import", path).exit_code == 0


def test_a_sheet_is_the_annex_of_the_document_beside_it(desk: Desk) -> None:
    single = BilledCdr("October", D("22.00"), D(21))
    document = desk.file("inv.xml", ubl("INV-1", single))
    sheet = desk.file("cdrs.csv", b"Beleg;Preis\na;10,00\nb;12,00\n")

    asked = desk("import", document, sheet, "--partner", "voltix")
    assert asked.exit_code == 1
    assert "'Beleg', 'Preis'" in asked.stderr

    mapping = ("--map", "cdr_id=Beleg", "--map", "amount=Preis")
    assert desk("import", document, sheet, "--partner", "voltix", *mapping).exit_code == 0
    desk.settle()
    assert desk.listed() == [("INV-1", "pay_part", "20.000000")]

    # The mapping was learned: the next sheet of the partner needs none.
    learned = desk("import", sheet, *TYPED, "--dry-run")
    assert learned.exit_code == 0, learned.output
    assert "INVOICE_LINE_TWICE" in learned.stdout


def test_an_invoice_on_paper_is_typed_in(desk: Desk) -> None:
    paper = (*TYPED, "--net", "22.00", "--vat", "21=4.62", "--gross", "26.62", "--month", "2026-10")
    assert desk("import", *paper).exit_code == 0
    desk.settle()
    assert desk.listed() == [("T-1", "pay_part", "20.000000")]


def test_what_cannot_be_taken_in_is_refused_whole(desk: Desk) -> None:
    good = desk.file("good.xml", ubl("INV-1", *GOOD))
    bad = desk.file("bad.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><Invoice>&b;</Invoice>')

    refused = desk("import", good, bad)

    assert refused.exit_code == 1
    assert "bad.xml: the XML declares a document type or entities" in refused.stderr
    assert desk.listed() == []
    assert desk("import").exit_code == 2
    assert desk("show", "NONE").exit_code == 2
