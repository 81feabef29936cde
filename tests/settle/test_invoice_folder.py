"""A folder that is watched: what is taken in, and what is set aside with its reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from settle_builder import AS_OF, SettleBuilder

from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import Letterhead
from pipelines.invoices.store import kept_file
from pipelines.landing.files import Files
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml
from pipelines.stages.settle.import_invoices import Intake, set_aside, take_in_folder

DOCUMENT = invoice_xml(
    PartnerInvoice(
        "INV-1",
        issued_on=date(2026, 11, 3),
        currency="EUR",
        period=(date(2026, 10, 1), date(2026, 10, 31)),
        seller=("Voltix BV", "NL123456789B01"),
        buyer=("EMS", "NL987654321B01"),
        lines=(BilledCdr("A", Decimal("10.00"), Decimal(21), Decimal("20.5")),),
    )
)


def test_a_folder_is_taken_in_and_what_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    world = SettleBuilder.open()
    world.cdr("A")
    world.settle()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "october.xml").write_bytes(DOCUMENT)
    (folder / "broken.xml").write_bytes(b"<Invoice")
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as store:
        take_in_folder(Intake(world.con, Letterhead(), {}, ()), folder, Files(tmp_path), store)
        take_in_folder(Intake(world.con, Letterhead(), {}, ()), folder, Files(tmp_path), store)
        (kept,) = store.view().invoices
    assert kept.who == "watched folder"
    assert kept_file(Files(tmp_path), kept.files[0].sha256) == DOCUMENT
    assert set_aside(folder) == ["broken.xml"]
    assert (
        (folder / "refused" / "broken.xml.reason.txt").read_text("utf-8").startswith("broken.xml:")
    )
    assert [path.name for path in (folder / "taken").iterdir()] == ["october.xml"]


@pytest.mark.withstands(
    "killed between taking an invoice in and moving its file", "it is taken in once, and moved next"
)
def test_file_that_was_taken_in_and_not_moved_is_no_second_invoice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = SettleBuilder.open()
    world.cdr("A")
    world.settle()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "october.xml").write_bytes(DOCUMENT)
    intake = Intake(world.con, Letterhead(), {}, ())
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as store:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                take_in_folder(intake, folder, Files(tmp_path), store)
        take_in_folder(intake, folder, Files(tmp_path), store)
        assert len(store.view().invoices) == 1
    assert set_aside(folder) == []
    assert (folder / "taken" / "october.xml").exists()
