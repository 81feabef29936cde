"""Texts, enums, codes and zones as partners write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.field_kinds import ALPHA2, ALPHA3, CURRENCY, FLAG, ZONE, Enum, Kind, ListOf, Text
from models.ocpi.issues import Issues
from models.ocpi.people import MASKED
from models.ocpi.values import enumerations as words
from models.ocpi.values.texts import cleaned


def read(kind: Kind, value: Any) -> tuple[Any, list[str]]:
    issues = Issues()
    return kind.read(value, "x", issues), [deviation.kind for deviation in issues.deviations]


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("Utrecht", "Utrecht", []),
        ("Zürich", "Zürich", []),
        ("  Utrecht ", "Utrecht", ["normalised"]),
        ("Ut\x00recht\x07", "Utrecht", ["normalised"]),
        ("Plein\r\n1", "Plein 1", ["normalised"]),
        ("CafÃ©", "Café", ["normalised"]),
        ("lâ€™arrÃªt", "l\u2019arrêt", ["normalised"]),
        ("a\ud800b", "a\ufffdb", ["normalised"]),
        ("", None, ["empty"]),
        (" \t", None, ["empty"]),
        (42, "42", ["coerced"]),
        (True, None, ["unusable"]),
        ({}, None, ["unusable"]),
        ("<b>x</b>", "<b>x</b>", []),
        ("=1+1", "=1+1", []),
        ("123456789", "123456789", ["too_long"]),
    ],
)
def test_texts_are_cleaned_and_kept_whole(value: Any, text: str | None, found: list[str]) -> None:
    assert read(Text(8), value) == (text, found)


def test_an_identifier_of_a_person_is_not_repeated_in_notes() -> None:
    issues = Issues()
    assert Text(4, secret=True).read(" 04AABB ", "x", issues) == "04AABB"
    assert {d.original for d in issues.deviations} == {f'"{MASKED}"'}
    assert {d.repaired for d in issues.deviations} == {f'"{MASKED}"'}


@pytest.mark.parametrize(
    ("kind", "value", "taken", "found"),
    [
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "AVAILABLE", "AVAILABLE", []),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "available", "AVAILABLE", ["normalised"]),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "WORKING", "AVAILABLE", ["unknown_value"]),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "Faulted", "OUTOFORDER", ["unknown_value"]),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "SLEEPING", "UNKNOWN", ["unknown_value"]),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), "", "UNKNOWN", ["empty"]),
        (Enum(words.EVSE_STATUS, unknown="UNKNOWN"), [], "UNKNOWN", ["unusable"]),
        (Enum(words.CONNECTOR_TYPE), "CCS2", "IEC_62196_T2_COMBO", ["unknown_value"]),
        (
            Enum(words.CONNECTOR_TYPE),
            "IEC_60309_2_SINGLE_16",
            "IEC_60309_2_single_16",
            ["normalised"],
        ),
        (Enum(words.CONNECTOR_TYPE), "iec-62196-t2", "IEC_62196_T2", ["normalised"]),
        (Enum(words.CONNECTOR_TYPE), "laser", "LASER", ["unknown_value"]),
        (Enum(words.SESSION_STATUS, strict=True), "DREAMING", None, ["unknown_value"]),
        (Enum(words.TAX_INCLUDED), True, "YES", ["unknown_value"]),
        (ALPHA3, "NLD", "NLD", []),
        (ALPHA3, "NL", "NLD", ["normalised"]),
        (ALPHA3, "nld", "NLD", ["normalised"]),
        (ALPHA3, "UK", "GBR", ["normalised"]),
        (ALPHA3, "ZZZ", "ZZZ", ["unknown_value"]),
        (ALPHA2, "NL", "NL", []),
        (ALPHA2, "NLD", "NL", ["normalised"]),
        (ALPHA2, "nl", "NL", ["normalised"]),
        (CURRENCY, "EUR", "EUR", []),
        (CURRENCY, "eur", "EUR", ["normalised"]),
        (CURRENCY, "€", "EUR", ["normalised"]),
        (CURRENCY, "EURO", "EURO", ["unknown_value"]),
        (ZONE, "Europe/Amsterdam", "Europe/Amsterdam", []),
        (ZONE, "Mars/Olympus", None, ["unknown_value"]),
        (ZONE, "../../etc/passwd", None, ["unknown_value"]),
        (ZONE, "Europe", None, ["unknown_value"]),
        (FLAG, False, False, []),
        (FLAG, "true", True, ["coerced"]),
        (FLAG, 0, False, ["coerced"]),
        (FLAG, "maybe", None, ["unusable"]),
        (ListOf(Text(36)), ["a", 7], ["a", "7"], ["coerced"]),
        (ListOf(Text(36)), "a", ["a"], ["coerced"]),
        (ListOf(Text(36)), [], [], []),
        (ListOf(Text(36), single=True), "a", ["a"], []),
        (ListOf(Text(36)), [None, "", "a"], ["a"], ["empty"]),
    ],
)
def test_words_codes_and_lists(kind: Kind, value: Any, taken: Any, found: list[str]) -> None:
    result, kinds = read(kind, value)
    assert result == taken
    assert set(found) <= set(kinds)
    assert bool(found) == bool(kinds)


@given(st.text())
def test_cleaning_twice_changes_nothing_more_for_plain_text(text: str) -> None:
    once = cleaned(text.encode("ascii", "ignore").decode())
    assert cleaned(once) == once
    assert once.isprintable()
