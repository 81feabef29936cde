"""What a CDR is worth, and what of its claim is paid: plain fractions for the world's tariffs.

The world's tariffs have one price of energy and perhaps a flat fee, without restrictions; its
contracts round a total half up to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from simulation.auditor.objects import Objects, Version, in_force
from simulation.objects import read

Price = tuple[Fraction, Fraction | None, Fraction]
Tariffs = dict[str, list[Version]]
ZERO = Fraction(0)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Terms:
    """A contract, as far as money needs it."""

    tolerance: Fraction = Fraction("0.02")
    relative: Fraction = Fraction("0.005")
    time_zone: str = "UTC"
    month_basis: str = "session_end"
    reverse_charge: bool = False

    @classmethod
    def of(cls, terms: dict[str, str]) -> Terms:
        """Read them from (key, value) pairs."""
        known = cls()
        return cls(
            Fraction(terms.get("tolerance", str(known.tolerance))),
            Fraction(terms.get("relative", str(known.relative))),
            terms.get("time_zone", known.time_zone),
            terms.get("month_basis", known.month_basis),
            terms.get("reverse_charge", "no") == "yes",
        )


@dataclass(frozen=True)
class Split:
    """What of a claim is what. claimed = payable + disputed + rejected.

    Args:
        verdict: as `recon.cdrs` names it; empty: several would do.
        claimed: net.
        payable: net.
        disputed: net.
        rejected: net.
        expected: our price; None: there is none.
        rate: percent of tax on what is paid; None: nobody stated one.
        doubts: what is contested, by reason; the largest counts.
    """

    verdict: str
    claimed: Fraction
    payable: Fraction
    disputed: Fraction
    rejected: Fraction
    expected: Fraction | None = None
    rate: Fraction | None = None
    doubts: dict[str, Fraction] = field(default_factory=dict)


def cents(amount: Fraction) -> Fraction:
    """Round half up, away from zero, to the cent."""
    scaled = abs(amount) * 100
    whole = scaled.numerator // scaled.denominator
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Fraction(whole, 100) * (1 if amount >= 0 else -1)


def net(cdr: dict[str, Any]) -> Fraction:
    """Read a CDR's claim before taxes."""
    return Fraction(str(cdr["total_cost"]["excl_vat"]))


def judge_all(
    objects: Objects, terms: Terms, as_of: datetime, formerly: Tariffs
) -> dict[str, Split]:
    """Judge every CDR of a partner.

    Args:
        objects: what is known of the partner.
        terms: its contract.
        as_of: when the newest page of anybody was fetched.
        formerly: the tariffs that it published under another name.
    """
    splits = {
        key: _judge(objects, terms, key, price_of(objects, cdr, formerly))
        for key, cdr in objects.cdrs.items()
        if not cdr.get("credit")
    }
    credits = sorted(
        (key for key, cdr in objects.cdrs.items() if cdr.get("credit")),
        key=lambda key: (made_at(objects, key), key),
    )
    credited: dict[str, list[str]] = {}
    for key in credits:
        credited.setdefault(objects.cdrs[key]["credit_reference_id"].lower(), []).append(key)
    splits |= _duplicates(objects, splits, credited)
    for original, keys in credited.items():
        splits |= _credit(objects, splits, original, keys, as_of)
    return splits


def made_at(objects: Objects, key: str) -> datetime:
    """Tell when a CDR was made: nobody can have made it after we saw it."""
    return min(read(objects.cdrs[key]["last_updated"]), objects.seen_at[key])


def _judge(objects: Objects, terms: Terms, key: str, price: Price | None) -> Split:
    cdr = objects.cdrs[key]
    claimed = net(cdr)
    start, end = read(cdr["start_date_time"]), read(cdr["end_date_time"])
    late = made_at(objects, key) - end
    session = objects.sessions.get(cdr["session_id"].lower())
    rate = None if price is None else price[1]
    fatal = {
        "invalid": session is not None and session.copy["status"] == "INVALID",
        "future": start - objects.seen_at[key] > timedelta(minutes=5),
        "old": late > 90 * DAY,
        "negative": claimed < 0,
    }
    doubts = {name: claimed for name, is_so in fatal.items() if is_so}
    if late > 30 * DAY:
        doubts["late"] = claimed
    if price is not None:
        expected, over = price[0], claimed - price[0]
        within = abs(over) <= max(terms.tolerance, terms.relative * expected)
        verdict = _verdict(claimed, expected, within)
        doubts["energy"] = _energy_doubt(cdr, session, price[2])
        doubts["price"] = over if verdict == "overclaimed" else ZERO
        if Fraction(str(cdr["total_energy"])) != energy(cdr) and not within:
            doubts["wh"] = claimed  # nobody charged so much, and the claim is not right for less
    else:
        expected, verdict = None, "unpriceable"
        doubts["unpriced"] = claimed
    doubts = {name: min(each, claimed) for name, each in doubts.items() if each > 0}
    if any(fatal.values()):
        return Split("rejected", claimed, ZERO, ZERO, claimed, expected, rate, doubts)
    disputed = max(doubts.values(), default=ZERO)
    if verdict != "unpriceable" and doubts.keys() - {"price"} and claimed > 0:
        verdict = "disputed"
    return Split(verdict, claimed, claimed - disputed, disputed, ZERO, expected, rate, doubts)


