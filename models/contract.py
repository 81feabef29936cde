"""The billing contract with a partner: the terms that rating and reconciliation obey.

Only the vocabulary and its defaults; where the terms are read from is not known here. Terms change
with a month: a CDR is judged by those of the month that it is settled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, model_validator

from models.agreement import AgreedPrice, check_agreement
from models.keys import Keys, key
from models.recon.rule_ids import RULE_IDS, RULE_THRESHOLDS, Thresholds
from models.settle.months import first_day, next_month, parse_month
from models.terms import USUAL_TERMS, PriceTerms, RoundingMode, RoundingStage

Billing = Literal["direct", "reverse"]
TariffSource = Literal["published", "embedded", "agreement"]
MonthBasis = Literal["session_end", "cdr_date"]
Severity = Literal["fatal", "dispute", "warn", "ignore"]


def _currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("an ISO 4217 code such as EUR")
    return value


def _time_zone(value: object) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise ValueError("an IANA time zone such as Europe/Amsterdam") from error


def _amount(value: object) -> Decimal:
    if not isinstance(value, str | Decimal) or not re.fullmatch(
        r"[0-9]{1,12}(\.[0-9]{1,6})?", str(value)
    ):
        raise ValueError("an amount of zero or more with at most six decimals, such as 0.02")
    return Decimal(value)


def _share(value: object) -> Decimal:
    if not isinstance(value, str | Decimal) or not re.fullmatch(
        r"0(\.[0-9]{1,9})?|1(\.0+)?", str(value)
    ):
        raise ValueError("a share between 0 and 1, such as 0.005 for half a percent")
    return Decimal(value)


def _rule_id(value: str) -> str:
    if value not in RULE_IDS:
        close = get_close_matches(value.upper(), sorted(RULE_IDS), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise ValueError(f"the id of a reconciliation rule{hint}")
    return value


def _thresholds(value: object) -> Thresholds:
    if not isinstance(value, dict):
        raise ValueError("rules with their thresholds, such as CDR_LATE: {warn_h: 48}")
    return {_rule_id(str(rule)): _thresholds_of(str(rule), named) for rule, named in value.items()}


def _thresholds_of(rule: str, named: object) -> dict[str, Decimal]:
    known = RULE_THRESHOLDS.get(rule, {})
    if not isinstance(named, dict) or not named.keys() <= known.keys():
        names = ", ".join(known) or "none"
        raise ValueError(f"names that exist ({rule} has these thresholds: {names})")
    return {name: _amount(number) for name, number in named.items()}


Currency = Annotated[str, BeforeValidator(_currency)]
TimeZone = Annotated[str, BeforeValidator(_time_zone)]
RuleId = Annotated[str, AfterValidator(_rule_id)]
RuleThresholds = Annotated[Thresholds, BeforeValidator(_thresholds)]


class Rounding(Keys):
    """The rounding of an expected price; OCPI itself defines no rounding."""

    mode: RoundingMode = key(USUAL_TERMS.mode, "how a half is rounded")
    stage: RoundingStage = key(USUAL_TERMS.stage, "what is rounded, once")


class Tolerance(Keys):
    """The distance a claim may have from the expected amount; within either bound is tolerated."""

    absolute: Annotated[Decimal, BeforeValidator(_amount)] = key(
        Decimal("0.02"), "inclusive, in the CDR's currency"
    )
    relative: Annotated[Decimal, BeforeValidator(_share)] = key(
        Decimal("0.005"), "inclusive, a share of the expected amount"
    )


class Contract(Keys):
    """The billing terms agreed with one partner."""

    billing: Billing = key("direct", "direct: they invoice; reverse: self-billing")
    reverse_charge: bool = key(
        USUAL_TERMS.reverse_charge, "VAT is owed by the recipient: none may be on the CDR"
    )
    currency: Currency | None = key(None, "what CDRs must be in; default: any")
    tariff_source: TariffSource = key(
        "published",
        "published: the version known at session start, else embedded; embedded; "
        "agreement: what is agreed, where that says nothing published",
    )
    month_basis: MonthBasis = key("session_end", "the moment that decides a CDR's month")
    time_zone: TimeZone = key("UTC", "the zone that months are cut in")
    rounding: Rounding = key(Rounding(), "how expected prices are rounded")
    tolerance: Tolerance = key(Tolerance(), "how far a claim may be off")
    severity: dict[RuleId, Severity] = key(
        {}, "a rule's severity where it differs from the default"
    )
    thresholds: RuleThresholds = key({}, "a rule's thresholds where they differ from the defaults")

    agreement: tuple[AgreedPrice, ...] = key(
        (), "file with agreed prices and fees (YAML, CSV or OCPI JSON)"
    )
    earlier: tuple[Contract, ...] = key(
        (), "what was agreed before, each with valid_to and what was different"
    )
    valid_to: Annotated[str, AfterValidator(parse_month)] | None = key(
        None, "of earlier terms: their last month"
    )

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, stated: Any) -> Any:
        """Fill in what earlier terms do not say from today's."""
        if not isinstance(stated, dict) or not isinstance(stated.get("earlier"), list):
            return stated
        own = {name: value for name, value in stated.items() if name not in ("earlier", "valid_to")}
        return stated | {
            "earlier": [
                _overlay(own, item) if isinstance(item, dict) else item
                for item in stated["earlier"]
            ]
        }

    @model_validator(mode="after")
    def _hold_together(self) -> Contract:
        if self.tariff_source == "agreement" and not self.agreement:
            raise ValueError("agreement: a file with agreed prices, for tariff_source agreement")
        check_agreement(self.agreement, self.currency)
        for before in self.earlier:
            if before.valid_to is None or before.earlier:
                raise ValueError("valid_to in all earlier terms, and none within them")
            if any(getattr(before, name) != getattr(self, name) for name in _TIMELESS):
                raise ValueError(f"{', '.join(_TIMELESS)} that hold for earlier terms too")
        ends = [before.valid_to or "" for before in self.earlier]
        if any(one >= other for one, other in pairwise(ends)):
            raise ValueError("earlier terms in the order of their valid_to")
        return self

    def in_month(self, month: str) -> Contract:
        """Return the terms of a month such as 2026-09."""
        return next((t for t in self.earlier if month <= (t.valid_to or "")), self)

    def threshold(self, rule: str, name: str) -> Decimal:
        """Return a threshold of a rule under this contract.

        `name`: the threshold's name, which ends in its unit (`models.recon.rule_ids`).
        """
        return self.thresholds.get(rule, {}).get(name, RULE_THRESHOLDS[rule][name])

    @property
    def price_terms(self) -> PriceTerms:
        """Terms that the price of a CDR depends on."""
        return PriceTerms(self.rounding.mode, self.rounding.stage, self.reverse_charge)


