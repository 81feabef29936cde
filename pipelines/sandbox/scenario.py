"""Scenarios and options: how each partner deviates from the specification, and how large it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints

import msgspec
import yaml

from pipelines.sandbox import BUILT_IN, DEFAULT_CDRS, DEFAULT_SEED, LARGEST, SMALLEST, built_in
from pipelines.sandbox.malformed import MALFORMATIONS
from pipelines.sandbox.parties import PARTNERS, Partner


@dataclass(frozen=True)
class Options:
    """Everything the sandbox's answers depend on: equal options, equal bytes."""

    now: datetime  # the moment its three months end at; with a zone
    cdrs: int = DEFAULT_CDRS  # of all partners together at that moment, before errors add some
    seed: int = DEFAULT_SEED  # any whole number
    scenario: str = "demo"  # name of a built-in scenario, or path of a YAML file
    errors_permille: int = 40  # charges with a billing error, in thousandths
    port: int = 0  # to listen on; 0: any free one
    truth: Path | None = None  # where to write what was injected, as JSON lines
    warm: int | None = None  # page size to render every CDR page for before listening
    push_to: str = ""  # the receiver that partners push to: what comes before /versions
    only: tuple[str, ...] = ()  # partners that are there, who share all CDRs; empty: all
    begin: datetime | None = None  # when the world stands still until moved on; None: `now`

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone, for example 2026-10-31T12:00:00+00:00")
        if self.begin is not None and (self.begin.tzinfo is None or self.begin > self.now):
            raise ValueError("begin needs a time zone and must not be later than now")
        if not SMALLEST <= self.cdrs <= LARGEST:
            raise ValueError(f"cdrs must be between {SMALLEST} and {LARGEST:,}, not {self.cdrs}")
        if unknown := set(self.only) - {partner.name for partner in PARTNERS}:
            raise ValueError(f"only: unknown partners {sorted(unknown)}")
        if not 0 <= self.errors_permille <= 200:
            raise ValueError(f"errors must be 0 to 200 permille, not {self.errors_permille}")

    @property
    def partners(self) -> tuple[Partner, ...]:
        """The partners that are there."""
        return tuple(one for one in PARTNERS if not self.only or one.name in self.only)

    @property
    def beginning(self) -> int:
        """`begin`, or else `now`, in epoch seconds."""
        return int((self.begin or self.now).timestamp())

    @property
    def epoch(self) -> int:
        """`now` in epoch seconds."""
        return int(self.now.timestamp())


LinkFault = Literal["", "loop", "internal", "relative", "none", "date_from_none", "without_limit"]
FaultKind = Literal[
    "", "429", "429_date", "500", "503", "reset", "truncated", "html", "drip",
    "ocpi_2001", "ocpi_3000", "ocpi_3001", "redirect", "bomb",
]  # fmt: skip
Shape = Literal["", "null", "absent", "bare", "object", "keyed", "nested", "items"]
Refused = Literal["401", "403", "200"]


@dataclass(frozen=True)
class NonConformities:
    """The switches of one module of one partner; the defaults are what the spec says."""

    clamp_limit: int = 0  # largest page, whatever is asked; 0: the sandbox's own
    # what X-Limit says: the limit used, `0`, or nothing
    x_limit: Literal["limit", "zero", "none"] = "limit"
    empty_link: bool = False  # the last page has an empty Link header
    link: LinkFault = ""  # how the next page's URL is wrong
    no_total: bool = False  # no X-Total-Count
    ignore_offset: bool = False  # every page is the first
    ignore_date_from: bool = False  # every window begins with the first object
    inclusive_date_to: bool = False  # an object changed at date_to is listed
    shrink: int = 0  # objects that vanish from the front before each page but the first
    shift: int = 0  # objects that move from the front to the end before each page but the first
    window_days: int = 0  # longest window that is answered; 0: any
    short: int = 0  # objects that X-Total-Count promises and no page has
    fault: FaultKind = ""  # what goes wrong with a request
    fault_first: int = 0  # the first so many requests fail
    fault_every: int = 0  # every so manyth request fails; 0: none
    shape: Shape = ""  # where the objects are in the body
    bom: bool = False  # the body begins with a byte order mark
    nan: bool = False  # the body has a NaN among its members
    duplicate_keys: bool = False  # the body states `status_code` twice
    gzip_unsaid: bool = False  # the body is compressed and no header says so
    # what is wrong in the objects: a name of `malformed` → every so manyth object
    data: Mapping[str, int] = field(default_factory=dict)
    duplicate_evses: int = 0  # every so manyth location also lists a neighbour's EVSE, months old
    mass_removal: bool = False  # once the world moves on, every second location is gone
    bumped: bool = False  # once the world moves on, every location claims to have changed
    # once the world moves on, tariffs that nobody uses change and do not say so
    unbumped: bool = False
    late: int = 0  # every so manyth recent CDR appears only once the world moves on