def _verdict(claimed: Fraction, expected: Fraction, within: bool) -> str:
    if cents(claimed) == cents(expected):
        return "agreed"
    if within:
        return "tolerated"
    return "overclaimed" if claimed > expected else "underclaimed"


def _energy_doubt(cdr: dict[str, Any], session: Any, per_kwh: Fraction) -> Fraction:
    """The priced effect of more energy than the completed session had, beyond one percent."""
    if session is None or session.copy["status"] != "COMPLETED":
        return ZERO
    theirs, ours = energy(cdr), Fraction(str(session.copy["kwh"]))
    if abs(theirs - ours) <= ours / 100:
        return ZERO
    return max(ZERO, (theirs - ours) * per_kwh)


def energy(cdr: dict[str, Any]) -> Fraction:
    """Read a CDR's energy in kWh: no charge here has a hundred, so more is in watt hours."""
    stated = Fraction(str(cdr["total_energy"]))
    return stated / 1000 if abs(stated) >= 1000 else stated


def price_of(objects: Objects, cdr: dict[str, Any], formerly: Tariffs) -> Price | None:
    """Price a CDR: (total, percent of tax, price of a kWh); None: no usable tariff.

    The published version at the session's start, else the one that it carries.
    """
    start, name = read(cdr["start_date_time"]), _tariff_id(objects, cdr)
    published = (in_force(tariffs.get(name, []), start) for tariffs in (objects.tariffs, formerly))
    tariff = next((each for each in published if each is not None), None)
    if tariff is None:
        embedded = [each for each in cdr.get("tariffs", []) if _active(each, start)]
        if not embedded:
            return None
        tariff = embedded[0]
    total, per_kwh, rates = ZERO, ZERO, set()
    for component in tariff["elements"][0]["price_components"]:
        price = Fraction(str(component["price"]))
        rates.add(component.get("vat"))
        if component["type"] == "ENERGY":
            total, per_kwh = total + price * energy(cdr), price
        else:
            total += price
    rate = rates.pop() if len(rates) == 1 else None
    return cents(total), None if rate is None else Fraction(str(rate)), per_kwh


def _active(tariff: dict[str, Any], at: datetime) -> bool:
    start = tariff.get("start_date_time")
    return start is None or read(start) <= at


def _tariff_id(objects: Objects, cdr: dict[str, Any]) -> str:
    """The period's tariff; without one, the only one that its connector names."""
    named = cdr["charging_periods"][0].get("tariff_id")
    if named is not None:
        return str(named).lower()
    place = objects.places.get(cdr["cdr_location"]["id"].lower())
    if place is None:
        return ""
    return str(place.copy["evses"][0]["connectors"][0]["tariff_ids"][0]).lower()


def _duplicates(
    objects: Objects, splits: dict[str, Split], credited: dict[str, list[str]]
) -> dict[str, Split]:
    """Reject every CDR but the first of a session, of those that no credit takes back."""
    by_session: dict[str, list[str]] = {}
    for key in splits:
        exact = any(net(objects.cdrs[one]) == -splits[key].claimed for one in credited.get(key, ()))
        if not exact:
            by_session.setdefault(objects.cdrs[key]["session_id"].lower(), []).append(key)
    found = {}
    for keys in by_session.values():
        keys.sort(key=lambda key: (made_at(objects, key), objects.cdrs[key]["id"]))
        for key in keys[1:]:
            split = splits[key]
            found[key] = replace(
                split,
                verdict="rejected",
                payable=ZERO,
                disputed=ZERO,
                rejected=split.claimed,
                doubts={**split.doubts, "duplicate": split.claimed},
            )
    return found


def _credit(
    objects: Objects,
    splits: dict[str, Split],
    original: str,
    keys: list[str],
    as_of: datetime,
) -> dict[str, Split]:
    """Settle an original with its credits.

    One that cancels exactly settles the pair at zero; a further one is rejected. One of another
    amount: of the pair no more is payable than is claimed net, nor than the original's own.
    """
    split = splits.get(original)
    if split is None:
        return {key: _waiting(objects, key, as_of) for key in keys}
    exact = next((key for key in keys if net(objects.cdrs[key]) == -split.claimed), None)
    found = {}
    for key in keys:
        amount = net(objects.cdrs[key])
        if key == exact:
            found[key] = Split("credited", amount, amount, ZERO, ZERO, None, split.rate)
            found[original] = replace(
                split, verdict="credited", payable=split.claimed, disputed=ZERO, rejected=ZERO
            )
        elif exact is not None:
            found[key] = Split("rejected", amount, ZERO, ZERO, amount, None, split.rate)
        else:
            found[key] = Split("", amount, amount, ZERO, ZERO, None, split.rate)
    return found


def _waiting(objects: Objects, key: str, as_of: datetime) -> Split:
    """A credit whose original has not come: held, after seven days rejected."""
    amount, made = net(objects.cdrs[key]), made_at(objects, key)
    if as_of - made >= 7 * DAY:
        return Split("rejected", amount, ZERO, ZERO, amount)
    return Split("unpriceable", amount, ZERO, amount, ZERO)
