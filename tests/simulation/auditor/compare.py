"""Holds the product's tables against the books; every difference is a sentence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from simulation.auditor.books import Account, Books
from simulation.auditor.compare_money import (
    disputes,
    inexact_pairs,
    lines,
    locked,
    statements,
    taxes,
    unqueued,
)
from simulation.auditor.invoices import invoices
from simulation.auditor.money import ZERO, made_at, net
from simulation.auditor.sentences import Row, Tables, equal, same, text


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
        wrong += [f"{name}: {each}" for each in _verdicts(books, account, mine)]
        wrong += [f"{name}: {each}" for each in disputes(account, mine)]
        wrong += [f"{name}: {each}" for each in taxes(account, mine)]
        wrong += [f"{name}: {each}" for each in invoices(books, account, mine)]
        wrong += [f"{name}: {each}" for each in lines(account, mine)]
        wrong += [f"{name}: {each}" for each in statements(account, mine)]
        wrong += [f"{name}: {each}" for each in locked(account, mine)]
    if books.features.every_finding_queued:
        wrong += list(unqueued(books.accounts, tables))
    return wrong


def _places(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["locations"]}
    for table in ("locations", "evses"):
        if len(mine[table]) != len(rows):
            yield f"{table}: {len(mine[table])} rows for {len(rows)} ids"
    evses = {row["location_id"].lower(): row for row in mine["evses"]}
    yield from same("locations", set(account.objects.places), set(rows))
    for key, thing in account.objects.places.items():
        if key not in rows or key not in evses:
            continue
        yield from equal(f"location {key} gone", thing.gone, rows[key]["gone"])
        yield from equal(f"evse of {key} gone", thing.gone, evses[key]["gone"])
        status = thing.copy["evses"][0]["status"]
        if not thing.gone:
            yield from equal(f"evse of {key} status", status, evses[key]["status"])
        uid = thing.copy["evses"][0]["uid"].lower()
        spans = [row for row in mine["evse_status"] if row["evse_uid"].lower() == uid]
        yield from equal(
            f"evse of {key} statuses",
            _distinct(thing.statuses),
            _distinct([row["status"] for row in spans]),
        )
        still = [row["status"] for row in spans if row["to_at"] is None]
        yield from equal(f"evse of {key} status now", [] if thing.gone else [status], still)
        for one, other in pairwise(spans):
            if one["to_at"] is None or one["to_at"] > other["from_at"]:
                yield f"evse of {key}: statuses overlap at {other['from_at']}"


def _sessions(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["sessions"]}
    yield from same("sessions", set(account.objects.sessions), set(rows))
    for key, thing in account.objects.sessions.items():
        if key in rows:
            yield from equal(f"session {key}", thing.copy["status"], rows[key]["status"])
            yield from equal(
                f"session {key} kWh", Fraction(str(thing.copy["kwh"])), rows[key]["energy_kwh"]
            )


def _tariffs(account: Account, mine: Tables) -> Iterator[str]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in mine["tariffs"]:
        rows[row["id"].lower()].append(row)
    yield from same("tariffs", set(account.objects.tariffs), set(rows))
    for key, versions in account.objects.tariffs.items():
        shown = [json.loads(row["tariff"]) for row in rows.get(key, [])]
        yield from equal(
            f"tariff {key} versions",
            [_price_tag(version.content) for version in versions],
            [_price_tag(tariff) for tariff in shown],
        )
        still = [row for row in rows.get(key, []) if row["valid_to_at"] is None]
        yield from equal(f"tariff {key} listed", versions[-1].gone_at is None, len(still) == 1)


def _cdrs(account: Account, mine: Tables) -> Iterator[str]:
    rows = {row["id"].lower(): row for row in mine["cdrs"]}
    yield from same("cdrs", set(account.objects.cdrs), set(rows))
    if len(rows) != len(mine["cdrs"]):
        yield f"cdrs: {len(mine['cdrs'])} rows for {len(rows)} ids"
    for key, cdr in account.objects.cdrs.items():
        if key in rows:
            yield from equal(f"cdr {key} claim", net(cdr), rows[key]["net"])


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
    yield from same("verdicts", set(account.splits), set(rows))
    pairs = inexact_pairs(account)
    for key, split in account.splits.items():
        if key not in rows or key in pairs or account.is_superseded(key):
            continue
        row = rows[key]
        if split.verdict:
            yield from equal(f"cdr {key} verdict", split.verdict, row["verdict"])
        for name in ("claimed", "payable", "disputed", "rejected"):
            yield from equal(f"cdr {key} {name}", getattr(split, name), row[name])
    for row in rows.values():
        parts = [row["payable"], row["disputed"], row["rejected"]]
        if row["claimed"] is not None and sum(parts) != row["claimed"]:
            yield f"cdr {row['id']}: {row['claimed']} claimed is not {' + '.join(map(str, parts))}"
    if books.features.inexact_credit:
        for original, members in _by_original(account, pairs).items():
            yield from _pair(account, original, members, rows)


def _by_original(account: Account, pairs: set[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for key in sorted(pairs):
        cdr = account.objects.cdrs[key]
        grouped[cdr["credit_reference_id"].lower() if cdr.get("credit") else key].append(key)
    return grouped


def _pair(
    account: Account, original: str, members: list[str], rows: dict[str, Row]
) -> Iterator[str]:
    """Of a pair no more is payable than is claimed net, nor than the original's own.

    Several credits count while they come to no more than the original, the first in any case.
    """
    claimed, most = net(account.objects.cdrs[original]), net(account.objects.cdrs[original])
    for key in sorted(members, key=lambda key: (made_at(account.objects, key), key)):
        amount = net(account.objects.cdrs[key])
        if key != original and (claimed == most or claimed + amount >= 0):
            claimed += amount
    paid = sum((Fraction(rows[key]["payable"]) for key in members if key in rows), ZERO)
    most = min(claimed, account.splits[original].payable)
    if paid > most:
        yield f"cdr {original} and its credits: {text(paid)} payable, at most {text(most)}"


def _price_tag(tariff: Row) -> str:
    """What tells the world's tariffs apart: their prices and their start."""
    parts = {
        part["type"]: format(float(part["price"]), ".2f")
        for part in tariff["elements"][0]["price_components"]
    }
    start = str(tariff.get("start_date_time", "") or "")[:16]
    return " ".join([*(f"{name} {price}" for name, price in sorted(parts.items())), start]).strip()


def _distinct(values: list[str]) -> list[str]:
    return [one for place, one in enumerate(values) if not place or values[place - 1] != one]
