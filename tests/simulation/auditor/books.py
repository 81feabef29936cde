"""The auditor's books of a whole house, and how each step moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from simulation import steps
from simulation.auditor.decided import Decision, after
from simulation.auditor.looks import Look, looks
from simulation.auditor.money import Split, Terms, judge_all
from simulation.auditor.months import Lines, Months, counted_energy, end_of, natural_month
from simulation.auditor.objects import Objects
from simulation.features import Features
from simulation.objects import BEGIN, LONG_AGO, PartnerSetup, read
from simulation.partner import PAGE, Served
from simulation.world import Partner, World

OVERLAP = timedelta(minutes=15)


@dataclass
class Account:
    """Everything about one partner.

    Args:
        setup: the partner as it began.
        terms: its contract, as it would be in the partners file.
        in_force: its contract as it was there last.
        former: the same partner under the name that it had before: what both bring is one object.
        later: the same partner under the name that it has now.
    """

    setup: PartnerSetup
    terms: dict[str, str]
    in_force: dict[str, str] = field(default_factory=dict)
    objects: Objects = field(default_factory=Objects)
    months: Months = field(default_factory=Months)
    decisions: dict[str, Decision] = field(default_factory=dict)
    complete_until: dict[str, datetime] = field(default_factory=dict)
    served: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    left: bool = False
    lines: Lines = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    settled: dict[str, Fraction] = field(default_factory=dict)
    former: Account | None = None
    later: Account | None = None

    def is_superseded(self, key: str) -> bool:
        """Whether a CDR came again under the partner's present name."""
        return self.later is not None and key in self.later.objects.cdrs

    @property
    def ever_locked(self) -> bool:
        """Whether a month of it was ever locked, under any name."""
        return self.months.ever_locked or (self.former is not None and self.former.ever_locked)


