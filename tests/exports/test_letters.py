"""Dispute letters: to one party, of one sum, and never about what was let go."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settle_builder import SettleBuilder

from models.settle.document import Document
from models.settle.view import DecisionsView
from pipelines.exports.formats import DIALECTS
from pipelines.exports.formulas import escape_formula, printable
from pipelines.exports.letter import letter_csv, letter_parties, letter_pdf
from pipelines.exports.sheet import Paper
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.stages.settle.reading import read_document

ON = date(2026, 11, 5)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    words: list[str] = []
    for name in ("cell", "multi_cell"):
        original = getattr(Paper, name)

        def write(
            self: Paper, *args: object, _original: object = original, **kwargs: object
        ) -> object:
            words.extend(text for text in (*args, *kwargs.values()) if isinstance(text, str))
            return _original(self, *args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(Paper, name, write)
    return words


def settled(world: SettleBuilder) -> Document:
    world.settle(DecisionsView())
    return read_document(world.con, "voltix", "2026-10")


def amounts(text: str) -> list[D]:
    return [D(found.replace(",", "")) for found in re.findall(r"[0-9,]+\.[0-9]{2}", text)]


def test_the_amounts_of_a_letter_add_up_to_the_claim(
    world: SettleBuilder, paperwork: Paperwork, written: list[str]
) -> None:
    world.cdr("fair", "10.00")
    world.cdr("dear", "12.00", verdict="overclaimed", disputed="2", rule="TOTAL_COST_MISMATCH")
    world.cdr("old", "7.00", verdict="rejected", rejected="7", rule="CDR_TOO_OLD")
    credit = {"verdict": "rejected", "rule": "CREDITED_TWICE", "credit": True}
    world.cdr("twice", "-4.30", rejected="-4.30", **credit)
    letter_pdf(settled(world), paperwork.letterhead, ON)
    (summary,) = {text for text in written if text.startswith("We have checked")}
    claimed, contested, credits, rest = amounts(summary)
    assert (claimed, contested, credits, rest) == (D("24.70"), D(9), D("4.30"), D(20))
    assert claimed == contested - credits + rest
    assert "Credits that need correction: 4.30 EUR" in written
    assert not [text for text in written if "'-" in text or "contest -" in text]
    headings = [text for text in written if re.match("[0-9][.] ", text)]
    assert sum(amounts(" ".join(headings))) == contested


CLAIMS = st.lists(
    st.tuples(st.decimals("0.01", "99", places=2), st.sampled_from(["ok", "bad", "dead"])),
    min_size=1,
    max_size=5,
)
CREDITS = st.lists(st.decimals("0.01", "20", places=2), max_size=2)


@settings(max_examples=2, deadline=None)  # of several parties each: to settle takes as long for one
@given(months=st.lists(st.tuples(CLAIMS, CREDITS), min_size=4, max_size=4))
def test_any_letter_and_statement_have_one_sum(
    months: list[tuple[list[tuple[D, str]], list[D]]],
) -> None:
    world = SettleBuilder.open()
    parties = [("NL", f"VO{number}") for number in range(len(months))]
    for party, month in zip(parties, months, strict=True):
        claim_and_credit(world, party, *month)
    world.settle()
    for party in parties:
        document = read_document(world.con, "voltix", "2026-10", party=party)
        (statement,) = document.statements.to_dicts()
        held = statement["disputed_excl_vat"] + statement["rejected_excl_vat"]
        assert document.disputes["contested_excl_vat"].sum() == held
        assert held == (
            statement["disputed_excl_vat"]
            + statement["rejected_charges_excl_vat"]
            + statement["rejected_credits_excl_vat"]
            + statement["settled_excl_vat"]
        )


def claim_and_credit(
    world: SettleBuilder, party: tuple[str, str], claims: list[tuple[D, str]], credits: list[D]
) -> None:
    for number, (claim, kind) in enumerate(claims):
        verdicts = {"ok": "agreed", "bad": "overclaimed", "dead": "rejected"}
        half = (claim / 2).quantize(D("0.01"))
        world.cdr(
            f"c{number}",
            claim,
            party=party,
            verdict=verdicts[kind],
            disputed=half if kind == "bad" else 0,
            rejected=claim if kind == "dead" else 0,
            rule=None if kind == "ok" else "TOTAL_COST_MISMATCH",
        )
    for number, size in enumerate(credits):
        world.cdr(
            f"k{number}",
            -size,
            party=party,
            verdict="rejected",
            rejected=-size,
            credit=True,
            rule="CREDITED_TWICE",
        )


def test_each_party_of_a_hub_gets_a_letter_of_its_own(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    doubt = {"verdict": "overclaimed", "disputed": "2", "rule": "TOTAL_COST_MISMATCH"}
    world.cdr("a", "12.00", **doubt)
    world.cdr("b", "12.00", party=("DE", "ABC"), **doubt)
    world.cdr("c", "12.00", party=("BE", "XYZ"))
    document = settled(world)
    assert letter_parties(document) == [("DE", "ABC"), ("NL", "VOL")]
    rows = csv.DictReader(io.StringIO(letter_csv(document.of_party("DE", "ABC")).decode()))
    assert [row["subject_id"] for row in rows] == ["b"]


def test_a_record_in_watt_hours_is_said_without_a_price_of_a_thousand_times(
    world: SettleBuilder, paperwork: Paperwork, written: list[str]
) -> None:
    world.cdr(
        "wh",
        "4.59",
        verdict="disputed",
        disputed="4.59",
        expected="4586.87",
        rule="TOTAL_COST_MISMATCH",
        cause="WH_FOR_KWH",
        message="Claimed 4.59, expected 4,586.87.",
    )
    letter_pdf(settled(world), paperwork.letterhead, ON)
    assert not [text for text in written if "4,586.87" in text]
    assert [text for text in written if "its energy in Wh" in text]


def test_a_string_of_thousands_of_characters_breaks_no_pdf(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    long = "x" * 3000
    doubt = {"verdict": "overclaimed", "disputed": "2", "rule": "TOTAL_COST_MISMATCH"}
    world.cdr(long[:39], "12.00", location=long, message=long, **doubt)
    document = settled(world)
    assert letter_pdf(document, paperwork.letterhead, ON).startswith(b"%PDF")
    assert export_statement(document, "pdf", paperwork).startswith(b"%PDF")


def test_a_file_of_an_open_month_says_so_in_every_format(
    world: SettleBuilder, paperwork: Paperwork, written: list[str]
) -> None:
    world.cdr("a", "10.00")
    document = settled(world)
    export_statement(document, "pdf", paperwork)
    assert "PROVISIONAL: the month is open, figures may change" in written
    rows = csv.DictReader(io.StringIO(export_statement(document, "csv", paperwork).decode()))
    assert [row["month_status"] for row in rows] == ["open"]


def test_a_spreadsheet_of_another_country_gets_its_own_csv(document: Document) -> None:
    data = letter_csv(document, DIALECTS["excel-semicolon"])
    assert data.startswith(b"\xef\xbb\xbfdispute_id;partner;")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert {row["contested_excl_vat"] for row in rows} == {"4,10", "7,00"}


@given(st.text(alphabet="ab\u202e\u2066\u200f\u061c;=+", max_size=12))
def test_no_mark_turns_the_direction_of_a_cell(text: str) -> None:
    for safe in (escape_formula(text), printable(text, 5)):
        assert not set(safe) & set("\u202e\u2066\u200f\u061c")
    assert len(printable(text, 5)) <= 5


def test_unknown_vat_is_assumed_and_marked(
    world: SettleBuilder, paperwork: Paperwork, written: list[str]
) -> None:
    world.cdr("a", "10.00")
    world.cdr("b", "5.00", rates={"21": "5"})
    named = paperwork.letterhead.model_copy(update={"assumed_vat": {"NL": D(21)}})
    export_statement(settled(world), "pdf", Paperwork(named, ON))
    place = written.index("Payable including VAT, partly assumed at NL 21 %")
    assert "18.15" in written[place : place + 9]


def test_a_letter_about_what_was_not_answered_is_a_reminder(
    document: Document, paperwork: Paperwork, written: list[str]
) -> None:
    first = pl.lit("sent").alias("state"), pl.lit(date(2026, 11, 1)).alias("sent_on")
    told = replace(
        document,
        disputes=document.disputes.with_columns(*first, pl.lit(date(2026, 11, 20)).alias("due_on")),
    )
    titles = {
        date(2026, 11, 20): "Disputed charges of October 2026",
        date(2026, 11, 21): "Reminder: disputed charges of October 2026",
        date(2026, 12, 5): "Final reminder: disputed charges of October 2026",
    }
    for issued_on, title in titles.items():
        written.clear()
        letter_pdf(told, paperwork.letterhead, issued_on)
        assert title in written
    assert (
        "We wrote to you about 3 records of what follows on 1 November 2026 and asked for an "
        "answer by 20 November 2026; none has come."
    ) in written
