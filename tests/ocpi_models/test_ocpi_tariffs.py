"""Tariffs of every version in one canonical form that loses and weakens nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import TARIFF, changed, decode, deviations, kinds, reasons, row

from models.ocpi.lenient.tariffs import canonical_tariff


def canonical(tariff: Any, version: str = "2.2.1") -> dict[str, Any]:
    text = canonical_tariff(json.dumps(tariff).encode(), version, ("NL", "OWN")).json_text
    parsed: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return parsed


def restricted(restrictions: Any) -> tuple[Any, set[str]]:
    tariff = changed(TARIFF)
    tariff["elements"][0]["restrictions"] = restrictions
    result = canonical_tariff(json.dumps(tariff).encode(), "2.2.1")
    element = json.loads(result.json_text)["elements"][0]
    return element.get("restrictions"), {deviation.kind for deviation in result.deviations}


def test_a_clean_tariff_is_a_row_without_deviation() -> None:
    decoded = decode("tariffs", changed(TARIFF, min_price={"excl_vat": 1, "incl_vat": 1.21}))
    assert not deviations(decoded)
    tariff = row(decoded, "core.tariffs")
    assert (tariff["id"], tariff["currency"], tariff["type"]) == ("T1", "EUR", None)
    assert (tariff["min_price_excl_vat"], tariff["min_price_incl_vat"]) == (1, Decimal("1.21"))
    assert tariff["max_price_excl_vat"] is None
    assert json.loads(tariff["tariff"])["min_price"] == {"before_taxes": 1, "after_taxes": 1.21}


def test_limits_of_every_version_have_the_names_of_2_3_0() -> None:
    new = canonical(changed(TARIFF, max_price={"before_taxes": 5, "after_taxes": 6}), "2.3.0")
    old = canonical(changed(TARIFF, max_price={"excl_vat": 5.0, "incl_vat": 6}))
    assert new["max_price"] == old["max_price"] == {"before_taxes": 5, "after_taxes": 6}


def test_2_1_1_prices_as_texts_and_no_owner() -> None:
    tariff = changed(
        TARIFF, country_code=..., party_id=..., elements__0__price_components__0__price="2.00"
    )
    assert canonical(tariff, "2.1.1")["party_id"] == "OWN"
    component = canonical(tariff, "2.1.1")["elements"][0]["price_components"][0]
    assert component["price"] == 2


def test_null_and_empty_members_are_dropped_and_unknown_ones_kept() -> None:
    tariff = canonical(changed(TARIFF, type=None, tariff_alt_text=[], energy_mix={}, x_own="yes"))
    assert tariff["x_own"] == "yes"
    assert not {"type", "tariff_alt_text", "energy_mix", "min_price"} & set(tariff)


def test_vat_that_nobody_stated_is_absent_and_vat_of_zero_is_zero() -> None:
    absent = changed(TARIFF, elements__0__price_components__0__vat=None)
    zero = changed(TARIFF, elements__0__price_components__0__vat=0)
    assert "vat" not in canonical(absent)["elements"][0]["price_components"][0]
    assert canonical(zero)["elements"][0]["price_components"][0]["vat"] == 0


@pytest.mark.parametrize("price", [None, "", "free", ..., []])
def test_a_component_without_a_usable_price_has_none_which_is_not_zero(price: Any) -> None:
    tariff = changed(TARIFF, elements__0__price_components__0__price=price)
    assert "price" not in canonical(tariff)["elements"][0]["price_components"][0]
    assert canonical_tariff(json.dumps(tariff).encode(), "2.2.1").deviations


@pytest.mark.parametrize(
    ("sent", "taken", "found"),
    [
        (None, None, set()),
        ({}, None, set()),
        ([], None, {"coerced"}),
        ({"start_time": None, "day_of_week": []}, None, set()),
        (
            {"start_time": "09:00", "end_time": "17:00"},
            {"start_time": "09:00", "end_time": "17:00"},
            set(),
        ),
        ({"start_time": "9:00:00"}, {"start_time": "09:00"}, {"normalised"}),
        ({"end_time": "24:00"}, {"end_time": "00:00"}, {"normalised"}),
        ({"end_time": "23:59:59"}, {"end_time": "00:00"}, {"normalised"}),
        ({"min_kwh": "20"}, {"min_kwh": 20}, {"coerced"}),
        ({"dayOfWeek": ["monday"]}, {"day_of_week": ["MONDAY"]}, {"renamed", "normalised"}),
        ({"day_of_week": "MONDAY"}, {"day_of_week": ["MONDAY"]}, {"coerced"}),
        ({"day_of_week": ["SAT"]}, {"day_of_week": ["SATURDAY"]}, {"unknown_value"}),
        ({"reservation": "reservation"}, {"reservation": "RESERVATION"}, {"normalised"}),
        ({"start_date": "2026-10-01T00:00:00Z"}, {"start_date": "2026-10-01"}, {"normalised"}),
        ([{"max_power": 20}], {"max_power": 20}, {"coerced"}),
        ({"start_time": "7:5"}, {"start_time": "07:05"}, {"normalised"}),
        ({"start_date": "2026-1-5"}, {"start_date": "2026-01-05"}, {"normalised"}),
    ],
)
def test_restrictions_are_mended(sent: Any, taken: Any, found: set[str]) -> None:
    assert restricted(sent) == (taken, found)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"start_time": "morning"}, {"unusable_start_time": "morning"}),
        ({"max_kwh": "some"}, {"unusable_max_kwh": "some"}),
        ({"day_of_week": ["MONDAY", "FUNDAY"]}, {"unusable_day_of_week": ["MONDAY", "FUNDAY"]}),
        ({"day_of_week": ["monday", "FUNDAY"]}, {"unusable_day_of_week": ["MONDAY", "FUNDAY"]}),
        ({"start_date": "2026-13-01"}, {"unusable_start_date": "2026-13-01"}),
        ({"reservation": "PERHAPS"}, {"unusable_reservation": "PERHAPS"}),
        ({"vehicle": "TRUCK"}, {"vehicle": "TRUCK"}),
        ("nights", {"unusable_restrictions": "nights"}),
        ([{"min_kwh": 1}, {"max_kwh": 2}], {"restrictions_list": [{"min_kwh": 1}, {"max_kwh": 2}]}),
    ],
)
def test_a_restriction_that_cannot_be_read_never_disappears(sent: Any, kept: Any) -> None:
    taken, found = restricted(sent)
    assert taken == kept
    assert found


@pytest.mark.parametrize("stated", [{}, {"restrictions": None}])
def test_restrictions_under_the_name_restriction_are_read(stated: dict[str, Any]) -> None:
    tariff = changed(TARIFF)
    tariff["elements"][0] |= {"restriction": {"min_kwh": "5"}, **stated}
    result = canonical_tariff(json.dumps(tariff).encode(), "2.2.1")
    element = json.loads(result.json_text)["elements"][0]
    assert element["restrictions"] == {"min_kwh": 5}
    assert "restriction" not in element
    assert "renamed" in {deviation.kind for deviation in result.deviations}


def test_elements_keep_their_places() -> None:
    element = TARIFF["elements"][0]
    tariff = canonical(changed(TARIFF, elements=[{}, element]))
    assert tariff["elements"][0] == {}
    assert tariff["elements"][1]["price_components"][0]["price"] == Decimal("0.45")


def test_tax_included_has_the_words_of_2_3_0() -> None:
    for sent, taken in (("YES", "YES"), ("no", "NO"), ("N/A", "N/A"), (True, "YES"), (None, None)):
        tariff = row(
            decode("tariffs", changed(TARIFF, tax_included=sent), version="2.3.0"), "core.tariffs"
        )
        assert tariff["tax_included"] == taken


@pytest.mark.parametrize("broken", [{"id": None}, {"currency": ...}, {"currency": ""}])
def test_a_tariff_without_id_or_currency_is_refused(broken: dict[str, Any]) -> None:
    decoded = decode("tariffs", changed(TARIFF, **broken))
    assert len(reasons(decoded)) == 1
    assert decoded.frames["core.tariffs"].is_empty()


@pytest.mark.parametrize("elements", [None, [], "none", ...])
def test_a_tariff_without_elements_is_kept_and_noted(elements: Any) -> None:
    decoded = decode("tariffs", changed(TARIFF, elements=elements))
    assert ("elements", "absent") in kinds(decoded)
    assert "elements" not in json.loads(row(decoded, "core.tariffs")["tariff"])


def test_what_is_no_object_is_no_tariff() -> None:
    for raw in (b"[]", b"null", b"{", b""):
        assert canonical_tariff(raw, "2.2.1").reasons


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_any_restrictions_at_all_are_kept_or_say_nothing(restrictions: Any) -> None:
    taken, found = restricted(restrictions)
    if taken is None:
        assert found <= {"coerced", "empty", "renamed"}
