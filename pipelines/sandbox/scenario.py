"""Scenarios and options: how each partner deviates from the specification, and how large it is.

The malformed objects come first: each entry changes one decoded OCPI object as some platform writes
it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from pipelines.sandbox import BUILT_IN, DEFAULT_CDRS, DEFAULT_SEED, LARGEST, SMALLEST, built_in
from pipelines.sandbox.numbers import key_of
from pipelines.sandbox.parties import PARTNERS, Partner

T = TypeVar("T")
Json = dict[str, Any]
EVERY = "every"
_NUMBERS = ("kwh", "total_energy", "total_time", "total_parking_time")
_STAMPS = ("last_updated", "start_date_time", "end_date_time", "stop_date_time", "start_datetime")
_VENDOR = {
    "AVAILABLE": "WORKING", "OUTOFORDER": "FAULTED", "CHARGING": "IN_USE",
    "IEC_62196_T2_COMBO": "CCS2",
}  # fmt: skip
_ALPHA_2 = {one.country.alpha3: one.country.code for each in PARTNERS for one in each.parties}
Malformation = Callable[[Json], None]


def _holders(one: Json, *paths: str) -> Iterator[tuple[Json, str]]:
    """Yield each object that states the member at the end of a path, and the member's name.

    `paths`: names through nested objects and lists of them, as `evses connectors tariff_id`.
    """
    for path in paths:
        *outer, name = path.split()
        found = [one]
        for each in outer:
            inner = [holder[each] for holder in found if each in holder]
            found = [one for held in inner for one in (held if isinstance(held, list) else [held])]
        yield from ((holder, name) for holder in found if holder.get(name) is not None)


def _rewrite(change: Callable[[Any], Any], *paths: str) -> Malformation:
    def rewrite(one: Json) -> None:
        for holder, name in _holders(one, *paths):
            holder[name] = change(holder[name])

    return rewrite


def _remove(*paths: str) -> Malformation:
    def remove(one: Json) -> None:
        for holder, name in _holders(one, *paths):
            del holder[name]

    return remove


_COORDINATES = ("coordinates latitude", "coordinates longitude")


def _camel_case_days(limits: Json) -> Json:
    clocks = {name: f"{limits[name]}:00" for name in ("start_time", "end_time") if name in limits}
    names = {"day_of_week": "dayOfWeek"}
    return {names.get(name, name): value for name, value in (limits | clocks).items()}


MALFORMATIONS: Mapping[str, Malformation] = {
    "integer_id": lambda one: one.update(id=key_of(0, str(one.get("id"))) % 1_000_000_000),
    "numbers_as_strings": _rewrite(str, *_NUMBERS, "elements price_components price"),
    "empty_strings": _rewrite(lambda _: "", "remark", "meter_id", "name"),
    "lower_case": _rewrite(str.lower, "party_id", "status", "auth_method", "type", "evses status"),
    # a vendor's own words for a status and a plug
    "vendor_values": _rewrite(
        lambda word: _VENDOR.get(word, word), "evses status", "evses connectors standard"
    ),
    "float_coordinates": _rewrite(float, *_COORDINATES),
    "comma_coordinates": _rewrite(lambda degrees: str(degrees).replace(".", ","), *_COORDINATES),
    "swapped_coordinates": _rewrite(
        lambda at: dict(zip(at, reversed(at.values()), strict=True)), "coordinates"
    ),
    "zero_coordinates": lambda one: one.update(coordinates={"latitude": "0.0", "longitude": "0.0"}),
    "no_zone": _rewrite(lambda at: at.rstrip("Z"), *_STAMPS),
    "with_offset": _rewrite(lambda at: at.replace("Z", ".000+00:00"), *_STAMPS),
    "alpha_2": _rewrite(_ALPHA_2.__getitem__, "country"),
    "over_long": _rewrite(lambda name: name.ljust(300, "x"), "name"),
    "control_characters": _rewrite(lambda name: f"  {name}\u0007\t ", "name"),
    "mojibake": _rewrite(lambda name: f"{name} Caf\u00c3\u00a9", "name"),
    "html": _rewrite(lambda _: "<b>=1+1</b>", "name"),  # markup and a formula
    "no_party": _remove("country_code", "party_id"),
    "no_tariff_ids": _remove("evses connectors tariff_ids", "evses connectors tariff_id"),
    "camel_case_days": _rewrite(_camel_case_days, "elements restrictions"),  # seconds, too
    "unknown_zone": _rewrite(lambda _: "Europe/Atlantis", "time_zone"),
    # kilowatts taken for watts
    "absurd_power": _rewrite(lambda watt: watt * 1000, "evses connectors max_electric_power"),
    # of these nothing is left to repair: the object is refused, the rest of the page kept
    "no_id": _remove("id", "uid"),
    "null_times": _rewrite(lambda _: None, *_STAMPS),
    "evse_without_uid": _rewrite(
        lambda evses: [evses[0] | {"uid": None}, *evses[1:]] if evses else evses, "evses"
    ),
}


def malformed(encoded: bytes, data: Mapping[str, int]) -> bytes:
    """Return an object with the malformations whose turn it is; most objects have none.

    `data`: malformation → every so manyth object, by the object's own content.
    """
    drawn = key_of(0, encoded[:480].decode(errors="ignore")[:120])
    due = [name for name, every in data.items() if (drawn + key_of(1, name)) % every == 0]
    if not due:
        return encoded
    one = msgspec.json.decode(encoded)  # its numbers are short enough to survive a float unchanged
    for name in due:
        MALFORMATIONS[name](one)
    return msgspec.json.encode(one)


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
    def epoch(self) -> int:
        """`now` in epoch seconds."""
        return int(self.now.timestamp())


LinkFault = Literal["", "loop", "internal", "relative", "none", "date_from_none", "without_limit"]
FaultKind = Literal[
    "", "429", "429_date", "500", "503", "reset", "truncated", "html", "drip",
    "ocpi_2001", "ocpi_3000", "ocpi_3001", "redirect", "bomb",
]  # fmt: skip
Shape = Literal["", "null", "absent", "bare", "object", "keyed", "nested", "items"]


class NonConformities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The switches of one module of one partner; the defaults are what the spec says."""

    clamp_limit: int = 0  # largest page, whatever is asked; 0: the sandbox's own
    x_limit: Literal["limit", "zero", "none"] = "limit"  # what X-Limit says; none: no header
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
    data: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}
    duplicate_evses: int = 0  # every so manyth location also lists a neighbour's EVSE, months old
    mass_removal: bool = False  # once the world moves on, every second location is gone
    bumped: bool = False  # once the world moves on, every location claims to have changed
    unbumped: bool = False  # once the world moves on, unused tariffs change and do not say so
    late: int = 0  # every so manyth recent CDR appears only once the world moves on

    def fault_of(self, count: int) -> FaultKind:
        """Return what goes wrong with the request of this number, counted from 1."""
        every = self.fault_every and count % self.fault_every == 0
        return self.fault if every or count <= self.fault_first else ""


