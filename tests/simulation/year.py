"""Plays a year against the product and the auditor, and says at which step they disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from simulation import steps
from simulation.auditor.books import Books
from simulation.auditor.compare import compare
from simulation.auditor.months import month_before
from simulation.driver import Done, House
from simulation.features import Features
from simulation.objects import PartnerSetup
from simulation.partner import Server
from simulation.steps import Change, Step
from simulation.world import World


@dataclass(frozen=True)
class Year:
    """A year that can be played.

    Args:
        setups: the partners as it begins.
        steps: what happens.
    """

    setups: tuple[PartnerSetup, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Fault:
    """Where a year went wrong.

    Args:
        step: the number of the step after which it showed.
        wrong: what, one sentence each.
    """

    step: int
    wrong: tuple[str, ...]


def play(year: Year, features: Features) -> Fault | None:
    """Play a year.

    Returns:
        The first disagreement; None: the year is as it should be.
    """
    return next(faults(year, features), None)


def faults(year: Year, features: Features) -> Iterator[Fault]:
    """Play a year to its end; yield what is wrong after each step."""
    world = World.of(year.setups)
    server = Server(world)
    with House(year.setups, server, world.clock) as house:
        player = _Player(world, server, house, Books(world, features))
        for number, step in enumerate(year.steps):
            if wrong := player.take(step):
                yield Fault(number, tuple(wrong))


class _Player:
    def __init__(self, world: World, server: Server, house: House, books: Books) -> None:
        self._world = world
        self._server = server
        self._house = house
        self._books = books
        self._stale = False  # whether the tables do not know yet what was decided or landed

    def take(self, step: Step) -> Sequence[str]:
        """Let one step happen to the product and to the books, and compare."""
        if isinstance(step, steps.Wait):
            self._world.clock.now += timedelta(hours=step.hours)
            return ()
        if isinstance(step, Change):
            self._world.happen(step)
            return ()
        handler = getattr(self, f"_{type(step).__name__.lower()}")
        return handler(self._as_called(step))  # type: ignore[no-any-return]

    def _as_called(self, step: Step) -> Step:
        """Name partners as the partners file does by now."""
        name_of = self._world.name_of
        if isinstance(step, steps.Run):
            return replace(step, only=tuple(map(name_of, step.only)))
        if isinstance(step, steps.Rename | steps.Replay):
            return step
        return replace(step, partner=name_of(step.partner))  # type: ignore[attr-defined, call-arg]

    def _run(self, step: steps.Run) -> Sequence[str]:
        before, seen = self._books.until(), len(self._server.log)
        left = {name for name, account in self._books.accounts.items() if account.left}
        if step.only and left & set(step.only):
            return ()  # refused as a configuration error
        done = self._house.run(step)
        served = self._server.log[seen:]
        if done.refused is not None:
            self._books.looked(served, landed=done.landed, ended=done.ended)
            self._stale = True
            return ()
        found, many = self._books.looked(served)
        wrong = self._books.lacking(step, found, before)
        if many and self._books.features.many_vanish:
            health = {row["partner"]: row["state"] for row in self._house.tables()["health"]}
            wrong += [
                f"{name}: many places are missing, and nobody is told"
                for name in many
                if not done.told or health.get(name, "ok") == "ok"
            ]
        return [*wrong, *self._said(done), *self._audit()]

    def _backfill(self, step: steps.Backfill) -> Sequence[str]:
        account = self._books.accounts.get(step.partner)
        if account is None or account.left:
            return ()
        seen, now = len(self._server.log), self._world.clock.now
        done = self._house.backfill(step)
        found, _ = self._books.looked(self._server.log[seen:])
        wrong = self._books.days_lacking(step, found, now)
        return [*wrong, *self._said(done), *self._audit()]

    def _replay(self, step: steps.Replay) -> Sequence[str]:
        before = None if self._stale else self._house.dump()
        done = self._house.replay(step)
        wrong = [*self._said(done), *self._audit()]
        if before is not None and not wrong:
            after = self._house.dump()
            wrong += [
                f"replay: {name} differs: {sorted(set(before[name]) ^ set(after[name]))[:2]}"
                for name in before
                if before[name] != after[name]
            ]
        return wrong

    def _decide(self, step: steps.Decide) -> Sequence[str]:
        if step.partner not in self._books.accounts:
            return ()
        done = self._house.decide(step)
        if done.refused is not None:
            return ()
        self._stale = True
        wrong = self._books.decided(step, Fraction(done.case["contested_excl_vat"] or 0))
        return [] if wrong is None else [f"dispute {step.cdr} of {step.partner}: {wrong}"]

    def _accept(self, step: steps.Accept) -> Sequence[str]:
        account = self._books.accounts.get(step.partner)
        if account is None or account.left:
            return ()
        done = self._house.accept(step)
        if done.refused is not None:
            kept = account.objects.kept
            return [f"{step.partner}: {kept} places are kept, none to accept"] if kept else ()
        account.objects.accept()
        return [*self._said(done), *self._audit()]

    def _contract(self, step: steps.Contract) -> Sequence[str]:
        if step.partner in self._books.accounts:
            self._house.agree(step)
            self._books.accounts[step.partner].terms.update(step.terms)
            self._stale = True
        return ()

    def _leave(self, step: steps.Leave) -> Sequence[str]:
        accounts = self._books.accounts
        others = any(not a.left for name, a in accounts.items() if name != step.partner)
        if step.partner in accounts and (step.back or others):
            self._house.leave(step)
            accounts[step.partner].left = not step.back
            self._stale = True
        return ()

    def _rename(self, step: steps.Rename) -> Sequence[str]:
        account = self._books.accounts.get(step.partner)
        if account is None or account.left or step.partner in self._world.called:
            return ()  # once is enough
        name = f"{step.to}_{step.partner}"
        self._house.rename(step.partner, name)
        self._books.renamed(step.partner, name)
        self._world.called[step.partner] = name
        self._stale = True
        return ()

    def _close(self, step: steps.Close) -> Sequence[str]:
        if step.partner not in self._books.accounts:
            return ()
        month = month_before(self._world.clock.now, step.months_ago)
        shown = [
            row
            for row in self._house.tables()["statements"]
            if row["partner"] == step.partner and row["month"] == month
        ]
        done = self._house.close(step.partner, month)
        if done.refused is not None:
            return ()
        self._stale = True
        return self._books.locked(step.partner, month, shown)

    def _reopen(self, step: steps.Reopen) -> Sequence[str]:
        if step.partner not in self._books.accounts:
            return ()
        month = month_before(self._world.clock.now, step.months_ago)
        done = self._house.reopen(step.partner, month)
        if done.refused is None:
            self._books.reopened(step.partner, month)
            self._stale = True
        return ()

    def _said(self, done: Done) -> list[str]:
        """What the product says of its own tables counts, too."""
        return [
            f"the product says: {failure}"
            for failure in done.failures
            if not failure.startswith("landing__")
        ]

    def _audit(self) -> list[str]:
        self._stale = False
        self._books.derive()
        return compare(self._books, self._house.tables())
