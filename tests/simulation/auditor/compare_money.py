"""Holds lines, statements, taxes, locked months and disputes against the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from simulation.auditor.books import Account
from simulation.auditor.money import ZERO, Terms, cents
from simulation.auditor.months import AMOUNTS, Line, Lines
from simulation.auditor.sentences import Row, Tables, equal, key_of, same, text

CENT, STANDARD = Fraction(1, 100), Fraction(21)
EUROS = {
    "EUR": (Fraction(1), Fraction(1)),
    "DKK": (Fraction(100, 752), Fraction(100, 740)),
    "UAH": (None, None),
}
"""Currency → what one of it is worth: the Danish crown is pegged; the hryvnia has no quote."""
COLUMN = {name: f"{name}_excl_vat" for name in AMOUNTS} | {"energy": "energy_kwh"}


def inexact_pairs(account: Account) -> set[str]:
    """The CDRs whose credits do not cancel them, and those credits."""
    found: set[str] = set()
    for key, split in account.splits.items():
        if not split.verdict:
            found |= {key, account.objects.cdrs[key]["credit_reference_id"].lower()}
    return found


def lines(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[tuple[str, str], Row] = {
        (row["month"], row["cdr_id"].lower()): row for row in mine["lines"]
    }
    pairs = inexact_pairs(account)
    expected = {place: line for place, line in account.lines.items() if place[1] not in pairs}
    shown = {place for place in rows if place[1] not in pairs}
    yield from same("lines", set(expected), shown)
    for place, line in expected.items():
        if place in rows:
            yield from _line(f"line {place[1]} of {place[0]}", line, rows[place])
    for (month, key), row in rows.items():
        total = row["payable_excl_vat"] + row["disputed_excl_vat"] + row["rejected_excl_vat"]
        if total != row["claimed_excl_vat"]:
            yield f"line {key} of {month}: claimed is not accounted for"


def _line(name: str, line: Line, row: Row) -> Iterator[str]:
    yield from equal(f"{name} kind", line.kind, row["kind"])
    for amount, column in COLUMN.items():
        yield from equal(f"{name} {amount}", getattr(line, amount), row[column])


def statements(account: Account, mine: Tables) -> Iterator[str]:
    """A statement for each month and party."""
    for party in account.setup.parties:
        own = {
            place: line
            for place, line in account.lines.items()
            if account.objects.cdrs[place[1]]["party_id"] == party
        }
        rows = [row for row in mine["statements"] if row["party_id"] == party]
        taxes = [row for row in mine["vat"] if row["party_id"] == party]
        yield from _statements_of(account, own, rows, taxes)


def _statements_of(
    account: Account, own: Lines, statements: list[Row], taxes: list[Row]
) -> Iterator[str]:
    rows = {row["month"]: row for row in statements}
    if len(rows) != len(statements):
        yield "statements: more than one for a month"
    pairs = inexact_pairs(account)
    months: dict[str, list[Line]] = defaultdict(list)
    unsure = set()
    for (month, key), line in own.items():
        months[month].append(line)
        if key in pairs:
            unsure.add(month)
    yield from same("statements", set(months), set(rows))
    for month in sorted(set(months) & set(rows)):
        row, lines = rows[month], months[month]
        yield from equal(f"statement {month} currency", account.setup.currency, row["currency"])
        yield from _reported(month, account.setup.currency, row)
        count = sum(line.kind == "cdr" for line in lines)
        yield from equal(f"statement {month} CDRs", count, row["cdr_count"])
        for amount, column in COLUMN.items():
            if month in unsure and amount in ("payable", "disputed", "rejected"):
                continue
            total = sum((getattr(line, amount) for line in lines), ZERO)
            yield from equal(f"statement {month} {amount}", total, row[column])
        if not account.ever_locked and month not in unsure:
            yield from _vat(account, own, row, taxes)


def _reported(month: str, currency: str, row: Row) -> Iterator[str]:
    """In euros: what a currency is worth lies between bounds; without a rate it is unknown.

    Of days that are yet to come no rate is known, but the euro's own.
    """
    claimed, shown = Fraction(row["claimed_excl_vat"]), row["claimed_reporting_excl_vat"]
    low, high = EUROS[currency] if month < "2090" or currency == "EUR" else (None, None)
    if low is None or high is None:
        yield from equal(f"statement {month} in euros", None, shown)
    elif shown is None or not abs(claimed) * low - CENT <= abs(shown) <= abs(claimed) * high + CENT:
        yield f"statement {month}: {text(claimed)} {currency} is {shown} in euros"


def _vat(account: Account, own: Lines, row: Row, taxes: list[Row]) -> Iterator[str]:
    """Tax by rate, rounded once for each; one unknown cent makes it unknown."""
    terms, month = Terms.of(account.in_force), row["month"]
    by_rate: dict[Fraction | None, Fraction] = defaultdict(Fraction)
    for (name, key), line in own.items():
        if name == month and line.payable:
            by_rate[_rate(account, key)] += line.payable
    expected: Fraction | None = ZERO
    for rate, payable in by_rate.items():
        if terms.reverse_charge:
            continue
        if rate is None:
            expected = None
        elif expected is not None:
            expected += cents(payable * rate / 100)
    yield from equal(f"statement {month} VAT", expected, row["payable_vat"])
    total = sum((one["payable_excl_vat"] for one in taxes if one["month"] == month), 0)
    yield from equal(f"statement {month} taxed", sum(by_rate.values(), ZERO), total)


def _rate(account: Account, key: str) -> Fraction | None:
    """The tariff's rate; a credit has that of what it credits; else what the claim implies.

    Where a claim states tax at a rate that is not the country's, the country's is paid.
    """
    cdr, split = account.objects.cdrs[key], account.splits[key]
    stated = "incl_vat" in cdr["total_cost"]
    original = cdr.get("credit_reference_id", "").lower()
    if cdr.get("credit") and original in account.splits:
        rate = _rate(account, original)
        if rate is not None:
            return rate
    if split.rate is not None:
        wrong = stated and split.claimed > 0 and _named_rate(account, key) != STANDARD
        return STANDARD if wrong else split.rate
    return STANDARD if stated else None


def _named_rate(account: Account, key: str) -> Fraction | None:
    """The rate that a CDR's tariff names: the one that it carries, else the published one."""
    carried = account.objects.cdrs[key].get("tariffs")
    if not carried:
        return account.splits[key].rate
    return Fraction(carried[0]["elements"][0]["price_components"][0]["vat"])


