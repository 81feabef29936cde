"""The billing contract with a partner: the terms that rating and reconciliation obey.

Only the vocabulary and its defaults; where the terms are read from is not known here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from models.recon.rule_ids import RULE_IDS
from models.recon.rule_thresholds import RULE_THRESHOLDS, Thresholds

Billing = Literal["direct", "reverse"]
TariffSource = Literal["published", "embedded"]
MonthBasis = Literal["session_end", "cdr_date"]
RoundingMode = Literal["half_up", "half_even", "up", "down"]
RoundingStage = Literal["line", "dimension", "total"]
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


class _Terms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rounding(_Terms):
    """The rounding of an expected price; OCPI itself defines no rounding."""

    mode: RoundingMode = Field(default="half_up", description="how a half is rounded")
    stage: RoundingStage = Field(default="total", description="what is rounded, once")


class Tolerance(_Terms):
    """The distance a claim may have from the expected amount; within either bound is tolerated."""

    absolute: Annotated[Decimal, BeforeValidator(_amount)] = Field(
        default=Decimal("0.02"), description="inclusive, in the CDR's currency"
    )
    relative: Annotated[Decimal, BeforeValidator(_share)] = Field(
        default=Decimal("0.005"), description="inclusive, a share of the expected amount"
    )


class Contract(_Terms):
    """The billing terms agreed with one partner."""

    billing: Billing = Field(
        default="direct", description="direct: they invoice; reverse: self-billing"
    )
    reverse_charge: bool = Field(
        default=False, description="VAT is owed by the recipient: none may be on the CDR"
    )
    currency: Currency | None = Field(
        default=None, description="what CDRs must be in; default: any"
    )
    tariff_source: TariffSource = Field(
        default="published",
        description="the version known at session start, else embedded; or embedded",
    )
    month_basis: MonthBasis = Field(
        default="session_end", description="the moment that decides a CDR's month"
    )
    time_zone: TimeZone = Field(default="UTC", description="the zone that months are cut in")
    rounding: Rounding = Field(default=Rounding(), description="how expected prices are rounded")
    tolerance: Tolerance = Field(default=Tolerance(), description="how far a claim may be off")
    severity: dict[RuleId, Severity] = Field(
        default={}, description="a rule's severity where it differs from the default"
    )
    thresholds: RuleThresholds = Field(
        default={}, description="a rule's thresholds where they differ from the defaults"
    )

    def threshold(self, rule: str, name: str) -> Decimal:
        """Return a threshold of a rule under this contract.

        Args:
            rule: the rule's id.
            name: the threshold's name, which ends in its unit (`models.recon.rule_thresholds`).
        """
        return self.thresholds.get(rule, {}).get(name, RULE_THRESHOLDS[rule][name])

    @property
    def price_terms(self) -> str:
        """Terms that the price of a CDR depends on, as a text that differs where they do."""
        tax = "reverse" if self.reverse_charge else "taxed"
        return f"{self.rounding.mode}/{self.rounding.stage}/{tax}"
