"""A settled month to export: hostile texts, several rates, disputes of two causes."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "settle"))

from settle_builder import SettleBuilder

from models.settle.document import Document
from pipelines.exports.company import Letterhead
from pipelines.exports.statement import Paperwork
from pipelines.stages.settle.reading import read_document

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", '=HYPERLINK("http://x")')


def company() -> Letterhead:
    ours = {"name": "Émobilité Nord B.V.", "country": "NL", "vat_id": "NL123456789B01"}
    theirs = {"name": "Voltix Ørsted N.V.", "country": "NL", "vat_id": "NL987654321B01"}
    return Letterhead.model_validate(
        {
            "company": {**ours, "street": "Kade 1", "city": "Zwolle", "iban": "NL91ABNA0417164300"},
            "counterparties": {"NL/VOL": {**theirs, "iban": "NL02RABO0123456789"}},
        }
    )


def lock(world: SettleBuilder) -> None:
    """Have the month closed: invoices are of closed months."""
    world.con.execute("update settle.statements set status = 'locked'")


@pytest.fixture
def world() -> SettleBuilder:
    return SettleBuilder.open()


@pytest.fixture(scope="session")
def document() -> Document:
    """The month as its readers get it, settled once: nothing can change it."""
    world = SettleBuilder.open()
    world.cdr("fair", "10.00", rates={"21": "10"}, location="Kraków ø €")
    world.cdr("blend", "9.00", rates={"21": "6", "9": "3"})
    for number in range(2):
        world.cdr(
            f"wall-{number}",
            "18.20",
            verdict="overclaimed",
            disputed="4.10",
            expected="14.10",
            rates={"21": "14.10"},
            rule="TIME_COST_MISMATCH",
            cause="WALL_CLOCK_TIME",
            message=f"Billed 96 minutes; the car charged for 61 (wall-{number}).",
        )
    world.cdr("old", "7.00", verdict="rejected", rejected="7.00", rule="CDR_TOO_OLD")
    for number, text in enumerate(HOSTILE):
        world.cdr(f"{text}{number}", "1.00", location=text, rates={"21": "1"})
    world.settle()
    lock(world)
    return read_document(world.con, "voltix", "2026-10")


@pytest.fixture
def paperwork() -> Paperwork:
    return Paperwork(company(), date(2026, 11, 5), "NL/EMS")
