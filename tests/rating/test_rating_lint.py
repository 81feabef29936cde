"""Each lint rule fires on what it is for, and not on a sound tariff."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models.ocpi.issues import Deviation
from models.rating.lint import lint_tariff
from models.rating.lint.finding import group_findings
from models.rating.lint.members import duplicates, repairs

AT = datetime(2026, 10, 5, tzinfo=UTC)


def component(kind: str = "ENERGY", price: str = "0.25", **changes: Any) -> dict[str, Any]:
    return {"type": kind, "price": Decimal(price), "vat": 21, "step_size": 1, **changes}


def element(*components: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"price_components": list(components or [component()])}
    return {**found, "restrictions": restrictions} if restrictions else found


def tariff(*elements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "country_code": "NL", "party_id": "VOL", "id": "T", "currency": "EUR",
        "elements": list(elements or [element()]), **changes,
    }  # fmt: skip


DAY = {"start_time": "08:00", "end_time": "20:00"}
NIGHT = {"start_time": "20:00", "end_time": "08:00"}
FREE = element(component("ENERGY", "0.00"))
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("ID_MISSING", "id", tariff(id=None)),
    ("RESTRICTION_UNKNOWN", "elements[0].restrictions.max_soc", tariff(element(max_soc=80), FREE)),
    (
        "RESTRICTION_UNREADABLE",
        "elements[0].restrictions.start_time",
        tariff(element(start_time="8am"), FREE),
    ),
    (
        "RESTRICTION_UNREADABLE",
        "elements[0].restrictions",
        tariff(element(restrictions_list=[{"max_kwh": 5}, {"min_kwh": 9}]), FREE),
    ),
    (
        "RESTRICTION_NEVER_MATCHES",
        "elements[0].restrictions.min_kwh",
        tariff(element(min_kwh=9, max_kwh=9), FREE),
    ),
    (
        "RESTRICTION_NEVER_MATCHES",
        "elements[0].restrictions.end_date",
        tariff(element(start_date="2026-12-02", end_date="2026-12-01"), FREE),
    ),
    (
        "DATES_EQUAL",
        "elements[0].restrictions.end_date",
        tariff(element(start_date="2026-12-01", end_date="2026-12-01"), FREE),
    ),
    (
        "LAST_MINUTE_UNPRICED",
        "elements[0].restrictions.end_time",
        tariff(element(start_time="00:00", end_time="23:59"), FREE),
    ),
    (
        "TIMES_EQUAL",
        "elements[0].restrictions.end_time",
        tariff(element(start_time="08:00", end_time="08:00"), FREE),
    ),
    (
        "RESERVATION_DIMENSION",
        "elements[0].price_components[0].type",
        tariff(element(reservation="RESERVATION"), FREE),
    ),
    (
        "ELEMENT_EXPIRED",
        "elements[0].restrictions.end_date",
        tariff(element(end_date="2026-10-05"), FREE),
    ),
    ("TARIFF_EXPIRED", "end_date_time", tariff(end_date_time="2026-10-05T00:00:00Z")),
    (
        "TARIFF_NEVER_ACTIVE",
        "end_date_time",
        tariff(start_date_time="2027-01-01T00:00:00Z", end_date_time="2027-01-01T00:00:00Z"),
    ),
    ("ELEMENT_SHADOWED", "elements[1]", tariff(element(), element(max_kwh=10))),
    (
        "ELEMENT_SHADOWED",
        "elements[1]",
        tariff(element(**DAY), element(start_time="09:00", end_time="10:00"), FREE),
    ),
    ("NO_FALLBACK", "elements", tariff(element(max_kwh=10))),
    ("NO_FALLBACK", "elements", tariff(element(start_date="2026-12-01"))),
    ("TIME_GAP", "elements", tariff(element(**DAY), element(start_time="20:01", end_time="08:00"))),
    ("TIME_GAP", "elements", tariff(element(**DAY, day_of_week=["MONDAY"]), element(**NIGHT))),
    (
        "TIME_OVERLAP",
        "elements[1]",
        tariff(element(**DAY), element(start_time="19:00", end_time="08:00")),
    ),
    (
        "STEP_AS_THRESHOLD",
        "elements[0].price_components[0].step_size",
        tariff(element(component("PARKING_TIME", step_size=86_400))),
    ),
    ("PRICE_ZERO", "elements[0].price_components[0].price", tariff(FREE)),
    (
        "PRICE_NEGATIVE",
        "elements[0].price_components[0].price",
        tariff(element(component(price="-0.1"))),
    ),
    (
        "PRICE_ABSURD",
        "elements[0].price_components[0].price",
        tariff(element(component(price="25"))),
    ),
    ("PRICE_MISSING", "elements[0].price_components[0].price", tariff(element({"type": "ENERGY"}))),
    (
        "COMPONENT_UNKNOWN",
        "elements[0].price_components[0].type",
        tariff(element(component("SESSION"))),
    ),
    (
        "COMPONENT_REPEATED",
        "elements[0].price_components[1]",
        tariff(element(component(), component())),
    ),
    (
        "LIMITS_INVERTED",
        "min_price.before_taxes",
        tariff(min_price={"before_taxes": 5}, max_price={"before_taxes": 4}),
    ),
    (
        "LIMITS_INVERTED",
        "max_price.after_taxes",
        tariff(max_price={"before_taxes": 5, "after_taxes": 4}),
    ),
    ("VAT_MISSING", "elements", tariff(element({"type": "ENERGY", "price": 1}))),
    ("VAT_MIXED", "elements", tariff(element(component(), {"type": "TIME", "price": 1}))),
    ("VAT_MIXED", "elements", tariff(element(component(), component("TIME", vat=9)))),
    ("FIELD_UNKNOWN", "maxprice", tariff(maxprice=5)),
    (
        "FIELD_UNKNOWN",
        "elements[0].price_components[0].stepsize",
        tariff(element(component(stepsize=1))),
    ),
    ("CURRENCY_ODD", "currency", tariff(currency="USD")),
    ("TARIFF_UNUSABLE", "", tariff(elements=[])),
]


@pytest.mark.parametrize(("rule", "path", "linted"), CASES)
def test_a_rule_fires_where_it_should(rule: str, path: str, linted: dict[str, Any]) -> None:
    found = {(finding.rule, finding.path) for finding in lint_tariff(linted, AT)}
    assert (rule, path) in found


@pytest.mark.parametrize(
    "sound",
    [
        tariff(),
        tariff(element(**DAY), element(component(price="0.2"))),
        tariff(element(**DAY), element(component(price="0.2"), **NIGHT)),
        tariff(element(max_kwh=10), element(component(price="0.2"), min_kwh=10)),
        tariff(element(max_power=11), element(component(price="0.5"), min_power=11)),
        tariff(element(component("TIME", "5"), reservation="RESERVATION"), element()),
        tariff(element(start_date="2026-12-01", end_date="2026-12-02"), element()),
        tariff(element(component("FLAT", "1")), min_price={"before_taxes": 1, "after_taxes": 1}),
        tariff(element({"type": "ENERGY", "price": 1}), tax_included="N/A"),
    ],
)
def test_a_sound_tariff_has_nothing_to_say(sound: dict[str, Any]) -> None:
    assert lint_tariff(sound, AT) == []


def test_the_worst_comes_first() -> None:
    linted = tariff(element(min_kwh=9, max_kwh=9), FREE, currency="USD", colour="red")
    severities = [finding.severity for finding in lint_tariff(linted, AT)]
    assert severities == sorted(severities, key=("error", "warning", "info").index)
    assert set(severities) == {"error", "warning", "info"}


def test_every_finding_says_what_and_what_to_do() -> None:
    for _, _, linted in CASES:
        for finding in lint_tariff(linted, AT):
            assert finding.message
            assert finding.repair


@pytest.mark.parametrize("name", ["max_kwh", "max_duration", "max_power", "max_current"])
def test_nothing_is_below_a_maximum_of_zero(name: str) -> None:
    found = lint_tariff(tariff(element(**{name: 0}), FREE), AT)
    path = f"elements[0].restrictions.{name}"
    assert ("RESTRICTION_NEVER_MATCHES", path) in {(f.rule, f.path) for f in found}


def test_many_equal_findings_are_one_with_their_number() -> None:
    days = [element(start_date="2026-01-01", end_date="2026-01-02") for _ in range(20)]
    grouped = group_findings(lint_tariff(tariff(*days, FREE), AT))
    expired = [finding for finding in grouped if finding.rule == "ELEMENT_EXPIRED"]
    assert [(finding.count, finding.path) for finding in expired] == [
        (20, "elements[0].restrictions.end_date")
    ]


def test_thousands_of_elements_are_held_against_those_that_differ() -> None:
    days = [element(**DAY, min_kwh=kwh % 2) for kwh in range(4000)]
    late = element(start_time="19:00", end_time="21:00", min_kwh=1)
    found = group_findings(lint_tariff(tariff(*days, late, FREE), AT))
    counts = {(f.rule, f.path, f.count) for f in found}
    assert {("ELEMENT_SHADOWED", "elements[1]", 3999), ("TIME_OVERLAP", "elements[4000]", 1)} <= (
        counts
    )


def test_a_member_that_stands_twice_is_found_where_it_stands() -> None:
    raw = b'{"elements": [{"price_components": [{"price": 1, "price": 2}]}]}'
    assert [(f.rule, f.path) for f in duplicates(raw)] == [
        ("MEMBER_TWICE", "elements[0].price_components[0].price")
    ]


def test_a_repair_is_told() -> None:
    found = list(repairs([Deviation("currency", "normalised", '"eur"', '"EUR"')]))
    assert [(f.rule, f.severity, f.path) for f in found] == [
        ("MEMBER_REPAIRED", "warning", "currency")
    ]
