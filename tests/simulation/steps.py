"""Everything that can happen in a year, as values: their repr is the script that replays it.

A step that refers to something which is not there (because another step was cut away) does
nothing, so that any part of a sequence is a sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

VAT = 21
"""Percent of tax on charging where the world is."""


@dataclass(frozen=True)
class Step:
    """One thing that happens."""


@dataclass(frozen=True)
class Wait(Step):
    """Time passes, for everybody."""

    hours: int


@dataclass(frozen=True)
class Change(Step):
    """Something that happens at a partner."""

    partner: str


@dataclass(frozen=True)
class Status(Change):
    """An EVSE gets another status, stamped with the partner's clock.

    Args:
        partner: whose it is.
        location: its location.
        status: the new status.
        ahead_h: how far the stamp is ahead of the true time, hours; below zero: behind.
        stamped: whether `last_updated` moves at all.
    """

    location: str
    status: str
    ahead_h: int = 0
    stamped: bool = True


@dataclass(frozen=True)
class Vanish(Change):
    """Locations are no longer listed."""

    locations: tuple[str, ...]


@dataclass(frozen=True)
class Appear(Change):
    """A location is listed (again)."""

    location: str
    ahead_h: int = 0


@dataclass(frozen=True)
class Recase(Change):
    """The ids of a location, its EVSE and its connector are written in another case."""

    location: str


@dataclass(frozen=True)
class Price(Change):
    """A tariff gets other content under its id.

    Args:
        partner: whose it is.
        tariff: its id.
        per_kwh: price of energy, as text.
        flat: price of a start, as text; empty: none.
        starts_in_h: announced so many hours ahead; None: it has no start.
        ahead_h: how far the stamp is ahead of the true time, hours; below zero: behind.
        vat: percent of tax.
    """

    tariff: str
    per_kwh: str
    flat: str = ""
    starts_in_h: int | None = None
    ahead_h: int = 0
    vat: int = VAT


@dataclass(frozen=True)
class Withdraw(Change):
    """A tariff is no longer listed."""

    tariff: str


@dataclass(frozen=True)
class Charge(Change):
    """A driver charged for an hour; the partner lists the CDR (and the session, if it has any).

    Args:
        partner: where.
        cdr: the CDR's id; its session is `S-` and that.
        tariff: the tariff that priced it.
        kwh: whole kilowatt hours.
        ended_h: how long ago it ended, hours; beyond `made_h`, this is how late it is.
        made_h: how long ago it was made, hours, though it is listed only now; below zero: its
            stamp is ahead.
        extra: what the partner claims beyond its price, euros as text.
        session_kwh: what the session says; None: the same.
        session: whether the session is listed.
        case: whether the CDR names no tariff, but its place, in another case.
        embed: whether it carries the tariff.
        taxed: whether the claim states tax.
        in_wh: whether its energy is in watt hours by mistake.
        of_session: id of the CDR whose session it bills again; None: its own.
        year_2099: whether it is dated in 2099.
        vat: percent of tax that the claim states; None: that of its tariff.
    """

    cdr: str
    tariff: str
    kwh: int
    ended_h: int = 2
    made_h: int = 0
    extra: str = "0"
    session_kwh: int | None = None
    session: bool = True
    case: bool = False
    embed: bool = False
    taxed: bool = True
    in_wh: bool = False
    of_session: str | None = None
    year_2099: bool = False
    vat: int | None = None


@dataclass(frozen=True)
class Credit(Change):
    """A credit CDR.

    Args:
        partner: whose it is.
        cdr: its id.
        of: the CDR that it credits, listed or not.
        amount: net euros as text, below zero; empty: exactly what the original claims.
        negative_energy: whether it states its energy as negative.
        kwh: the energy that it states; None: what the original states.
    """

    cdr: str
    of: str
    amount: str = ""
    negative_energy: bool = False
    kwh: int | None = None


@dataclass(frozen=True)
class Resend(Change):
    """A CDR is listed a second time.

    Args:
        partner: whose it is.
        cdr: its id.
        extra: what the copy claims beyond the first, euros as text; "0": the same content.
        case: whether the copy writes its id in another case.
    """

    cdr: str
    extra: str = "0"
    case: bool = False


@dataclass(frozen=True)
class Session(Change):
    """A session gets another status or energy, after its CDR perhaps."""

    cdr: str
    status: str
    kwh: int | None = None


@dataclass(frozen=True)
class Invoice(Change):
    """An invoice reconciliation record is listed, replaced or, where it names no CDR, deleted.

    Args:
        partner: whose it is.
        record: its id.
        cdrs: the ids on it, of CDRs that there are or are not.
    """

    record: str
    cdrs: tuple[str, ...] = ()


@dataclass(frozen=True)
class BreakPage(Change):
    """One page of a list cannot be read from now on."""

    module: str
    page: int


@dataclass(frozen=True)
class Mend(Change):
    """Every page can be read again, and the partner is up."""


@dataclass(frozen=True)
class Down(Change):
    """The partner cannot be reached."""


@dataclass(frozen=True)
class WhileRead(Change):
    """The next time that a list is read, this happens after its first page."""

    module: str
    change: Change


@dataclass(frozen=True)
class Act(Step):
    """Something that people do on our side."""


@dataclass(frozen=True)
class Run(Act):
    """`roamhouse run`.

    Args:
        only: partners asked for; none: all.
        full: whether every list is pulled whole.
        window_h: sessions and CDRs changed since so many hours ago; None: what is due.
        clock_ahead_h: how far our own clock is wrong for this run, hours.
        killed_after: the run is killed after so many pages landed; None: it is not.
    """

    only: tuple[str, ...] = ()
    full: bool = False
    window_h: int | None = None
    clock_ahead_h: int = 0
    killed_after: int | None = None


@dataclass(frozen=True)
class Backfill(Act):
    """A Dagster backfill of a partner's CDRs over days.

    Args:
        partner: whose.
        first_day: so many days ago.
        days: how many.
    """

    partner: str
    first_day: int
    days: int


@dataclass(frozen=True)
class Replay(Act):
    """`roamhouse replay`, of everything or since so many hours ago."""

    since_h: int | None = None


@dataclass(frozen=True)
class Accept(Act):
    """`roamhouse accept-removals`: what a partner's last complete list lacked is gone."""

    partner: str


@dataclass(frozen=True)
class Decide(Act):
    """A decision about the dispute of a CDR: open, sent, accepted … as in the decisions store."""

    partner: str
    cdr: str
    verb: str


@dataclass(frozen=True)
class Contract(Act):
    """A partner's contract in the partners file changes (it takes effect with the next run).

    Args:
        partner: whose.
        terms: (key, value) pairs: tolerance (absolute), relative, time_zone, month_basis,
            reverse_charge.
    """

    partner: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Leave(Act):
    """A partner is taken out of the partners file, or put back."""

    partner: str
    back: bool = False


@dataclass(frozen=True)
class Rename(Act):
    """A partner gets another name in the partners file; to itself it is who it was.

    Args:
        partner: its name as the year begins, as everywhere.
        to: the letter that goes before it: the new name sorts before or behind the old one.
    """

    partner: str
    to: str


@dataclass(frozen=True)
class Close(Act):
    """The month so many months ago is locked for a partner."""

    partner: str
    months_ago: int = 1


@dataclass(frozen=True)
class Reopen(Act):
    """The locked month so many months ago is opened again."""

    partner: str
    months_ago: int = 1


def script(steps: list[Step]) -> str:
    """The steps as Python that makes them again."""
    return "[\n" + "".join(f"    {step!r},\n" for step in steps) + "]"
