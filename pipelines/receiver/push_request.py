"""From an HTTP request to a push: whose object, which one, and whether it may be landed.

What is checked here is what a partner has to hear at once. Everything else about an object is
judged where it is loaded, and kept aside there.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from models.ocpi.json.parse import NOT_JSON
from models.ocpi.pushes import Push
from pipelines.receiver.answers import CLIENT_ERROR, INVALID, Refusal
from pipelines.receiver.callers import Caller
from pipelines.receiver.interfaces import LONGEST_ID, RECEIVERS, methods

Members = dict[str, msgspec.Raw]
_MEMBERS = msgspec.json.Decoder(Members)
_SCALAR = msgspec.json.Decoder(str | int)


def read_push(caller: Caller, about: Push, query: Mapping[str, str], body: bytes) -> Push:
    """Return the push that a request is.

    Raises:
        Refusal: it is refused, and why.
    """
    module, version, method = about.module, about.version, about.method
    if method not in methods(module, version):
        allowed = ", ".join(sorted({"GET", *methods(module, version)}))
        raise Refusal(f"{module} has no {method}", 405, CLIENT_ERROR, {"allow": allowed})
    members = {} if method == "DELETE" else _members(body)
    path = about.path
    if method == "POST":
        if path:
            raise Refusal("a POST goes to the endpoint itself", 404, CLIENT_ERROR)
        path = _path_of(members, caller)
    check_path(module, path)
    _check_owner(caller, path)
    _check_ids(module, version, method, path, members)
    token_type = query.get("type", "").strip() or _scalar(members, "type") or ""
    return replace(
        about,
        path=path,
        token_type=token_type if module == "tokens" else "",
        body=body.decode() if method != "DELETE" else "",
    )


def _members(body: bytes) -> Members:
    try:
        body.decode()  # what is kept of a body is text: it must be all that was sent
        return _MEMBERS.decode(body)
    except NOT_JSON:
        raise not_an_object(body) from None


def not_an_object(body: bytes) -> Refusal:
    """Return the refusal of a body that is no JSON object: by HTTP where it is no JSON at all."""
    try:
        msgspec.json.decode(body)
    except NOT_JSON:
        return Refusal("the body is no JSON", 400, CLIENT_ERROR)
    return Refusal("the body is JSON, but no object")


def _path_of(members: Members, caller: Caller) -> tuple[str, ...]:
    """Return owner and id of an object that is sent to the endpoint itself.

    A CDR of 2.1.1 names no owner: it is taken as the caller's.
    """
    stated = [_scalar(members, name) for name in ("country_code", "party_id")]
    identity = _scalar(members, "id")
    if identity is None:
        raise Refusal("missing required field: id")
    country, party = (said or own for said, own in zip(stated, caller.own_party, strict=True))
    return country, party, identity


def check_path(module: str, path: tuple[str, ...]) -> None:
    """Check that a URL names an owner and as many ids as objects of a module have.

    Raises:
        Refusal: it does not.
    """
    fewest, most = RECEIVERS[module].ids
    count = len(path) - 2
    wanted = max(fewest, 1) if module == "cdrs" else fewest
    if not wanted <= count <= max(most, wanted):
        raise Refusal(
            f"the URL of {module} is country code, party id and {fewest} to {most} ids",
            404,
            CLIENT_ERROR,
        )
    if any(len(part) > LONGEST_ID or "\x00" in part for part in path):
        raise Refusal("an id in the URL is longer than any of OCPI", 404, CLIENT_ERROR)
    if not all(path[2:]):
        raise Refusal("an id in the URL is empty", 404, CLIENT_ERROR)


def _check_owner(caller: Caller, path: tuple[str, ...]) -> None:
    """Check that the object belongs to a party of the caller (transport_and_format, Errors)."""
    allowed = caller.parties
    owner = (path[0].upper(), path[1].upper())
    if allowed is not None and owner not in allowed:
        raise Refusal(f"{'/'.join(owner)} is none of your parties", 404, INVALID)


def _check_ids(
    module: str, version: str, method: str, path: tuple[str, ...], members: Members
) -> None:
    """Check that body and URL name the same object, and that a PATCH says when it changed."""
    if method == "DELETE":
        return
    depth, names = len(path) - 2, RECEIVERS[module].id_names
    stated = {"country_code": path[0], "party_id": path[1]} if depth <= 1 else {}
    if depth:
        stated[names[depth - 1]] = path[-1]
    for name, in_url in stated.items():
        in_body = _scalar(members, name)
        if in_body is not None and in_url and in_body.lower() != in_url.lower():
            raise Refusal(f"{name} is {in_body[:40]!r} in the body and {in_url[:40]!r} in the URL")
        if in_body is None and method != "PATCH" and name in names:
            raise Refusal(f"missing required field: {name}")
    if method == "PATCH" and version != "2.1.1" and "last_updated" not in members:
        raise Refusal("missing required field: last_updated")


def _scalar(members: Members, name: str) -> str | None:
    raw = members.get(name)
    try:
        return None if raw is None else str(_SCALAR.decode(raw))
    except NOT_JSON:
        return None
