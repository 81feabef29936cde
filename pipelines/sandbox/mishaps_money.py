"""Billing errors of tariff and money: the wrong price, and wrong sums of the right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipelines.sandbox.bill import Bill, price_of
from pipelines.sandbox.billing import Manner, price
from pipelines.sandbox.clock import DAY_S
from pipelines.sandbox.mishap import (
    MODERN,
    Apply,
    Fits,
    Mishap,
    Scene,
    billed_by,
    both,
    by_energy,
    overbill,
)
from pipelines.sandbox.shapes import Element, Restrictions, Tariff
from pipelines.sandbox.timeline import periods_of


def _priced_by(bill: Bill, tariff: Tariff, manner: Manner | None = None) -> None:
    """Claims the price of another tariff, the stated one staying as it is."""
    taxes = sum(tax.rate for tax in bill.evse.site.taxes)
    periods = periods_of(replace(bill.charge, tariffs=(tariff,)))
    bill.claim(price(periods, bill.charge.zone, taxes, manner or Manner()))


def manner(**wrong: object) -> Apply:
    """Bills in a wrong manner."""

    def apply(bill: Bill, role: int, scene: Scene) -> None:
        _priced_by(bill, bill.tariffs[0], Manner(**wrong))  # type: ignore[arg-type]  # its fields

    return apply


def with_tariff(change: Callable[[Bill, Scene], Tariff], *, cut: bool = True) -> Apply:
    """Bills by another tariff, and embeds it."""

    def apply(bill: Bill, role: int, scene: Scene) -> None:
        bill.charge.tariffs = (change(bill, scene),)
        bill.charge.uncut = not cut
        bill.rebuild()

    return apply


def _unpublished(bill: Bill, **changes: object) -> Tariff:
    fields = {"id": "OWN", **changes}
    return replace(bill.tariffs[0], **fields)  # type: ignore[arg-type]  # Tariff's own names


def _repriced(tariff: Tariff, **changes: int | None) -> tuple[Element, ...]:
    return tuple(
        replace(element, components=tuple(replace(c, **changes) for c in element.components))  # type: ignore[arg-type]  # Component's own names
        for element in tariff.elements
    )


def old_version(bill: Bill, scene: Scene) -> Tariff:
    """The version that the one in force had replaced."""
    before = bill.evse.line.before(bill.start)
    return before or bill.tariffs[0]


def expired(bill: Bill, scene: Scene) -> Tariff:
    """A tariff whose validity was over."""
    return _unpublished(bill, end=bill.start - DAY_S)


def foreign_rate(bill: Bill, scene: Scene) -> Tariff:
    """A tariff with the tax of another country."""
    tariff = bill.tariffs[0]
    return _unpublished(bill, elements=_repriced(tariff, vat=19_000))


def outlier(bill: Bill, scene: Scene) -> Tariff:
    """A tariff of four times the usual price."""
    tariff = bill.tariffs[0]
    component = tariff.elements[0].components[0]
    return _unpublished(bill, elements=_repriced(tariff, price=component.price * 4))


def by_current(bill: Bill, scene: Scene) -> Tariff:
    """A tariff that depends on a current which the CDR does not state."""
    element = bill.tariffs[0].elements[0]
    weak = Element(element.components, Restrictions(max_current=64))
    return _unpublished(bill, elements=(weak, element))


def no_tariff(bill: Bill, role: int, scene: Scene) -> None:
    """No tariff in the CDR, and none published under the id."""
    bill.tariffs = ()
    gone = replace(bill.periods[0].tariff, id="GONE")
    bill.periods = [replace(period, tariff=gone) for period in bill.periods]


def uncut(bill: Bill, role: int, scene: Scene) -> None:
    """Periods that run on where the price changes, billed by their start."""
    bill.charge.uncut = True
    bill.rebuild()


def more(part: str, cents: int) -> Apply:
    """Claims more in one part, and so in total."""
    return lambda bill, role, scene: overbill(bill, part, cents)


def other_tariff(bill: Bill, role: int, scene: Scene) -> None:
    """The price of the ad-hoc tariff on the same connector."""
    _priced_by(bill, scene.shelf.second.at(bill.start))


def odd_parts(bill: Bill, role: int, scene: Scene) -> None:
    """Parts that are five more than the total."""
    net, gross = bill.net, bill.gross
    overbill(bill, "energy", 500)
    bill.net, bill.gross = net, gross


def odd_tax(bill: Bill, role: int, scene: Scene) -> None:
    """A total after taxes that its own rate does not give."""
    bill.gross = (bill.gross or 0) + 100


def taxed(bill: Bill, role: int, scene: Scene) -> None:
    """Tax where the recipient owes it."""
    vat = bill.evse.site.party.country.vat or 0
    bill.gross = bill.net + (2 * bill.net * vat + 100_000) // 200_000


def other_currency(bill: Bill, role: int, scene: Scene) -> None:
    """A currency that is not the tariff's."""
    bill.currency = "SEK"