PLAIN = NonConformities()


class AuthBehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The treatment of a request before any list: its token encoding and its refusals."""

    # the only one it takes; empty: what its version says; both: either
    token_encoding: Literal["", "raw", "base64", "both"] = ""
    # HTTP status for a token it does not know; `200` hides it in the envelope
    refused: Literal["401", "403", "200"] = "401"


class PushBehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manner of a partner that pushes what changes, where a receiver is named."""

    lose: int = 0  # every so manyth push never comes
    repeat: int = 0  # every so manyth push comes twice
    rotate: int = 0  # every so manyth time that the world moved on, tokens are renewed


class ScenarioError(ValueError):
    """A scenario says what no switch understands."""


@dataclass(frozen=True)
class Scenario:
    """The behaviour of every partner."""

    # by partner and module; the module `every` stands for those without their own
    modules: dict[tuple[str, str], NonConformities]
    auth: dict[str, AuthBehaviour]  # by partner
    push: dict[str, PushBehaviour]  # by partner that pushes

    def of(self, partner: str, module: str) -> NonConformities:
        """Return the non-conformities of one module."""
        every = self.modules.get((partner, EVERY), PLAIN)
        return self.modules.get((partner, module), every)

    def longest_window(self, partner: str) -> int:
        """Return the days that a partner's shortest limit of windows allows; 0: any."""
        limits = [q.window_days for (name, _), q in self.modules.items() if name == partner]
        return min((days for days in limits if days), default=0)


def load(name: str) -> Scenario:
    """Read a scenario.

    `name`: of a built-in scenario, or the path of a YAML file: partner → module (or `every`, `auth`
    or `push`) → switch → value.

    Raises:
        ScenarioError: there is none of that name, or it says what no switch understands.
    """
    path = next((one for one in (BUILT_IN / f"{name}.yaml", Path(name)) if one.is_file()), None)
    if path is None:
        raise ScenarioError(f"No scenario `{name}`: built in are {', '.join(built_in())}")
    try:
        stated = msgspec.yaml.decode(path.read_bytes()) or {}
    except msgspec.DecodeError as error:
        raise ScenarioError(f"{path.name} is not YAML: {error}") from error
    return scenario_of(stated)


def scenario_of(stated: object) -> Scenario:
    """Check what a scenario file says."""
    scenario = Scenario({}, {}, {})
    known = {partner.name: (*partner.modules, EVERY, "auth", "push") for partner in PARTNERS}
    for name, members in _convert("scenario", stated, dict[str, dict[str, Any]]).items():
        if name not in known:
            raise ScenarioError(f"Unknown partner `{name}`; known: {sorted(known)}")
        for module, switches in members.items():
            where = f"{name}.{module}"
            if module not in known[name]:
                raise ScenarioError(f"{where}: unknown module; known: {sorted(known[name])}")
            if module == "auth":
                scenario.auth[name] = _convert(where, switches, AuthBehaviour)
            elif module == "push":
                scenario.push[name] = _convert(where, switches, PushBehaviour)
            else:
                own = _convert(where, switches, NonConformities)
                if unknown := sorted(own.data.keys() - MALFORMATIONS.keys()):
                    expected = f"known: {sorted(MALFORMATIONS)}"
                    raise ScenarioError(f"{where}.data: unknown {unknown}; {expected}")
                scenario.modules[name, module] = own
    return scenario


def _convert(where: str, stated: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(stated, kind)
    except msgspec.ValidationError as error:
        known = f"; known: {fields}" if (fields := getattr(kind, "__match_args__", ())) else ""
        raise ScenarioError(f"{where}: {error}{known}") from error