class Books:
    """The auditor's view of everything.

    Args:
        world: its partners; the auditor may see what they list.
        features: what it insists on.
    """

    def __init__(self, world: World, features: Features) -> None:
        self._world = world
        self.features = features
        self.accounts = {
            name: Account(partner.setup, dict(partner.setup.terms))
            for name, partner in world.partners.items()
        }
        self.as_of = BEGIN

    def looked(
        self,
        served: Sequence[Served],
        *,
        landed: dict[tuple[str, str], int] | None = None,
        ended: set[tuple[str, str]] | None = None,
    ) -> tuple[list[Look], list[str]]:
        """Take in what partners served in one run.

        Args:
            served: the pages.
            landed: of a killed run, how many pages of each list landed; None: all.
            ended: of a killed run, the lists that had come to their end.

        Returns:
            The looks, and the partners of which many places are missing.
        """
        if landed is not None:
            served = _landed(served, landed)
        found, many = looks(served), []
        for look in found:
            if ended is not None and (look.partner, look.module) not in ended:
                look = replace(look, complete=False)
            account = self.accounts[look.partner]
            if account.objects.take(look):
                many.append(look.partner)
            account.served.setdefault(look.module, []).extend(copy for _, copy in look.copies)
            self.as_of = max([self.as_of, *(page.asked_at for page in served)])
            self._complete(account, look)
        return found, many

    def _complete(self, account: Account, look: Look) -> None:
        start, known = look.dates[0], account.complete_until.get(look.module)
        if start is not None and start <= LONG_AGO:
            start = None  # some lists insist on a start: nothing is older than this one
        if not look.complete or (start is not None and (known is None or start > known)):
            return
        until = min(look.began_at, self._world.clock.now)
        if look.dates[1] is not None:
            until = min(until, look.dates[1])
        account.complete_until[look.module] = max(until, known or until)

    def lacking(
        self, step: steps.Run, found: Sequence[Look], before: dict[tuple[str, str], datetime]
    ) -> list[str]:
        """Say what a run that ended well should have brought, and did not.

        Args:
            step: the run.
            found: its looks.
            before: how far each list was complete before it.
        """
        wrong: list[str] = []
        for name, account in self.accounts.items():
            partner = self._world.partner(name)
            if account.left or partner.down or (step.only and name not in step.only):
                continue
            modules = account.setup.modules
            if step.window_h is not None:
                modules = tuple(module for module in modules if module in ("sessions", "cdrs"))
            for module in modules:
                look = next((one for one in found if one.key == (name, module)), None)
                if look is None:
                    wrong.append(f"{name} {module}: was not asked for")
                    continue
                since = self._since(step, before.get((name, module)), look)
                truly = look.began_at - timedelta(hours=step.clock_ahead_h)
                wrong += self._lacking(account, partner, look, since, truly)
        return wrong

    def _since(self, step: steps.Run, known: datetime | None, look: Look) -> datetime | None:
        if step.window_h is not None:
            return look.began_at - timedelta(hours=step.window_h) + timedelta(minutes=1)
        if step.full or known is None:
            return None
        return known - OVERLAP + timedelta(seconds=1)

    def _lacking(
        self,
        account: Account,
        partner: Partner,
        look: Look,
        since: datetime | None,
        began_at: datetime,
    ) -> list[str]:
        if look.broken and not self.features.broken_page:
            return []
        unreadable = _unreadable(partner, look)
        wrong = []
        began, now = began_at.replace(microsecond=0), self._world.clock.now
        for each in partner.lists[look.module].values():
            stamp = read(each["last_updated"])
            ahead = stamp > now and self.features.stamps_ahead
            due = since is None or stamp >= since
            if not due or each["id"] in unreadable or not (stamp < began or ahead):
                continue
            if each not in account.served.get(look.module, []):
                wrong.append(
                    f"{look.partner} {look.module} {each['id']}: is listed, was not fetched"
                )
        return wrong

    def days_lacking(self, step: steps.Backfill, found: Sequence[Look], now: datetime) -> list[str]:
        """Say what a backfill of days should have brought, and did not."""
        account, partner = self.accounts[step.partner], self._world.partner(step.partner)
        if not self.features.backfill or partner.down or any(look.broken for look in found):
            return []
        first = (now - timedelta(days=step.first_day)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        last = min(first + timedelta(days=step.days), now)
        return [
            f"{step.partner} cdrs {each['id']}: is of a day that was filled, was not fetched"
            for each in partner.lists["cdrs"].values()
            if first <= read(each["last_updated"]) < last
            if each not in account.served.get("cdrs", [])
        ]

    def derive(self) -> None:
        """Judge every claim and lay it out over the months, as a run that ended does."""
        for account in self.accounts.values():
            if not account.left:
                account.in_force = dict(account.terms)
            self._derive(account)

    def _derive(self, account: Account) -> None:
        terms, objects, former = Terms.of(account.in_force), account.objects, account.former
        account.splits = judge_all(
            objects, terms, self.as_of, former.objects.tariffs if former else {}
        )
        energy, claims = counted_energy(objects, account.splits, terms), {}
        for key, split in account.splits.items():
            if account.is_superseded(key):
                continue
            shown, account.settled[key] = after(split, account.decisions.get(key), self.features)
            claims[key] = (natural_month(objects, key, terms), shown, energy[key])
        held = former.months.locked.values() if former else ()
        account.lines = account.months.lines(claims, held)

    def decided(self, step: steps.Decide, contested: Fraction) -> str | None:
        """Take in a decision that was made; say why it should not have been possible."""
        account = self.accounts[step.partner]
        decision = account.decisions.setdefault(step.cdr.lower(), Decision())
        split = account.splits.get(step.cdr.lower())
        wrong = decision.follow(step.verb, contested, split.doubts if split else ())
        return wrong if self.features.credited_is_final else None

    def locked(self, partner: str, month: str, shown: list[dict[str, Any]]) -> list[str]:
        """Take in that a month was locked; say why it should not have been possible."""
        account = self.accounts[partner]
        end = end_of(month, Terms.of(account.terms))
        wrong = []
        if self._world.clock.now < end:
            wrong.append(f"{partner} {month}: was locked before it was over")
        complete = account.complete_until.get("cdrs")
        if complete is None or complete < end:
            wrong.append(f"{partner} {month}: was locked, its CDRs are complete until {complete}")
        account.months.locked[month] = {
            key: line for (name, key), line in account.lines.items() if name == month
        }
        account.months.shown[month] = shown
        account.months.ever_locked = True
        return wrong

    def reopened(self, partner: str, month: str) -> None:
        """Take in that a month was opened again."""
        self.accounts[partner].months.locked.pop(month, None)
        self.accounts[partner].months.shown.pop(month, None)

    def renamed(self, before: str, after: str) -> None:
        """Take in that a partner has another name: it is asked for everything anew."""
        account = self.accounts[before]
        account.left = True
        account.later = self.accounts[after] = Account(
            account.setup, dict(account.terms), decisions=account.decisions, former=account
        )

    def until(self) -> dict[tuple[str, str], datetime]:
        """How far each list is complete."""
        return {
            (name, module): moment
            for name, account in self.accounts.items()
            for module, moment in account.complete_until.items()
        }


def _landed(served: Sequence[Served], landed: dict[tuple[str, str], int]) -> list[Served]:
    left, kept = dict(landed), []
    for page in served:
        key = (page.partner, page.module)
        if not page.ok or left.get(key, 0) > 0:
            kept.append(page)
            left[key] = left.get(key, 0) - page.ok
    return [page for page in kept if landed.get((page.partner, page.module))]


def _unreadable(partner: Partner, look: Look) -> set[str]:
    """The ids on pages that cannot be read, by the list as it is now."""
    if not look.broken:
        return set()
    chosen = [
        each["id"]
        for each in partner.listing(look.module)
        if look.dates[0] is None or read(each["last_updated"]) >= look.dates[0]
        if look.dates[1] is None or read(each["last_updated"]) < look.dates[1]
    ]
    spoilt = {page for module, page in partner.broken if module == look.module}
    return {name for place, name in enumerate(chosen) if place // PAGE in spoilt}