def tax_in_net(bill: Bill, role: int, scene: Scene) -> None:
    """The total after taxes stated as the total before them."""
    bill.net = bill.gross or bill.net
    bill.parts = {part: (gross or net, gross) for part, (net, gross) in bill.parts.items()}


def below_zero(bill: Bill, role: int, scene: Scene) -> None:
    """A negative total on a CDR that is no credit."""
    bill.net, bill.gross = -bill.net, None if bill.gross is None else -bill.gross


def _current_version(bill: Bill, scene: Scene) -> bool:
    line = bill.evse.line
    tariff = line.at(bill.start)
    known = tariff is line.at(scene.now) and line.before(bill.start) is not None
    return known and by_energy(bill, scene) and line.published


def _has(part: str) -> Fits:
    return lambda bill, scene: bill.parts.get(part, (0, None))[0] >= 100  # type: ignore[call-overload]  # any part's name


def _is_taxed(bill: Bill, scene: Scene) -> bool:
    return bill.gross is not None and bill.gross > bill.net


def _beside_adhoc(bill: Bill, scene: Scene) -> bool:
    return scene.shelf.second.id in bill.evse.tariff_ids


def _crosses(bill: Bill, scene: Scene) -> bool:
    """Whether a price changes while something is priced: not every cut is one."""
    return price_of(periods_of(replace(bill.charge, uncut=True)), bill.evse).net != bill.net


def _european(bill: Bill, scene: Scene) -> bool:
    vat = bill.tariffs[0].elements[0].components[0].vat
    return vat is not None and scene.partner.taxed


def _reverse(bill: Bill, scene: Scene) -> bool:
    return scene.partner.hub_party is not None