def taxes(account: Account, mine: Tables) -> Iterator[str]:
    """Tax in doubt has a row of its own: of a wrong rate, or under reverse charge any at all."""
    rows = {
        row["subject_id"].lower(): row["contested_vat"]
        for row in mine["disputes"]
        if row["subject"] == "vat"
    }
    excesses = {
        key: _excess(account, key) for key in account.splits if not account.is_superseded(key)
    }
    doubted = {key: excess for key, excess in excesses.items() if excess is not None}
    yield from same("tax in doubt", set(doubted), set(rows))
    for key in doubted.keys() & rows.keys():
        # A credit takes the tax back with the claim: the doubt stands, nothing is at stake.
        stake = ZERO if account.splits[key].verdict == "credited" else max(doubted[key], ZERO)
        yield from equal(f"tax in doubt of {key}", stake, rows[key])


def _excess(account: Account, key: str) -> Fraction | None:
    """The tax that is claimed beyond what is right; below zero: too little; None: it is right."""
    cdr, split, terms = account.objects.cdrs[key], account.splits[key], Terms.of(account.in_force)
    if "incl_vat" not in cdr["total_cost"] or split.claimed <= 0:
        return None
    tax = Fraction(str(cdr["total_cost"]["incl_vat"])) - split.claimed
    if terms.reverse_charge:
        return tax if tax > 0 else None
    excess = tax + split.claimed - cents(split.claimed * (100 + STANDARD) / 100)
    is_rate = _named_rate(account, key) in (None, STANDARD)
    # A claim is at the country's rate where rounding and tolerance explain the difference.
    if is_rate and abs(tax - split.claimed * STANDARD / 100) <= terms.tolerance + CENT:
        return None
    return excess


def locked(account: Account, mine: Tables) -> Iterator[str]:
    """A locked month never changes."""
    for month, shown in account.months.shown.items():
        now = [row for row in mine["statements"] if row["month"] == month]
        shown, now = (sorted(rows, key=lambda row: row["party_id"]) for rows in (shown, now))
        for before, after in zip(shown, now, strict=False):
            for name, value in before.items():
                if name != "status" and after.get(name) != value:
                    yield f"locked {month}: {name} was {value}, is {after.get(name)}"
        if len(shown) != len(now):
            yield f"locked {month}: {len(shown)} statements became {len(now)}"


def disputes(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[str, list[Row]] = defaultdict(list)  # a doubt after a resolution is one of its own
    for row in mine["disputes"]:
        if row["subject"] == "cdr":
            rows[row["subject_id"].lower()].append(row)
    pairs = inexact_pairs(account)
    for key, amount in _contested(account).items():
        if key in pairs:
            continue
        decision = account.decisions.get(key)
        if not rows[key]:
            if amount or decision is not None:
                yield f"dispute {key}: {text(amount)} contested, is on no list"
            continue
        shown = sum((row["contested_excl_vat"] for row in rows[key]), 0)
        yield from equal(f"dispute {key} contested", amount, shown)
        state = "detected" if decision is None else decision.state
        split = account.splits.get(key)
        if state in ENDED_BY_CREDITS and not amount and split and split.verdict == "credited":
            state = "credited"
        states = sorted(str(row["state"]) for row in rows[key])
        if state not in states:
            yield f"dispute {key} is {', '.join(states)}, should be {state}"


#: A credit of the whole ends a dispute under way; what a person let go or closed stays as it is.
ENDED_BY_CREDITS = ("open", "sent", "accepted", "rejected", "escalated")


def _contested(account: Account) -> dict[str, Fraction]:
    """What is contested of each CDR; of one that came again, under the present name alone."""
    contested: dict[str, Fraction] = defaultdict(Fraction)
    for owner in (account, account.former):
        for (_, key), line in owner.lines.items() if owner else ():
            if owner.is_superseded(key) is (owner is not account):
                contested[key] += line.disputed + line.rejected
    return {key: amount - account.settled.get(key, ZERO) for key, amount in contested.items()}


def unqueued(accounts: dict[str, Account], tables: Tables) -> Iterator[str]:
    """No finding of severity fatal or dispute is without a row in `settle.disputes`.

    Tax in doubt has a row of its own, of the subject vat.
    """
    owner = ("partner", "country_code", "party_id", "subject_id")
    queued = {(row["subject"], *key_of(row, owner)) for row in tables["disputes"]}
    for row in tables["findings"]:
        if row["severity"] not in ("fatal", "dispute"):
            continue
        if accounts[row["partner"]].is_superseded(row["subject_id"].lower()):
            continue
        if not {(name, *key_of(row, owner)) for name in (row["subject"], "vat")} & queued:
            yield f"{row['partner']}: {row['rule_id']} of {row['subject_id']} is in no queue"
