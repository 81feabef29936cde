"""Folding pushes into whole objects, which the usual decoders read.

A PUT or POST brings a whole object. A PATCH names only what changed, so that the object as we have
it is needed; a push of an EVSE or a connector concerns a part of a location. The parts are: a
location without its EVSEs, an EVSE without its connectors, a connector, and any other object whole.
OCPI: transport_and_format (PUT, PATCH), mod_locations, mod_sessions, mod_tokens.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from models.ocpi.json.parse import NOT_JSON
from models.ocpi.pushes import Push
from models.ocpi.values.timestamps import as_instant

Members = dict[str, msgspec.Raw]
Key = tuple[str, ...]
"""Country code, party id and ids in lower case; of a token its type, too."""

_MEMBERS = msgspec.json.Decoder(Members)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_LOCATION, _EVSE = 3, 4  # lengths of keys


class PushRefused(ValueError):
    """A push that cannot become an object; the message says why, in one line."""


@dataclass
class PushMerger:
    """Folds the pushes of one module, in the order of arrival.

    `known`: returns the part with a key as it is known before these pushes; None: it is not.
    """

    known: Callable[[Key], Members | None]
    parts: dict[Key, Members] = field(default_factory=dict)

    def merge(self, push: Push) -> bytes:
        """Take in one push, any but a DELETE.

        Returns:
            A whole object as JSON. Of a location it holds only those EVSEs and connectors that
            the push concerns.

        Raises:
            PushRefused: its body is no object, or what it changes is not known.
        """
        change = _read_members(push)
        key = part_key(push)
        if push.module != "locations":
            whole = change if push.method != "PATCH" else self._patched(key, push, change)
            self._keep(key, whole)
            return _encode(whole)
        if len(key) == _LOCATION:
            return self._location(key, push, change)
        location = self._part(key[:_LOCATION], "location")
        _bump(location, change)
        if len(key) == _EVSE:
            evse = self._evse(key, push, change)
        else:
            evse = self._part(key[:_EVSE], "EVSE")
            _bump(evse, change)
            connector = self._patched(key, push, change) if push.method == "PATCH" else change
            self._keep(key, connector)
            evse = evse | {"connectors": _array([_encode(connector)])}
        return _encode(location | {"evses": _array([_encode(evse)])})

    def _location(self, key: Key, push: Push, change: Members) -> bytes:
        whole = change if push.method != "PATCH" else self._patched(key, push, change)
        self._keep(key, without(whole, "evses"))
        for child_key, members in location_parts(key, change):
            self._keep(child_key, members)
        return _encode(whole)

    def _evse(self, key: Key, push: Push, change: Members) -> Members:
        evse = self._patched(key, push, change) if push.method == "PATCH" else change
        self._keep(key, without(evse, "connectors"))
        for child_key, members in _connector_parts(key, change):
            self._keep(child_key, members)
        return evse

    def _keep(self, key: Key, part: Members) -> None:
        """Note a part as it is now, unless it came late: later changes build on the newest."""
        known = self.parts.get(key)
        if known is None or not _is_older(part, known):
            self.parts[key] = part

    def _patched(self, key: Key, push: Push, change: Members) -> Members:
        before = self._part(key, push.module.removesuffix("s"))
        if push.module == "sessions" and "charging_periods" in change:
            change = change | {"charging_periods": _added(before, change)}
        return before | change

    def _part(self, key: Key, what: str) -> Members:
        """Return a part to build on, which from now on is ours to change."""
        part = self.parts.get(key)
        if part is None:
            part = self.known(key)
        if part is None:
            raise PushRefused(f"the {what} it belongs to is not known; PUT it whole")
        self.parts[key] = dict(part)
        return self.parts[key]


def part_key(push: Push) -> Key:
    """Return the key of the part that a push is about."""
    if push.module == "tokens":
        return (*push.key, (push.token_type or "RFID").lower())
    return push.key


def needed_parts(push: Push) -> Iterator[Key]:
    """Yield the keys of the parts that merging a push builds on, if they are known."""
    key = part_key(push)
    if push.method == "PATCH":
        yield key
    if push.module == "locations":
        yield from (key[:length] for length in range(_LOCATION, len(key)))


def brought_parts(push: Push) -> Iterator[Key]:
    """Yield the keys of the parts that a push brings: what it is about, and what is in it."""
    key = part_key(push)
    yield key
    if push.module == "locations" and push.method != "DELETE":
        parts = {_LOCATION: location_parts, _EVSE: _connector_parts}.get(len(key))
        if parts is not None:
            yield from (below for below, _ in parts(key, _members(push.body.encode())))


def without(members: Members, name: str) -> Members:
    """Return the members but one."""
    return {other: value for other, value in members.items() if other != name}


def location_parts(key: Key, location: Members) -> Iterator[tuple[Key, Members]]:
    """Yield the EVSEs and connectors of a whole location, each without what is below it."""
    for raw in _items(location.get("evses")):
        evse = _members(raw)
        uid = _text(evse.get("uid"))
        if uid is not None:
            below = (*key, uid.lower())
            yield below, without(evse, "connectors")
            yield from _connector_parts(below, evse)


def _connector_parts(key: Key, evse: Members) -> Iterator[tuple[Key, Members]]:
    for raw in _items(evse.get("connectors")):
        connector = _members(raw)
        identity = _text(connector.get("id"))
        if identity is not None:
            yield (*key, identity.lower()), connector


def _read_members(push: Push) -> Members:
    """Read the body, with owner and time where the version leaves them out.

    2.1.1 objects name no owner, the URL does; its PATCH need not say when (mod_locations).
    """
    change = _members(push.body.encode())
    if not change:
        raise PushRefused("the body is no JSON object, or an empty one")
    if len(push.path) >= 2 and (push.module != "locations" or len(push.path) == _LOCATION):
        for name, value in zip(("country_code", "party_id"), push.path, strict=False):
            change.setdefault(name, _raw(value.upper()))
    if push.method == "PATCH" and "last_updated" not in change:
        # To the microsecond: what was sent without a time a moment before counts from then.
        change["last_updated"] = _raw(push.received_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    return change


def _bump(parent: Members, change: Members) -> None:
    """Set a parent's `last_updated` to that of a changed part (mod_locations, PUT and PATCH)."""
    stated = change.get("last_updated")
    if stated is None:
        return
    if not _is_older(change, parent):
        parent["last_updated"] = stated


