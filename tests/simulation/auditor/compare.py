"""Holds the product's tables against the books; every difference is a sentence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from simulation.auditor.books import Account, Books
from simulation.auditor.money import ZERO, Terms, cents, net
from simulation.auditor.months import AMOUNTS, Line, Lines

Row = dict[str, Any]
Tables = dict[str, list[Row]]
CENT, STANDARD = Fraction(1, 100), Fraction(21)
EUROS = {
    "EUR": (Fraction(1), Fraction(1)),
    "DKK": (Fraction(100, 752), Fraction(100, 740)),
    "UAH": (None, None),
}
"""Currency → what one of it is worth: the Danish crown is pegged; the hryvnia has no quote."""
COLUMN = {name: f"{name}_excl_vat" for name in AMOUNTS} | {"energy": "energy_kwh"}


def compare(books: Books, tables: Tables) -> list[str]:
    """Say where the tables differ from the books.

    Args:
        books: derived.
        tables: what the product holds, by the names in `queries.TABLES`.
    """
    wrong: list[str] = []
    for name, account in books.accounts.items():
        mine = {
            table: [row for row in rows if row["partner"] == name] for table, rows in tables.items()
        }
        wrong += [
            f"{name}: {each}"
            for check in (_places, _sessions, _tariffs, _cdrs)
            for each in check(account, mine)
        ]
        if books.features.stamps_ahead:
            wrong += [f"{name}: {each}" for each in _deviations(account, mine)]
        if not account.left:
            wrong += [f"{name}: {each}" for each in _verdicts(books, account, mine)]
            wrong += [f"{name}: {each}" for each in _disputes(account, mine)]
            wrong += [f"{name}: {each}" for each in _taxes(account, mine)]
        wrong += [f"{name}: {each}" for each in _lines(account, mine)]
        wrong += [f"{name}: {each}" for each in _statements(account, mine)]
        wrong += [f"{name}: {each}" for each in _locked(account, mine)]
    if books.features.every_finding_queued:
        wrong += list(_unqueued(tables))
    return wrong


def _places(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["locations"]}
    for table in ("locations", "evses"):
        if len(mine[table]) != len(rows):
            yield f"{table}: {len(mine[table])} rows for {len(rows)} ids"
    evses = {row["location_id"].lower(): row for row in mine["evses"]}
    yield from _same("locations", set(account.objects.places), set(rows))
    for key, thing in account.objects.places.items():
        if key not in rows or key not in evses:
            continue
        yield from _equal(f"location {key} gone", thing.gone, rows[key]["gone"])
        yield from _equal(f"evse of {key} gone", thing.gone, evses[key]["gone"])
        status = thing.copy["evses"][0]["status"]
        if not thing.gone:
            yield from _equal(f"evse of {key} status", status, evses[key]["status"])
        uid = thing.copy["evses"][0]["uid"].lower()
        spans = [row for row in mine["evse_status"] if row["evse_uid"].lower() == uid]
        yield from _equal(
            f"evse of {key} statuses",
            _distinct(thing.statuses),
            _distinct([row["status"] for row in spans]),
        )
        still = [row["status"] for row in spans if row["to_at"] is None]
        yield from _equal(f"evse of {key} status now", [] if thing.gone else [status], still)
        for one, other in pairwise(spans):
            if one["to_at"] is None or one["to_at"] > other["from_at"]:
                yield f"evse of {key}: statuses overlap at {other['from_at']}"


def _sessions(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["sessions"]}
    yield from _same("sessions", set(account.objects.sessions), set(rows))
    for key, thing in account.objects.sessions.items():
        if key in rows:
            yield from _equal(f"session {key}", thing.copy["status"], rows[key]["status"])
            yield from _equal(
                f"session {key} kWh", Fraction(str(thing.copy["kwh"])), rows[key]["energy_kwh"]
            )


def _tariffs(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in mine["tariffs"]:
        rows[row["id"].lower()].append(row)
    yield from _same("tariffs", set(account.objects.tariffs), set(rows))
    for key, versions in account.objects.tariffs.items():
        shown = [json.loads(row["tariff"]) for row in rows.get(key, [])]
        yield from _equal(
            f"tariff {key} versions",
            [_price_tag(version.tariff) for version in versions],
            [_price_tag(tariff) for tariff in shown],
        )
        still = [row for row in rows.get(key, []) if row["valid_to_at"] is None]
        yield from _equal(f"tariff {key} listed", versions[-1].gone_at is None, len(still) == 1)


def _cdrs(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["cdrs"]}
    yield from _same("cdrs", set(account.objects.cdrs), set(rows))
    if len(rows) != len(mine["cdrs"]):
        yield f"cdrs: {len(mine['cdrs'])} rows for {len(rows)} ids"
    for key, cdr in account.objects.cdrs.items():
        if key in rows:
            yield from _equal(f"cdr {key} claim", net(cdr), rows[key]["net"])


def _deviations(account: Account, mine: Tables) -> Iterator[str]:
    """A stamp ahead of us is recorded as a deviation."""
    recorded = [
        (row["module"], str(row["object_id"]).lower())
        for row in mine["deviations"]
        if "last_updated" in row["path"]
    ]
    for module, key in sorted(account.objects.ahead):
        if not any(name == module and key in found.split("/") for name, found in recorded):
            yield f"{module} {key}: its stamp is ahead, no deviation says so"


def _verdicts(books: Books, account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["verdicts"]}
    yield from _same("verdicts", set(account.splits), set(rows))
    pairs = _inexact_pairs(account)
    for key, split in account.splits.items():
        if key not in rows or key in pairs:
            continue
        row = rows[key]
        if split.verdict:
            yield from _equal(f"cdr {key} verdict", split.verdict, row["verdict"])
        for name in ("claimed", "payable", "disputed", "rejected"):
            yield from _equal(f"cdr {key} {name}", getattr(split, name), row[name])
    for row in rows.values():
        parts = [row["payable"], row["disputed"], row["rejected"]]
        if row["claimed"] is not None and sum(parts) != row["claimed"]:
            yield f"cdr {row['id']}: {row['claimed']} claimed is not {' + '.join(map(str, parts))}"
    if books.features.inexact_credit:
        for original, members in _by_original(account, pairs).items():
            yield from _pair(account, original, members, rows)


def _inexact_pairs(account: Account) -> set[str]:
    """The CDRs whose credits do not cancel them, and those credits."""
    found: set[str] = set()
    for key, split in account.splits.items():
        if not split.verdict:
            found |= {key, account.objects.cdrs[key]["credit_reference_id"].lower()}
    return found


def _by_original(account: Account, pairs: set[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for key in sorted(pairs):
        cdr = account.objects.cdrs[key]
        grouped[cdr["credit_reference_id"].lower() if cdr.get("credit") else key].append(key)
    return grouped


def _pair(
    account: Account, original: str, members: list[str], rows: dict[str, Row]
) -> Iterator[str]:
    """Of a pair no more is payable than is claimed net, nor than the original's own."""
    claimed = sum((net(account.objects.cdrs[key]) for key in members), ZERO)
    paid = sum((Fraction(rows[key]["payable"]) for key in members if key in rows), ZERO)
    most = min(claimed, account.splits[original].payable)
    if paid > most:
        yield f"cdr {original} and its credits: {_text(paid)} payable, at most {_text(most)}"


