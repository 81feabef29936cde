"""What a partner does otherwise than the spec says: every switch that a scenario can set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_type_hints

LinkQuirk = Literal["", "loop", "internal", "relative", "none", "date_from_none", "without_limit"]
FaultKind = Literal[
    "", "429", "429_date", "500", "503", "reset", "truncated", "html", "drip",
    "ocpi_2001", "ocpi_3000", "ocpi_3001", "redirect", "bomb",
]  # fmt: skip
Shape = Literal["", "null", "absent", "bare", "object", "keyed", "nested", "items"]
Refused = Literal["401", "403", "200"]


@dataclass(frozen=True)
class Quirks:
    """The switches of one module of one partner; the defaults are what the spec says.

    Args:
        clamp_limit: largest page, whatever is asked; 0: the sandbox's own.
        x_limit: what X-Limit says: the limit used, `0`, or nothing.
        empty_link: the last page has an empty Link header.
        link: how the next page's URL is wrong.
        no_total: no X-Total-Count.
        ignore_offset: every page is the first.
        ignore_date_from: every window begins with the first object.
        inclusive_date_to: an object changed at date_to is listed.
        shrink: objects that vanish from the front before each page but the first.
        shift: objects that move from the front to the end before each page but the first.
        window_days: longest window that is answered; 0: any.
        short: objects that X-Total-Count promises and no page has.
        fault: what goes wrong with a request.
        fault_first: the first so many requests fail.
        fault_every: every so manyth request fails; 0: none.
        shape: where the objects are in the body.
        bom: the body begins with a byte order mark.
        nan: the body has a NaN among its members.
        duplicate_keys: the body states `status_code` twice.
        gzip_unsaid: the body is compressed and no header says so.
        data: what is wrong in the objects: a name of `oddities` → every so manyth object.
        duplicate_evses: every so manyth location also lists a neighbour's EVSE, months old.
        mass_removal: once the world moves on, every second location is gone.
        bumped: once the world moves on, every location claims to have changed.
        unbumped: once the world moves on, tariffs that nobody uses change and do not say so.
        late: every so manyth recent CDR appears only once the world moves on.
    """

    clamp_limit: int = 0
    x_limit: Literal["limit", "zero", "none"] = "limit"
    empty_link: bool = False
    link: LinkQuirk = ""
    no_total: bool = False
    ignore_offset: bool = False
    ignore_date_from: bool = False
    inclusive_date_to: bool = False
    shrink: int = 0
    shift: int = 0
    window_days: int = 0
    short: int = 0
    fault: FaultKind = ""
    fault_first: int = 0
    fault_every: int = 0
    shape: Shape = ""
    bom: bool = False
    nan: bool = False
    duplicate_keys: bool = False
    gzip_unsaid: bool = False
    data: Mapping[str, int] = field(default_factory=dict)
    duplicate_evses: int = 0
    mass_removal: bool = False
    bumped: bool = False
    unbumped: bool = False
    late: int = 0


@dataclass(frozen=True)
class Manners:
    """How a partner treats a request before any list: its token's encoding, and what it refuses.

    Args:
        token_encoding: the only one it takes; empty: what its version says; both: either.
        refused: HTTP status for a token it does not know; `200` hides it in the envelope.
    """

    token_encoding: Literal["", "raw", "base64", "both"] = ""
    refused: Refused = "401"


class ScenarioError(ValueError):
    """A scenario says what no switch understands."""


def quirks_of(where: str, stated: Mapping[str, Any], oddities: frozenset[str]) -> Quirks:
    """Checks and reads the switches of one module.

    Args:
        where: partner and module, for messages.
        stated: switch → value.
        oddities: names that `data` may have.

    Raises:
        ScenarioError: naming the place, the switch and what is possible.
    """
    checked(where, stated, Quirks)
    for name, every in stated.get("data", {}).items():
        if name not in oddities:
            raise ScenarioError(f"{where}.data: unknown `{name}`; known: {sorted(oddities)}")
        if not isinstance(every, int) or every < 1:
            raise ScenarioError(f"{where}.data.{name}: a whole number above 0, not {every!r}")
    return Quirks(**stated)


def checked(where: str, stated: Mapping[str, Any], kind: type) -> None:
    """Refuses unknown switches and values of the wrong type."""
    hints = get_type_hints(kind)
    known = {one.name for one in fields(kind)}
    for name, value in stated.items():
        if name not in known:
            raise ScenarioError(f"{where}: unknown switch `{name}`; known: {sorted(known)}")
        choices = get_args(hints[name]) if hints[name] not in (int, bool) else ()
        if name == "data":
            fits = isinstance(value, dict)
        elif choices:
            fits = value in choices
        else:
            fits = type(value) is hints[name]
        if not fits:
            expected = choices or hints[name].__name__
            raise ScenarioError(f"{where}.{name}: expected {expected}, not {value!r}")
