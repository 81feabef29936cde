"""Who charged when and how much: sessions by their number, any of them without those before.

A stream is all charging of one party on one kind of current. Its sessions arrive in order over a
quarter and three weeks beyond `now`, so that the world can be moved on. EVSEs and tokens take
turns, which keeps every two charges of one EVSE or one token apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import yaml

from pipelines.sandbox.numbers import DAY_S, Ints, below, key_of, offset, sample
from pipelines.sandbox.parties import Party
from pipelines.sandbox.places import Current, Evse

WINDOW_DAYS = 92
AHEAD_DAYS = 21
TURNAROUND_S = 2 * 3600
LONGEST_STAY_S = {"AC": 46 * 3600, "DC": 5 * 3600}
LONGEST_CHARGE_S = {"AC": 20 * 3600, "DC": 2 * 3600}
SHORTEST_CHARGE_S = 240
RESERVED_PERCENT = 60
FINE = 64
JITTER_BITS = 10


@dataclass(frozen=True)
class Behaviour:
    """The fitted marginals of one kind of charging (`behaviour.yaml`)."""

    energy_wh: list[int]  # quantiles of the energy of a session, evenly spaced from 0 to 1
    power_w: list[int]  # quantiles of the mean power while charging
    idle_permille: int  # sessions that stay more than five minutes after charging
    idle_s: list[int]  # quantiles of how long those stay on
    # weight of each hour of the local week, Monday 00:00 first; they sum to 100,000
    arrivals: list[int]


BEHAVIOUR: dict[Current, Behaviour] = {
    kind: Behaviour(**fitted)
    for kind, fitted in yaml.safe_load(
        Path(__file__).with_name("behaviour.yaml").read_text(encoding="utf-8")
    ).items()
}


@dataclass(frozen=True)
class Facts:
    """Columns of sessions; times in epoch seconds, energy in Wh."""

    index: Ints
    start: Ints
    charge_s: Ints
    idle_s: Ints
    wh: Ints
    evse: Ints
    token: Ints
    reserved_s: Ints
    delay_s: Ints

    @property
    def end(self) -> Ints:
        """The moment when each car left."""
        return self.start + self.charge_s + self.idle_s

    @property
    def published(self) -> Ints:
        """The moment when each CDR was made."""
        return self.end + self.delay_s


class Calendar:
    """The weights of all hours from the window's first to the last ahead, in local time."""

    def __init__(self, party: Party, behaviour: Behaviour, now: int) -> None:
        zone = party.country.time_zone
        self.first = now // 3600 * 3600 - WINDOW_DAYS * DAY_S
        self.hours = (WINDOW_DAYS + AHEAD_DAYS) * 24
        moments = [self.first + hour * 3600 for hour in range(self.hours)]
        local = [(moment + offset(zone, moment)) // 3600 for moment in moments]
        weights = [behaviour.arrivals[(hour + 72) % 168] * FINE for hour in local]
        self.edges: Ints = np.concatenate(([0], np.cumsum(np.array(weights, dtype=np.int64))))
        self.total = int(self.edges[-1])
        self.until_now = int(self.edges[WINDOW_DAYS * 24])

    def moments(self, positions: Ints) -> Ints:
        """Epoch seconds at which so much of the whole weight has passed."""
        hour = np.searchsorted(self.edges[:-1], positions, side="right") - 1  # the last goes on
        within = (positions - self.edges[hour]) * 3600 // (self.edges[hour + 1] - self.edges[hour])
        return self.first + hour * 3600 + within


class Stream:
    """All sessions of one party on one kind of current: about as many as wanted until `now`."""

    def __init__(self, party: Party, kind: Current, seed: int, now: int, wanted: int) -> None:
        self.party, self.kind = party, kind
        self.behaviour = BEHAVIOUR[kind]
        self.calendar = Calendar(party, self.behaviour, now)
        self.count = -(-wanted * self.calendar.total // self.calendar.until_now)
        self.key = key_of(seed, "traffic", *party.code, kind)
        self.evses: tuple[Evse, ...] = ()
        self.tokens = range(0)
        self._stride = 1
        self._watts: Ints = np.zeros(0, dtype=np.int64)
        self._reservable = np.zeros(0, dtype=np.bool_)

    @property
    def per_day(self) -> int:
        """Sessions a day, on average."""
        return -(-self.count // (WINDOW_DAYS + AHEAD_DAYS))

    def settle(self, evses: tuple[Evse, ...], tokens: range) -> None:
        """Give the stream its EVSEs and its tokens (numbers of the token list)."""
        self.evses, self.tokens = evses, tokens
        self._stride = next(
            s for s in range(len(evses) * 3 // 8 + 1, 2**31) if gcd(s, len(evses)) == 1
        )
        self._watts = np.array([evse.plugs[0].watt for evse in evses], dtype=np.int64)
        self._reservable = np.array([evse.line.versions[0].reserves for evse in evses])

    def starts(self, index: Ints) -> Ints:
        """Return when each session began."""
        jitter = below(self.key, index, 0, 1 << JITTER_BITS)
        steps = (index << JITTER_BITS) + jitter
        return self.calendar.moments(steps * self.calendar.total // (self.count << JITTER_BITS))

    def evse_of(self, index: Ints) -> Ints:
        """Return the position of each session's EVSE."""
        return index % len(self.evses) * self._stride % len(self.evses)

    def facts(self, index: Ints) -> Facts:
        """Return everything about the sessions with these numbers."""
        start, evse = self.starts(index), self.evse_of(index)
        behaviour = self.behaviour
        wh = sample(self.key, index, 1, behaviour.energy_wh)
        power = np.minimum(
            sample(self.key, index, 2, behaviour.power_w), self._watts[evse] * 92 // 100
        )
        charge = np.minimum(wh * 3600 // power, LONGEST_CHARGE_S[self.kind])
        charge = np.maximum(charge, wh * 3600 // (self._watts[evse] * 92 // 100))
        charge = np.maximum(charge, SHORTEST_CHARGE_S)
        idles = below(self.key, index, 3, 1000) < behaviour.idle_permille
        idle = np.where(idles, sample(self.key, index, 4, behaviour.idle_s), 0)
        room = self.starts(index + len(self.evses)) - start - TURNAROUND_S
        room = np.minimum(room, LONGEST_STAY_S[self.kind])
        reserved = 300 + 60 * below(self.key, index, 7, 26)
        reserves = self._reservable[evse] & (below(self.key, index, 6, 100) < RESERVED_PERCENT)
        return Facts(
            index=index,
            start=start,
            charge_s=charge,
            idle_s=np.clip(idle, 0, np.maximum(room - charge, 0)),
            wh=wh,
            evse=evse,
            token=self.tokens.start + index % len(self.tokens),
            reserved_s=np.where(reserves, reserved, 0),
            delay_s=60 + below(self.key, index, 5, 1140),
        )
