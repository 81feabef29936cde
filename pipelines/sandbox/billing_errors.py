"""The billing errors as `billing_errors.yaml` states them, and the charges that suit each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import msgspec

from pipelines.sandbox import bill_changes
from pipelines.sandbox.bill_changes import Change, Context
from pipelines.sandbox.charges import Bill, copy_bill, periods_of, price_of
from pipelines.sandbox.invoicing import close_age_days
from pipelines.sandbox.numbers import DAY_S
from pipelines.sandbox.parties import read_yaml
from pipelines.sandbox.pricing import Part

Condition = Callable[[Bill, Context], object]  # met where it returns something
Stake = Literal["nothing", "difference", "claim", "rejected", "effect", "unpriceable", "credited"]
StatedBySession = Literal["the same", "the truth", "nothing"]


@dataclass(frozen=True)
class BillingError:
    """A kind of billing error, or of a right CDR that only looks like one."""

    name: str  # its label in the truth file
    # the rest is explained in `billing_errors.yaml`
    rule: str | None = None
    also: tuple[str, ...] = ()
    cause: str | None = None
    stake: Stake = "nothing"
    marked: int | None = 0
    session: StatedBySession = "the same"
    own_sessions: tuple[int, ...] = ()
    is_billed: bool = True
    versions: tuple[str, ...] = ("2.1.1", "2.2.1", "2.3.0")
    suits: tuple[Any, ...] = ("by_energy",)
    cdrs: tuple[tuple[Any, ...], ...] = ((),)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the charges that it may happen to."""
        return tuple(map(_function, self.suits))

    @cached_property
    def changes(self) -> tuple[tuple[Change, ...], ...]:
        """The changes that make each CDR of the charge from the right bill."""
        return tuple(tuple(map(_function, changes)) for changes in self.cdrs)


def _function(stated: str | dict[str, Any]) -> Any:
    """Return the function of a name, or what it makes of arguments: `{name: arguments}`."""
    known = vars(bill_changes) | globals() | CONDITIONS
    if isinstance(stated, str):
        return known[stated]
    [(name, arguments)] = stated.items()
    if isinstance(arguments, dict):
        return known[name](**arguments)
    return known[name](*arguments) if isinstance(arguments, list) else known[name](arguments)


@dataclass(frozen=True)
class Planned:
    """A charge that something happens to."""

    stream: int
    number: int
    error: BillingError
    right: Bill  # the right bill
    cdrs: dict[int, Bill]  # the bills of its CDRs, by role
    sessions: dict[int, Bill]  # the bills of its sessions, by role


def billed_by(*names: str) -> Condition:
    """Suit charges by tariffs with these ids."""
    return lambda bill, context: bill.tariffs[0].id in names


def older(days: int) -> Condition:
    """Suit CDRs made more than so many whole days before `now`."""
    return lambda bill, context: (context.now - bill.last_updated) // DAY_S > days


def closed(days: int) -> Condition:
    """Suit CDRs whose month was invoiced more than so many days ago."""
    return lambda b, context: close_age_days(b.end, b.last_updated, context.now) > days


def part_of(part: Part, *names: str) -> Condition:
    """Suit charges by these tariffs in which a part costs something."""
    return lambda bill, context: (
        bill.tariffs[0].id in names and bill.parts.get(part, (0, None))[0] >= 100
    )


def periods(count: int) -> Condition:
    """Suit charges of so many periods, of which the first is long enough to be shortened."""
    return lambda b, context: len(b.periods) >= count and b.periods[0].seconds > 1300


def longer(seconds: int) -> Condition:
    """Suit charges that took longer."""
    return lambda bill, context: bill.total_s > seconds


def crosses(bill: Bill, context: Context) -> bool:
    """Suit charges in which a price changes while something is priced: not every cut is one."""
    return price_of(periods_of(replace(bill.charge, uncut=True)), bill.evse).net != bill.net


def parks_once(bill: Bill, context: Context) -> bool:
    """Suit charges with one priced period of parking, that costs as much before the last one."""
    kinds = [period.kind for period in bill.periods]
    if kinds[-2:] != ["CHARGING", "PARKING"] or kinds.count("PARKING") > 1:
        return False
    changed = copy_bill(bill)
    bill_changes.park_between(changed, context)
    return price_of(changed.periods, bill.evse).parts == bill.parts


def current_version(bill: Bill, context: Context) -> bool:
    """Suit charges by the version in force now that replaced another one."""
    line = bill.evse.line
    replaced = line.at(bill.start) is line.at(context.now) and line.before(bill.start) is not None
    return replaced and line.published


CONDITIONS: dict[str, Condition] = {
    # they cost energy at one price and nothing else
    "by_energy": lambda b, _: b.tariffs[0].id in ("AC-KWH", "DC-KWH") and b.net >= 200,
    "ac": lambda b, _: b.evse.site.kind == "AC",
    "dc": lambda b, _: b.evse.site.kind == "DC",
    "strong": lambda b, _: b.plug.watt >= 150_000,
    # what the connector could have given in the time is neither little nor beyond any car
    "limited": lambda b, _: 2000 < b.plug.watt * b.charge.charging_s // 3600 < 70_000,
    "heavy": lambda b, _: b.wh > 8000,
    "by_card": lambda b, _: b.token.kind == "RFID",
    "reserved": lambda b, _: b.charge.reserved_s,
    "idled": lambda b, _: b.charge.idle_s > 900,
    "taxed": lambda b, _: b.gross is not None and b.gross > b.net,
    # the recipient owes the tax
    "reverse_charged": lambda _, context: context.partner.hub_party,
    # their tariff states a VAT rate
    "european": lambda b, _: b.tariffs[0].elements[0].components[0].vat is not None,
    "offered_second": lambda b, context: context.catalogue.second.id in b.evse.tariff_ids,
}
STATED = read_yaml("billing_errors.yaml", dict[str, dict[str, dict[str, Any]]])


def _labelled(group: str) -> tuple[BillingError, ...]:
    named = [{"name": name, **labels} for name, labels in STATED[group].items()]
    return msgspec.convert(named, tuple[BillingError, ...])


ERRORS = _labelled("errors")
FALSE_POSITIVE_CASES = _labelled("false_positive_cases")
