"""Invoice records: which CDRs they list wrongly, and which claims none of them lists.

A record has ids of 36 characters, a CDR one of 39; case says nothing. A record can be replaced
and deleted: what it says now counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from simulation.auditor.books import Account, Books
from simulation.auditor.money import Terms, made_at
from simulation.auditor.months import end_of, natural_month
from simulation.auditor.sentences import Tables, same

WAIT = timedelta(days=30)
KNOWN = 36


def invoices(books: Books, account: Account, mine: Tables) -> Iterator[str]:
    """Say where the findings about invoice records are others than these should give."""
    expected: dict[str, set[str]] = defaultdict(set)
    listed = _list_records(account, expected)
    if account.objects.invoices:
        expected["CDR_NOT_INVOICED"] = set(_not_invoiced(books, account, listed))
    for rule in ("INVOICE_CDR_UNKNOWN", "INVOICE_CDR_TWICE", "CDR_NOT_INVOICED"):
        shown = {row["subject_id"].lower() for row in mine["findings"] if row["rule_id"] == rule}
        yield from same(
            rule, expected[rule], {key for key in shown if not account.is_superseded(key)}
        )


def _list_records(account: Account, expected: dict[str, set[str]]) -> set[str]:
    """Read the records in the order in which they came; the ids that they list."""
    current = [
        (versions[-1].from_at, name, versions[-1].content["cdrs"])
        for name, versions in account.objects.invoices.items()
        if versions[-1].gone_at is None
        if account.later is None or name not in account.later.objects.invoices
    ]
    owner = account.setup.parties[0]  # records are the first party's, and name its own CDRs
    known = {key[:KNOWN] for key, cdr in account.objects.cdrs.items() if cdr["party_id"] == owner}
    seen: set[str] = set()
    for _, name, ids in sorted(current, key=lambda each: each[:2]):
        for key in (each[:KNOWN].lower() for each in ids):
            if key not in known:
                expected["INVOICE_CDR_UNKNOWN"].add(name)
            if key in seen:
                expected["INVOICE_CDR_TWICE"].add(name)
            seen.add(key)
    return seen & known


def _not_invoiced(books: Books, account: Account, listed: set[str]) -> Iterator[str]:
    terms = Terms.of(account.in_force)
    for key, split in account.splits.items():
        cdr = account.objects.cdrs[key]
        if cdr.get("credit") or split.verdict == "credited" or account.is_superseded(key):
            continue
        closed = end_of(natural_month(account.objects, key, terms), terms)
        due = max(closed, made_at(account.objects, key)) + WAIT
        if key[:KNOWN] not in listed and books.as_of >= due:
            yield key
