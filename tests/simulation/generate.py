"""A year from a seed: a setup and a sequence of steps, of what the features allow."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields

from simulation import steps
from simulation.changes import Changes
from simulation.features import Features
from simulation.objects import PartnerSetup
from simulation.steps import Step
from simulation.year import Year

FOLLOWING = {
    "": ("open", "withdrawn"),
    "open": ("sent", "withdrawn"),
    "sent": ("accepted", "rejected", "escalated"),
    "accepted": ("credited", "escalated"),
    "rejected": ("written_off", "withdrawn", "escalated"),
    "escalated": ("accepted", "written_off"),
    "credited": ("closed", "written_off"),
    "withdrawn": ("closed",),
    "written_off": ("closed",),
    "closed": (),
}


class Generator(Changes):
    """Makes one year.

    Args:
        seed: the same seed and features give the same year.
        features: what it may contain.
        chapters: how often time passes, something happens and somebody acts.
    """

    def __init__(self, seed: int, features: Features, chapters: int) -> None:
        super().__init__(random.Random(seed))
        self._features = features
        self._chapters = chapters
        self._left: set[str] = set()
        self._clocked = False
        # A year is about a few things, so that they meet each other.
        self._theme = self._dice.sample(list(self._kinds()), k=min(10, len(self._kinds())))

    def year(self) -> Year:
        """Make it."""
        setups = tuple(self._setup(name) for name in ("aaa", "bbb"))
        self._setups = {setup.name: setup for setup in setups}
        made: list[Step] = [steps.Run()] if self._dice.random() < 0.5 else []
        for _ in range(self._chapters):
            made += self._chapter()
        ill = {step.partner for step in made if isinstance(step, steps.BreakPage | steps.Down)}
        made += [steps.Mend(name) for name in sorted(ill)]
        made += [steps.Wait(26), steps.Run(full=self._dice.random() < 0.5)]
        if self._dice.random() < 0.15:
            made.append(steps.Replay(self._dice.choice((None, None, 30))))
        return Year(setups, tuple(made))

    def _setup(self, name: str) -> PartnerSetup:
        many = self._features.many_vanish and self._dice.random() < 0.4
        terms = self._dice.choice(
            [(), (), (("tolerance", "0"), ("relative", "0")), (("time_zone", "Europe/Amsterdam"),)]
        )
        return PartnerSetup(
            name,
            locations=14 if many else self._dice.choice([2, 3, 6]),
            sessions=self._dice.random() < 0.7,
            by_update=self._dice.random() < 0.3,
            terms=terms,
            hub=self._dice.random() < 0.2,
            currency=self._dice.choice(("EUR", "EUR", "EUR", "DKK", "UAH")),
            version=self._dice.choice(("2.2.1", "2.2.1", "2.3.0")),
        )

    def _chapter(self) -> list[Step]:
        """Some time passes, something happens at partners, then somebody acts."""
        made: list[Step] = [steps.Wait(self._dice.choice([1, 5, 26, 26, 170, 400, 740]))]
        partner = self._dice.choice(("aaa", "bbb"))
        for _ in range(self._dice.choice([1, 2, 2, 3])):
            made += self._charge(partner)
        kinds = self._kinds()
        chosen = self._dice.sample(self._theme, k=4)
        if extra := self._beyond_the_usual():
            chosen[0] = self._dice.choice(extra)
        for name in chosen:
            made += kinds[name](partner)
        made.append(self._look(partner))
        return made

    def _look(self, name: str) -> Step:
        chance = self._dice.random()
        if self._features.only and chance < 0.25:
            return steps.Run(only=(name,), full=chance < 0.05)
        if self._features.clock_ahead and chance > 0.93 and not self._clocked:
            self._clocked = True
            return steps.Run(clock_ahead_h=8760)
        if chance < 0.45:
            return steps.Run(full=True)
        return steps.Run()

    def _kinds(self) -> dict[str, Callable[[str], list[Step]]]:
        """What may happen, by name."""
        on = {field.name for field in fields(Features) if getattr(self._features, field.name)}
        kinds = self._all_kinds()
        return {name: kind for name, (switch, kind) in kinds.items() if switch in {None, *on}}

    def _beyond_the_usual(self) -> list[str]:
        """What may happen only because a switch was turned on for this year: it should, then."""
        usual = Features()
        return [
            name
            for name, (switch, _) in self._all_kinds().items()
            if switch is not None and getattr(self._features, switch) and not getattr(usual, switch)
        ]

    def _all_kinds(self) -> dict[str, tuple[str | None, Callable[[str], list[Step]]]]:
        """What may happen at all, by name, with its switch."""
        return {
            "status": (None, self._status),
            "vanish": (None, self._vanish),
            "price": (None, self._price),
            "withdraw": (None, self._withdraw),
            "credit": (None, self._credit),
            "resend": (None, self._resend),
            "session": (None, self._session),
            "late": (None, self._late),
            "decide": (None, self._decide),
            "decide_more": (None, self._decide),
            "contract": (None, self._contract),
            "invoice": (None, self._invoice),
            "leave": (None, self._leave),
            "rename": (None, self._rename),
            "close": (None, self._close),
            "down": (None, self._down),
            "kill": (None, self._kill),
            "window": (None, self._window),
            "early_credit": (None, self._early_credit),
            "twice": (None, self._twice),
            "backfill": ("backfill", self._backfill),
            "while_read": ("while_read", self._while_read),
            "ahead": ("stamps_ahead", self._ahead),
            "back": ("stamps_back", self._back),
            "tax": (None, self._tax),
            "recase": ("id_case", self._recase),
            "announce": ("announced", self._announce),
            "broken": ("broken_page", self._broken),
            "many": ("many_vanish", self._many),
            "case": ("id_case", self._case),
            "invalid_later": ("more_after_concession", self._invalid_later),
            "partial": ("inexact_credit", self._partial),
            "changed_copy": (None, self._changed_copy),
            "wh": ("wh", self._wh),
            "negative": ("negative_credit_energy", self._negative),
        }

    def _kill(self, partner: str) -> list[Step]:
        del partner
        return [steps.Run(killed_after=self._dice.choice((1, 2, 4, 6))), steps.Run()]

    def _window(self, partner: str) -> list[Step]:
        only = (partner,) if self._features.only and self._dice.random() < 0.5 else ()
        return [steps.Run(only=only, window_h=self._dice.choice((3, 48, 2000)))]

    def _backfill(self, partner: str) -> list[Step]:
        first = self._dice.choice((1, 3, 20))
        old = self._charge(partner, made_h=first * 24 - 12, ended_h=first * 24)
        return [*old, steps.Backfill(partner, first, self._dice.randint(1, min(3, first)))]

    def _decide(self, partner: str) -> list[Step]:
        """Take one dispute a few steps further."""
        known = self._known(partner)
        if known is None:
            return []
        key, made = (partner, known[1]), [steps.Run()]
        for _ in range(self._dice.choice((1, 3, 4, 5))):
            state = self._states.get(key, "")
            following = FOLLOWING[state]
            if not following:
                break
            self._states[key] = self._dice.choice(following)
            made.append(steps.Decide(partner, known[1], self._states[key]))  # type: ignore[arg-type]
        return list(made)

    def _invalid_later(self, partner: str) -> list[Step]:
        decided = [key for key in self._states if key[0] == partner]
        if not decided:
            return self._decide(partner)
        return [steps.Session(partner, self._dice.choice(decided)[1], "INVALID")]

    def _contract(self, partner: str) -> list[Step]:
        terms = self._dice.choice(
            [
                (("tolerance", "0.50"), ("relative", "0")),
                (("tolerance", "0"), ("relative", "0")),
                (("time_zone", "Pacific/Auckland"),),
                (("month_basis", "cdr_date"),),
                (("reverse_charge", "yes"),),
            ]
        )
        return [steps.Contract(partner, terms), steps.Run()]

    def _leave(self, partner: str) -> list[Step]:
        if partner in self._left:
            self._left.discard(partner)
            return [steps.Leave(partner, back=True)]
        if self._left:
            return []
        self._left.add(partner)
        return [steps.Leave(partner)]

    def _rename(self, partner: str) -> list[Step]:
        return [steps.Rename(partner, self._dice.choice("az")), steps.Run()]

    def _close(self, partner: str) -> list[Step]:
        ago = self._dice.choice((0, 1, 1, 1, 2))
        if self._dice.random() < 0.25:
            return [steps.Reopen(partner, ago)]
        return [steps.Run(), steps.Close(partner, ago)]


def generate(seed: int, features: Features, chapters: int = 1) -> Year:
    """Make a year from a seed."""
    return Generator(seed, features, chapters).year()