def _is_older(part: Members, other: Members) -> bool:
    """Tell whether a part states an older `last_updated` than another."""
    mine, others = _instant(part), _instant(other)
    return mine is not None and others is not None and mine < others


def _added(before: Members, change: Members) -> msgspec.Raw:
    """Add charging periods to those known; a period that was sent before is not added again."""
    periods = [bytes(raw) for raw in _items(before.get("charging_periods"))]
    known = {_canonical(period) for period in periods}
    fresh = [bytes(raw) for raw in _items(change.get("charging_periods"))]
    return _array([*periods, *(period for period in fresh if _canonical(period) not in known)])


def _canonical(raw: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(raw), order="sorted")


def _instant(part: Members) -> datetime | None:
    return as_instant(_text(part.get("last_updated")))


def _members(raw: bytes | msgspec.Raw) -> Members:
    try:
        return _MEMBERS.decode(raw)
    except NOT_JSON:
        return {}


def _items(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    try:
        return [] if raw is None else _ITEMS.decode(raw)
    except NOT_JSON:
        return []


def _text(raw: msgspec.Raw | None) -> str | None:
    try:
        return None if raw is None else _TEXT.decode(raw)
    except NOT_JSON:
        return None


def _raw(value: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _array(items: list[bytes]) -> msgspec.Raw:
    return msgspec.Raw(b"[" + b",".join(items) + b"]")


def _encode(members: Mapping[str, msgspec.Raw]) -> bytes:
    return msgspec.json.encode(members)