def _lines(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[tuple[str, str], Row] = {
        (row["month"], row["cdr_id"].lower()): row for row in mine["lines"]
    }
    pairs = _inexact_pairs(account)
    expected = {place: line for place, line in account.lines.items() if place[1] not in pairs}
    shown = {place for place in rows if place[1] not in pairs}
    yield from _same("lines", set(expected), shown)
    for place, line in expected.items():
        if place in rows:
            yield from _line(f"line {place[1]} of {place[0]}", line, rows[place])
    for (month, key), row in rows.items():
        total = row["payable_excl_vat"] + row["disputed_excl_vat"] + row["rejected_excl_vat"]
        if total != row["claimed_excl_vat"]:
            yield f"line {key} of {month}: claimed is not accounted for"


def _line(name: str, line: Line, row: Row) -> Iterator[str]:
    yield from _equal(f"{name} kind", line.kind, row["kind"])
    for amount, column in COLUMN.items():
        yield from _equal(f"{name} {amount}", getattr(line, amount), row[column])


def _statements(account: Account, mine: Tables) -> Iterator[str]:
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
    pairs = _inexact_pairs(account)
    months: dict[str, list[Line]] = defaultdict(list)
    unsure = set()
    for (month, key), line in own.items():
        months[month].append(line)
        if key in pairs:
            unsure.add(month)
    yield from _same("statements", set(months), set(rows))
    for month in sorted(set(months) & set(rows)):
        row, lines = rows[month], months[month]
        yield from _equal(f"statement {month} currency", account.setup.currency, row["currency"])
        yield from _reported(month, account.setup.currency, row)
        count = sum(line.kind == "cdr" for line in lines)
        yield from _equal(f"statement {month} CDRs", count, row["cdr_count"])
        for amount, column in COLUMN.items():
            if month in unsure and amount in ("payable", "disputed", "rejected"):
                continue
            total = sum((getattr(line, amount) for line in lines), ZERO)
            yield from _equal(f"statement {month} {amount}", total, row[column])
        if not account.months.ever_locked and month not in unsure and not account.left:
            yield from _vat(account, own, row, taxes)


def _reported(month: str, currency: str, row: Row) -> Iterator[str]:
    """In euros: what a currency is worth lies between bounds; without a rate it is unknown.

    Of days that are yet to come no rate is known, but the euro's own.
    """
    claimed, shown = Fraction(row["claimed_excl_vat"]), row["claimed_reporting_excl_vat"]
    low, high = EUROS[currency] if month < "2090" or currency == "EUR" else (None, None)
    if low is None or high is None:
        yield from _equal(f"statement {month} in euros", None, shown)
    elif shown is None or not abs(claimed) * low - CENT <= abs(shown) <= abs(claimed) * high + CENT:
        yield f"statement {month}: {_text(claimed)} {currency} is {shown} in euros"


def _vat(account: Account, own: Lines, row: Row, taxes: list[Row]) -> Iterator[str]:
    """Tax by rate, rounded once for each; one unknown cent makes it unknown."""
    terms, month = Terms.of(account.terms), row["month"]
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
    yield from _equal(f"statement {month} VAT", expected, row["payable_vat"])
    total = sum((one["payable_excl_vat"] for one in taxes if one["month"] == month), 0)
    yield from _equal(f"statement {month} taxed", sum(by_rate.values(), ZERO), total)


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
        wrong = stated and split.claimed > 0 and split.rate != STANDARD
        return STANDARD if wrong else split.rate
    return STANDARD if stated else None


def _taxes(account: Account, mine: Tables) -> Iterator[str]:
    """Tax in doubt has a row of its own: of a wrong rate, or under reverse charge any at all."""
    rows = {
        row["subject_id"].lower(): row["contested_vat"]
        for row in mine["disputes"]
        if row["subject"] == "vat"
    }
    excesses = {key: _excess(account, key) for key in account.splits}
    doubted = {key: excess for key, excess in excesses.items() if excess is not None}
    yield from _same("tax in doubt", set(doubted), set(rows))
    for key in doubted.keys() & rows.keys():
        yield from _equal(f"tax in doubt of {key}", max(doubted[key], ZERO), rows[key])


def _excess(account: Account, key: str) -> Fraction | None:
    """The tax that is claimed beyond what is right; below zero: too little; None: it is right."""
    cdr, split, terms = account.objects.cdrs[key], account.splits[key], Terms.of(account.terms)
    if "incl_vat" not in cdr["total_cost"] or split.claimed <= 0:
        return None
    tax = Fraction(str(cdr["total_cost"]["incl_vat"])) - split.claimed
    if terms.reverse_charge:
        return tax if tax > 0 else None
    excess = tax + split.claimed - cents(split.claimed * (100 + STANDARD) / 100)
    is_rate = split.rate is None or split.rate == STANDARD
    # A claim is at the country's rate where rounding and tolerance explain the difference.
    if is_rate and abs(tax - split.claimed * STANDARD / 100) <= terms.tolerance + CENT:
        return None
    return excess


def _locked(account: Account, mine: Tables) -> Iterator[str]:
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


def _disputes(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[str, list[Row]] = defaultdict(list)  # a doubt after a resolution is one of its own
    for row in mine["disputes"]:
        if row["subject"] == "cdr":
            rows[row["subject_id"].lower()].append(row)
    pairs = _inexact_pairs(account)
    contested: dict[str, Fraction] = defaultdict(Fraction)
    for (_, key), line in account.lines.items():
        contested[key] += line.disputed + line.rejected
    for key in contested:
        contested[key] -= account.settled.get(key, ZERO)
    for key, amount in contested.items():
        if key in pairs:
            continue
        decision = account.decisions.get(key)
        if not rows[key]:
            if amount or decision is not None:
                yield f"dispute {key}: {_text(amount)} contested, is on no list"
            continue
        shown = sum((row["contested_excl_vat"] for row in rows[key]), 0)
        yield from _equal(f"dispute {key} contested", amount, shown)
        state = "detected" if decision is None else decision.state
        states = sorted(str(row["state"]) for row in rows[key])
        if state not in states:
            yield f"dispute {key} is {', '.join(states)}, should be {state}"


def _unqueued(tables: Tables) -> Iterator[str]:
    """No finding of severity fatal or dispute is without a row in `settle.disputes`.

    Tax in doubt has a row of its own, of the subject vat.
    """
    owner = ("partner", "country_code", "party_id", "subject_id")
    queued = {(row["subject"], *_key(row, owner)) for row in tables["disputes"]}
    for row in tables["findings"]:
        if row["severity"] not in ("fatal", "dispute"):
            continue
        if not {(name, *_key(row, owner)) for name in (row["subject"], "vat")} & queued:
            yield f"{row['partner']}: {row['rule_id']} of {row['subject_id']} is in no queue"


def _key(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row[name]).lower() for name in names)


def _price_tag(tariff: Row) -> str:
    """What tells the world's tariffs apart: their prices and their start."""
    parts = {
        part["type"]: format(float(part["price"]), ".2f")
        for part in tariff["elements"][0]["price_components"]
    }
    start = str(tariff.get("start_date_time", "") or "")[:16]
    return " ".join([*(f"{name} {price}" for name, price in sorted(parts.items())), start]).strip()


def _same(what: str, expected: set[Any], shown: set[Any]) -> Iterator[str]:
    for each in sorted(expected - shown):
        yield f"{what}: {each} is missing"
    for each in sorted(shown - expected):
        yield f"{what}: {each} should not be there"


def _equal(what: str, expected: Any, shown: Any) -> Iterator[str]:
    if isinstance(expected, Fraction) and shown is not None and not isinstance(shown, str):
        shown = Fraction(shown)
    if expected != shown:
        yield f"{what} is {_text(shown)}, should be {_text(expected)}"


def _text(value: Any) -> str:
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)


def _distinct(values: list[str]) -> list[str]:
    return [one for place, one in enumerate(values) if not place or values[place - 1] != one]