@dataclass(frozen=True)
class AuthBehaviour:
    """The treatment of a request before any list: its token encoding and its refusals."""

    # the only one it takes; empty: what its version says; both: either
    token_encoding: Literal["", "raw", "base64", "both"] = ""
    # HTTP status for a token it does not know; `200` hides it in the envelope
    refused: Refused = "401"


@dataclass(frozen=True)
class PushBehaviour:
    """The manner of a partner that pushes what changes, where a receiver is named."""

    lose: int = 0  # every so manyth push never comes
    repeat: int = 0  # every so manyth push comes twice
    rotate: int = 0  # every so manyth time that the world moved on, tokens are renewed


Switches = TypeVar("Switches", NonConformities, AuthBehaviour, PushBehaviour)


class ScenarioError(ValueError):
    """A scenario says what no switch understands."""


EVERY = "every"
PLAIN = NonConformities()


@dataclass(frozen=True)
class Scenario:
    """The behaviour of every partner."""

    # by partner and module; the module `every` stands for those without their own
    modules: Mapping[tuple[str, str], NonConformities] = field(default_factory=dict)
    auth: Mapping[str, AuthBehaviour] = field(default_factory=dict)  # by partner
    # by partner, of those that push
    push: Mapping[str, PushBehaviour] = field(default_factory=dict)

    def of(self, partner: str, module: str) -> NonConformities:
        """Return the non-conformities of one module."""
        own = self.modules.get((partner, module))
        return own or self.modules.get((partner, EVERY), PLAIN)

    def longest_window(self, partner: str) -> int:
        """Return the days that a partner's shortest limit of windows allows; 0: any."""
        limits = [q.window_days for (name, _), q in self.modules.items() if name == partner]
        return min((days for days in limits if days), default=0)

    def auth_of(self, partner: str) -> AuthBehaviour:
        """Return how a partner treats requests before any list."""
        return self.auth.get(partner, AuthBehaviour())

    def push_of(self, partner: str) -> PushBehaviour | None:
        """Return how a partner pushes; None: it does not."""
        return self.push.get(partner)


def load(name: str) -> Scenario:
    """Read a scenario.

    Args:
        name: of a built-in scenario, or the path of a YAML file:
            partner → module (or `every`, `auth` or `push`) → switch → value.

    Raises:
        ScenarioError: there is none of that name, or it says what no switch understands.
    """
    path = BUILT_IN / f"{name}.yaml"
    if not path.exists():
        path = Path(name)
    if not path.is_file():
        raise ScenarioError(f"No scenario `{name}`: built in are {', '.join(built_in())}")
    try:
        stated = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name} is not YAML: {error}") from error
    return scenario_of(stated)


def scenario_of(stated: object) -> Scenario:
    """Check what a scenario file says."""
    if not isinstance(stated, dict):
        raise ScenarioError("A scenario is a mapping: partner, module, switch")
    modules = {partner.name: {*partner.modules, EVERY, "auth", "push"} for partner in PARTNERS}
    found: dict[tuple[str, str], NonConformities] = {}
    auth: dict[str, AuthBehaviour] = {}
    push: dict[str, PushBehaviour] = {}
    for name, members in stated.items():
        if name not in modules:
            raise ScenarioError(f"Unknown partner `{name}`; known: {sorted(modules)}")
        for module, switches in _mapping(name, members).items():
            where = f"{name}.{module}"
            if module not in modules[name]:
                raise ScenarioError(f"{where}: unknown module; known: {sorted(modules[name])}")
            if module == "auth":
                auth[name] = _switches(where, switches, AuthBehaviour)
            elif module == "push":
                push[name] = _switches(where, switches, PushBehaviour)
            else:
                found[name, module] = _switches(where, switches, NonConformities)
                _check_malformations(f"{where}.data", found[name, module].data)
    return Scenario(found, auth, push)


def _mapping(where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where}: expected a mapping, not {value!r}")
    return value


def _switches(where: str, stated: object, kind: type[Switches]) -> Switches:
    """Read switches; refuse unknown ones and values of the wrong type."""
    hints = get_type_hints(kind)
    for name, value in _mapping(where, stated).items():
        if name not in hints:
            raise ScenarioError(f"{where}: unknown switch `{name}`; known: {sorted(hints)}")
        try:
            msgspec.convert(value, hints[name])
        except msgspec.ValidationError as error:
            expected = hints[name].__name__ if hints[name] in (int, bool) else hints[name]
            raise ScenarioError(f"{where}.{name}: expected {expected}, not {value!r}") from error
    return kind(**_mapping(where, stated))


def _check_malformations(where: str, data: Mapping[str, int]) -> None:
    for name, every in data.items():
        if name not in MALFORMATIONS:
            raise ScenarioError(f"{where}: unknown `{name}`; known: {sorted(MALFORMATIONS)}")
        if every < 1:
            raise ScenarioError(f"{where}.{name}: a whole number above 0, not {every!r}")