DIFFERENCE = ("TOTAL_COST_MISMATCH",)
ENERGY = (*DIFFERENCE, "ENERGY_COST_MISMATCH")
MISHAPS = (
    Mishap("old_version", "TARIFF_DIFFERS_FROM_PUBLISHED", with_tariff(old_version),
           _current_version, "difference", also=ENERGY, cause="WRONG_TARIFF_VERSION"),
    Mishap("expired_tariff", "TARIFF_NOT_ACTIVE", with_tariff(expired), by_energy, "unpriceable",
           versions=MODERN),
    Mishap("no_tariff", "TARIFF_MISSING", no_tariff, by_energy, "unpriceable", versions=MODERN),
    Mishap("foreign_rate", "VAT_RATE_MISMATCH", with_tariff(foreign_rate),
           both(by_energy, _european)),
    Mishap("outlier", "PRICE_OUTLIER", with_tariff(outlier), by_energy, versions=MODERN),
    Mishap("by_current", "RESTRICTION_UNVERIFIABLE", with_tariff(by_current), by_energy,
           versions=MODERN),
    Mishap("uncut", "PERIOD_SPANS_PRICE_CHANGE", uncut,
           both(billed_by("AC-NIGHT", "AC-WORK", "DC-PEAK"), _crosses)),
    Mishap("energy_overbilled", "ENERGY_COST_MISMATCH", more("energy", 137), by_energy,
           "difference", also=DIFFERENCE, versions=MODERN),
    Mishap("total_overbilled", "TOTAL_COST_MISMATCH", more("energy", 119), by_energy,
           "difference", versions=("2.1.1",)),
    Mishap("time_overbilled", "TIME_COST_MISMATCH", more("time", 111),
           both(billed_by("AC-TIME", "AC-TIMEPARK", "AC-LONG"), _has("time")), "difference",
           also=DIFFERENCE, versions=MODERN),
    Mishap("parking_overbilled", "PARKING_COST_MISMATCH", more("parking", 109),
           both(billed_by("AC-STAY", "AC-TIMEPARK", "DC-STAY"), _has("parking")), "difference",
           also=DIFFERENCE, versions=MODERN),
    Mishap("fixed_overbilled", "FIXED_COST_MISMATCH", more("fixed", 100),
           billed_by("AC-START", "DC-SESSION"), "difference", also=DIFFERENCE, versions=MODERN),
    Mishap("reservation_overbilled", "RESERVATION_COST_MISMATCH", more("reservation", 113),
           both(billed_by("AC-RESERVE"), _has("reservation")), "difference", also=DIFFERENCE,
           versions=MODERN),
    Mishap("reservation_ignored", "RESERVATION_COST_MISMATCH", manner(reservation=False),
           both(billed_by("AC-RESERVE"), _has("reservation")), "difference", also=DIFFERENCE,
           cause="RESERVATION_IGNORED", versions=MODERN),
    Mishap("other_tariff", "TOTAL_COST_MISMATCH", other_tariff, both(by_energy, _beside_adhoc),
           "difference", also=("ENERGY_COST_MISMATCH", "FIXED_COST_MISMATCH"),
           cause="OTHER_TARIFF", versions=MODERN),
    Mishap("step_per_period", "STEP_SIZE_MISAPPLIED", manner(steps="period"),
           billed_by("AC-STEP", "AC-TIME"), "difference",
           also=(*ENERGY, "TIME_COST_MISMATCH"), cause="STEP_PER_PERIOD"),
    Mishap("step_per_dimension", "STEP_SIZE_MISAPPLIED", manner(steps="dimension"),
           billed_by("AC-TIMEPARK"), "difference", also=(*DIFFERENCE, "TIME_COST_MISMATCH"),
           cause="STEP_PER_DIMENSION"),
    Mishap("wall_clock", "TIME_COST_MISMATCH", manner(wall_clock=True), billed_by("AC-TIME"),
           "difference", also=DIFFERENCE, cause="WALL_CLOCK_TIME", versions=MODERN),
    Mishap("limit_ignored", "LIMIT_BREACHED", manner(limits=False),
           billed_by("AC-LIMIT", "DC-MAX"), "difference", also=DIFFERENCE,
           cause="LIMIT_IGNORED", versions=MODERN),
    Mishap("odd_parts", "BREAKDOWN_MISMATCH", odd_parts, by_energy,
           also=("ENERGY_COST_MISMATCH",), versions=MODERN),
    Mishap("odd_tax", "VAT_ARITHMETIC", odd_tax, both(by_energy, _is_taxed), versions=("2.2.1",)),
    Mishap("tax_in_net", "TOTAL_COST_MISMATCH", tax_in_net, both(by_energy, _is_taxed),
           "difference", also=("ENERGY_COST_MISMATCH", "VAT_ARITHMETIC"), cause="VAT_INCLUDED",
           versions=("2.2.1",)),
    Mishap("taxed", "REVERSE_CHARGE_VIOLATED", taxed, both(by_energy, _reverse),
           versions=("2.2.1",)),
    Mishap("other_currency", "CURRENCY_MISMATCH", other_currency, by_energy, "rejected",
           also=("TARIFF_MISSING",)),
    Mishap("below_zero", "NEGATIVE_WITHOUT_CREDIT", below_zero, by_energy, "rejected",
           also=(*ENERGY, "BREAKDOWN_MISMATCH"), session="the truth"),
)  # fmt: skip