_TIMELESS = ("month_basis", "time_zone", "severity", "thresholds")
_ALWAYS = ("0001-01", "9999-01")


def _overlay(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return terms with what others say put over them, at every depth."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = _overlay(below, value)
        else:
            merged[name] = value
    return merged


@dataclass(frozen=True)
class ContractSpan:
    """A contract for as long as its terms hold."""

    partner: str
    terms: str  # their name: the partner's, of earlier ones with their last month
    from_month: str  # the first month, 0001-01 where there is none
    until_month: str  # the month after the last, 9999-01 where there is none
    contract: Contract

    @property
    def from_at(self) -> datetime:
        """The moment from which it holds."""
        return self._start_of(self.from_month)

    @property
    def until_at(self) -> datetime:
        """The moment at which it is over."""
        return self._start_of(self.until_month)

    def _start_of(self, month: str) -> datetime:
        if month in _ALWAYS:
            return datetime.combine(first_day(month), time(), UTC)
        zone = ZoneInfo(self.contract.time_zone)
        return datetime.combine(first_day(month), time(), zone).astimezone(UTC)


def contract_spans(contracts: Mapping[str, Contract]) -> Iterator[ContractSpan]:
    """Yield the contracts of every partner, the earliest terms first.

    `contracts`: partner → contract.
    """
    for partner, contract in sorted(contracts.items()):
        month = _ALWAYS[0]
        for before in contract.earlier:
            end = next_month(before.valid_to or "")
            yield ContractSpan(partner, f"{partner} until {before.valid_to}", month, end, before)
            month = end
        yield ContractSpan(partner, partner, month, _ALWAYS[1], contract)
