"""CDRs of every version, clean and as partners send them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from object_samples import (
    CDR,
    CDR_211,
    CDR_230,
    PERIOD,
    TARIFF,
    changed,
    decode,
    deviations,
    kinds,
    reasons,
    row,
    rows,
)


def test_a_clean_cdr_has_no_deviation_and_every_column() -> None:
    decoded = decode("cdrs", CDR)
    assert (decoded.object_count, decoded.quarantined) == (1, 0)
    assert not deviations(decoded)
    cdr = row(decoded, "core.cdrs")
    assert cdr["start_at"] == datetime(2026, 10, 3, 9, tzinfo=UTC)
    assert cdr["total_cost_excl_vat"] == Decimal("5.625")
    assert cdr["total_cost_incl_vat"] == Decimal("6.80625")
    assert cdr["token_uid"] == "p:04AABBCC"
    assert cdr["contract_id"] == "p:NL-EMS-C1-X"
    assert cdr["total_fixed_cost_excl_vat"] is None
    assert (cdr["credit"], cdr["home_charging_compensation"]) == (False, False)
    period = row(decoded, "core.charging_periods")
    assert (period["cdr_id"], period["period_index"], period["tariff_id"]) == ("C1", 0, "T1")
    assert (period["energy_kwh"], period["time_h"]) == (Decimal("12.5"), Decimal("0.5"))
    embedded = row(decoded, "core.embedded_tariffs")
    assert cdr["tariff_hashes"] == [embedded["content_hash"]]
    assert cdr["period_count"] == 1


def test_2_1_1_brings_its_location_and_flat_and_no_owner() -> None:
    decoded = decode("cdrs", CDR_211, version="2.1.1")
    assert not deviations(decoded)
    cdr = row(decoded, "core.cdrs")
    assert (cdr["country_code"], cdr["party_id"]) == ("NL", "OWN")
    assert cdr["end_at"] == datetime(2026, 10, 3, 10, tzinfo=UTC)
    assert cdr["time_zone"] == "Europe/Amsterdam"
    assert (cdr["evse_uid"], cdr["evse_id"], cdr["connector_id"]) == ("E1", "NL*VOL*E1", "1")
    assert cdr["connector_tariff_ids"] == ["T9"]
    assert (cdr["token_uid"], cdr["contract_id"]) == ("p:NL-EMS-C1-X", "p:NL-EMS-C1-X")
    assert (cdr["total_cost_excl_vat"], cdr["total_cost_incl_vat"]) == (Decimal("5.63"), None)
    assert cdr["total_parking_time_h"] == Decimal("0.25")
    assert cdr["session_id"] is None
    assert cdr["tariff_hashes"] is None
    assert row(decoded, "core.charging_periods")["flat"] == Decimal(1)


def test_2_1_1_with_more_than_the_evse_used_is_noted() -> None:
    evses = CDR_211["location"]["evses"]
    decoded = decode("cdrs", changed(CDR_211, location__evses=evses * 2), version="2.1.1")
    assert kinds(decoded) == {("location.evses", "unusable")}
    assert row(decoded, "core.cdrs")["evse_uid"] == "E1"


@pytest.mark.parametrize(
    ("total", "incl"),
    [
        (
            {
                "before_taxes": 5,
                "taxes": [{"name": "GST", "amount": 0.25}, {"name": "PST", "amount": 0.4}],
            },
            "5.65",
        ),
        ({"before_taxes": 5, "taxes": []}, None),
        ({"before_taxes": 5}, None),
        ({"before_taxes": 5, "taxes": [{"name": "VAT"}]}, None),
    ],
)
def test_2_3_0_gross_is_known_only_where_taxes_are_stated(total: Any, incl: str | None) -> None:
    cdr = row(decode("cdrs", changed(CDR_230, total_cost=total), version="2.3.0"), "core.cdrs")
    assert cdr["total_cost_excl_vat"] == Decimal(5)
    assert cdr["total_cost_incl_vat"] == (None if incl is None else Decimal(incl))


def test_prices_in_the_words_of_another_version_are_renamed() -> None:
    decoded = decode("cdrs", changed(CDR, total_cost=CDR_230["total_cost"]))
    assert ("total_cost.excl_vat", "renamed") in kinds(decoded)
    assert row(decoded, "core.cdrs")["total_cost_incl_vat"] == Decimal("6.80625")


def test_a_total_that_is_no_price_is_unknown_and_never_zero() -> None:
    for total in (None, "free", {}, {"excl_vat": None}, []):
        cdr = row(decode("cdrs", changed(CDR, total_cost=total)), "core.cdrs")
        assert cdr["total_cost_excl_vat"] is None
    assert (
        row(decode("cdrs", changed(CDR, total_cost=...)), "core.cdrs")["total_cost_excl_vat"]
        is None
    )
    zero = decode("cdrs", changed(CDR, total_cost={"excl_vat": 0}))
    assert row(zero, "core.cdrs")["total_cost_excl_vat"] == 0


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"id": ""}, "id: unusable"),
        ({"start_date_time": "soon"}, "start_date_time: unusable"),
        ({"end_date_time": ...}, "end_date_time: missing"),
        ({"currency": None}, "currency: missing"),
    ],
)
def test_a_cdr_that_core_cannot_hold_is_refused(broken: dict[str, Any], reason: str) -> None:
    decoded = decode("cdrs", changed(CDR, **broken), CDR)
    assert reasons(decoded) == [[reason]]
    assert decoded.frames["core.cdrs"].height == 1
    assert decoded.quarantined == 1


def test_every_reason_is_given() -> None:
    decoded = decode("cdrs", {}, own_party=("", ""))
    assert reasons(decoded) == [
        [
            "id: missing",
            "start_date_time: missing",
            "currency: missing",
            "end_date_time: missing",
            "country_code: missing, and the partner's own party is not known",
            "party_id: missing, and the partner's own party is not known",
        ]
    ]


@pytest.mark.parametrize(
    "periods", [None, [], ..., "none", [{"start_date_time": "2026-10-03T09:00:00Z"}], [7], [{}]]
)
def test_a_cdr_without_usable_periods_is_not_bad(periods: Any) -> None:
    decoded = decode("cdrs", changed(CDR, charging_periods=periods))
    assert decoded.quarantined == 0
    assert deviations(decoded)


def test_a_period_without_a_start_is_left_out_and_the_count_tells() -> None:
    broken = changed(PERIOD, start_date_time=None)
    decoded = decode("cdrs", changed(CDR, charging_periods=[broken, PERIOD]))
    assert row(decoded, "core.charging_periods")["period_index"] == 1
    assert row(decoded, "core.cdrs")["period_count"] == 2
    assert ("charging_periods[0]", "unusable") in kinds(decoded)


def test_periods_keep_the_order_sent() -> None:
    later = changed(PERIOD, start_date_time="2026-10-03T09:30:00Z")
    decoded = decode("cdrs", changed(CDR, charging_periods=[later, PERIOD]))
    starts = [period["start_at"].minute for period in rows(decoded, "core.charging_periods")]
    assert starts == [30, 0]
    assert not deviations(decoded)


def dimension(*dimensions: dict[str, Any]) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    period = changed(PERIOD, dimensions=list(dimensions))
    decoded = decode("cdrs", changed(CDR, charging_periods=[period]))
    return row(decoded, "core.charging_periods"), kinds(decoded)


AT = "charging_periods[0].dimensions[0]"


def test_a_dimension_twice_in_a_period_is_summed() -> None:
    period, found = dimension({"type": "TIME", "volume": 0.25}, {"type": "TIME", "volume": 0.5})
    assert period["time_h"] == Decimal("0.75")
    assert period["time_h_decimals"] == 2
    assert found == {("charging_periods[0].dimensions[1]", "normalised")}


@pytest.mark.parametrize(
    ("volume", "decimals"), [("0.50", 2), ("0.5", 1), ("1", 0), ("0.016666667", 9)]
)
def test_decimals_of_hours_are_kept_as_stated(volume: str, decimals: int) -> None:
    sent = json.dumps(CDR).replace('"TIME", "volume": 0.5', f'"TIME", "volume": {volume}')
    period = row(decode("cdrs", sent), "core.charging_periods")
    assert period["time_h_decimals"] == decimals
    assert period["time_h"] == Decimal(volume)
    assert period["parking_time_h_decimals"] is None


def test_an_unknown_dimension_is_named_and_kept() -> None:
    period, found = dimension({"type": "MAGIC", "volume": 3})
    assert period["unknown_dimensions"] == ["MAGIC"]
    assert period["other_dimensions"] == '[{"type":"MAGIC","volume":3}]'
    assert found == {(f"{AT}.type", "unknown_value")}


def test_a_dimension_that_prices_nothing_is_kept_apart() -> None:
    period, found = dimension({"type": "STATE_OF_CHARGE", "volume": 80})
    assert period["unknown_dimensions"] is None
    assert period["other_dimensions"] == '[{"type":"STATE_OF_CHARGE","volume":80}]'
    assert not found


@pytest.mark.parametrize("volume", ["lots", None, {}, 1e12])
def test_a_volume_that_cannot_be_read_is_an_unknown_dimension_and_never_zero(volume: Any) -> None:
    period, found = dimension({"type": "ENERGY", "volume": volume})
    assert period["energy_kwh"] is None
    named = "ENERGY" if volume is None else "ENERGY (unreadable)"
    assert period["unknown_dimensions"] == [named]
    assert found & {(f"{AT}.volume", "unusable"), (f"{AT}.volume", "absent")}


def test_volumes_as_texts_and_types_in_lower_case_are_repaired() -> None:
    period, found = dimension({"type": "energy", "volume": "12.5"})
    assert period["energy_kwh"] == Decimal("12.5")
    assert found == {(f"{AT}.type", "normalised"), (f"{AT}.volume", "coerced")}


def test_negative_volumes_are_for_rating_to_judge() -> None:
    period, found = dimension({"type": "ENERGY", "volume": -1.5})
    assert period["energy_kwh"] == Decimal("-1.5")
    assert not found


def test_a_missing_owner_is_the_partners_own_party_and_noted() -> None:
    decoded = decode("cdrs", changed(CDR, country_code=..., party_id=None))
    cdr = row(decoded, "core.cdrs")
    assert (cdr["country_code"], cdr["party_id"]) == ("NL", "OWN")
    assert {("country_code", "inferred"), ("party_id", "inferred")} <= kinds(decoded)


def test_the_owner_is_in_upper_case() -> None:
    cdr = row(decode("cdrs", changed(CDR, country_code="nl", party_id="vol")), "core.cdrs")
    assert (cdr["country_code"], cdr["party_id"]) == ("NL", "VOL")


def test_one_distinct_tariff_is_one_row_on_a_page() -> None:
    other = changed(TARIFF, last_updated="2026-09-02T00:00:00Z")
    decoded = decode(
        "cdrs", CDR, changed(CDR, id="C2"), changed(CDR, id="C3", tariffs=[other, other])
    )
    hashes = decoded.frames["core.cdrs"].get_column("tariff_hashes").to_list()
    assert len({h for own in hashes for h in own}) == 1
    assert list(map(len, hashes)) == [1, 1, 2]
    assert decoded.frames["core.embedded_tariffs"].height == 1


def test_what_was_repaired_in_an_embedded_tariff_is_noted_once() -> None:
    tariff = changed(TARIFF, elements__0__price_components__0__price="0.45")
    decoded = decode(
        "cdrs", changed(CDR, tariffs=[tariff]), changed(CDR, id="C2", tariffs=[tariff])
    )
    assert deviations(decoded) == [
        ("tariffs[0].elements[0].price_components[0].price", "coerced", '"0.45"', "0.45")
    ]
    assert decoded.frames["core.deviations"]["object_id"].to_list() == ["C1"]


@pytest.mark.parametrize("tariff", ["T1", None, {}, changed(TARIFF, id="")])
def test_an_embedded_tariff_that_is_none_is_noted_and_the_cdr_kept(tariff: Any) -> None:
    decoded = decode("cdrs", changed(CDR, tariffs=[tariff]))
    assert row(decoded, "core.cdrs")["tariff_hashes"] == []
    assert ("tariffs[0]", "unusable") in kinds(decoded)


def test_swapped_coordinates_are_put_right() -> None:
    place = {"latitude": "5.11", "longitude": "52.09"}
    decoded = decode("cdrs", changed(CDR, cdr_location__coordinates=place))
    cdr = row(decoded, "core.cdrs")
    assert (cdr["latitude"], cdr["longitude"]) == (52.09, 5.11)
    assert kinds(decoded) == {("cdr_location.coordinates", "normalised")}


def test_the_version_is_detected_where_nobody_says_it() -> None:
    for sample, version in ((CDR_211, "2.1.1"), (CDR, "2.2.1"), (CDR_230, "2.3.0")):
        decoded = decode("cdrs", sample, version=None, pseudonym=str)
        cdr = row(decoded, "core.cdrs")
        assert cdr["ocpi_version"] == version
        assert cdr["token_uid"] == (sample.get("auth_id") or "04AABBCC")
