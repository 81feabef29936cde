"""Examining a connection before a run relies on it: the findings and the remedies."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from models.ocpi.watermarks import read_http_date
from pipelines.ocpi import errors
from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.exchange import Exchange
from pipelines.ocpi.offer import Offer
from pipelines.ocpi.pacing import Clock

Check = Literal["connection", "token", "version", "modules", "parties", "clock"]
State = Literal["ok", "warn", "fail", "skipped"]

_TOLERATED_SKEW_S = 30.0
_MOST_NAMED = 10
_IN_ORDER: tuple[Check, ...] = ("connection", "token", "version", "modules", "parties", "clock")


@dataclass(frozen=True)
class Finding:
    """One check of one connection."""

    check: Check  # what was looked at
    # `ok`; `warn`: a run works but something is odd; `fail`: it does not; `skipped`: an earlier
    # failure was in the way
    state: State
    message: str  # what was found and, unless it is well, what to do; one line


async def probe(
    connection: Connection,
    clock: Clock | None = None,
    *,
    expected: Collection[tuple[str, str]] = (),
) -> tuple[Finding, ...]:
    """Examine one connection: reachability, token, version, modules, parties, clock.

    Args:
        connection: the settings.
        clock: time and chance.
        expected: the parties, `(country_code, party_id)`, that we think are behind the connection;
            none: whoever the partner states.

    Returns:
        One finding for each check, in that order.
    """
    heard: list[Exchange] = []
    async with OcpiClient(connection, clock=clock, on_exchange=heard.append) as client:
        try:
            offer = await client.discover()
        except errors.OcpiError as error:
            return _findings_after(error)
        lists = await _sample_lists(client, offer)
    return (
        Finding("connection", "ok", f"{connection.name}: answers at {heard[0].url}"),
        _token(connection.name, client.token_encoding, lists),
        _version(offer),
        _modules(offer, lists),
        _parties(offer, expected),
        clock_finding(connection.name, heard[0]),
    )


def clock_finding(who: str, exchange: Exchange) -> Finding:
    """Compare the partner's clock with ours, by the Date header."""
    theirs = read_http_date(exchange.headers.get("date"))
    if theirs is None:
        return Finding("clock", "ok", f"{who}: sends no Date header, its clock is unknown")
    skew = (theirs - exchange.fetched_at).total_seconds()
    if abs(skew) <= _TOLERATED_SKEW_S:
        return Finding("clock", "ok", f"{who}: its clock agrees with ours")
    side = "ahead of" if skew > 0 else "behind"
    return Finding(
        "clock",
        "warn",
        f"{who}: its clock is {abs(skew):.0f} s {side} ours; set the wrong one, or make overlap "
        "larger than that",
    )


async def _sample_lists(client: OcpiClient, offer: Offer) -> dict[str, errors.OcpiError | None]:
    """Ask each list for one object."""
    found: dict[str, errors.OcpiError | None] = {}
    for module in offer.endpoints:
        try:
            await client.sample(module)
        except errors.OcpiError as error:
            found[module] = error
        else:
            found[module] = None
    return found


def _findings_after(error: errors.OcpiError) -> tuple[Finding, ...]:
    """Place a failed discovery: what came before went well, what comes after is unknown."""
    failed: Check = "connection"
    if isinstance(error, errors.TokenRejectedError):
        failed = "token"
    elif isinstance(error, errors.NoCommonVersionError):
        failed = "version"
    elif isinstance(error, errors.ModuleMissingError):
        failed = "modules"
    at = _IN_ORDER.index(failed)
    before = [Finding(check, "ok", "no objection") for check in _IN_ORDER[:at]]
    after = [Finding(check, "skipped", f"{failed} comes first") for check in _IN_ORDER[at + 1 :]]
    return (*before, Finding(failed, "fail", str(error)), *after)


def _token(who: str, encoding: str, lists: dict[str, errors.OcpiError | None]) -> Finding:
    rejected = [m for m, error in lists.items() if isinstance(error, errors.TokenRejectedError)]
    if rejected:
        return Finding(
            "token",
            "fail",
            f"{who}: the token opens the versions but not {', '.join(rejected)}; it may be a "
            "registration token (A): finish the registration and use the token it returned",
        )
    return Finding("token", "ok", f"{who}: accepts our token, {encoding}")


def _version(offer: Offer) -> Finding:
    others = ", ".join(offer.versions)
    return Finding("version", "ok", f"{offer.partner}: OCPI {offer.version}, of {others}")


def _modules(offer: Offer, lists: dict[str, errors.OcpiError | None]) -> Finding:
    broken = [error for error in lists.values() if error is not None]
    if broken:
        return Finding("modules", "fail", str(broken[0]))
    if offer.missing:
        return Finding(
            "modules",
            "fail",
            f"{offer.partner}: does not offer {', '.join(offer.missing)}; take it out of modules "
            "or ask the partner",
        )
    names = ", ".join(offer.endpoints)
    if offer.notes:
        return Finding("modules", "warn", f"{offer.partner}: {names}; {'; '.join(offer.notes)}")
    return Finding("modules", "ok", f"{offer.partner}: {names}")


def _parties(offer: Offer, expected: Collection[tuple[str, str]]) -> Finding:
    stated = list(dict.fromkeys(party.key for party in offer.parties))
    if not stated:
        said = f"{offer.partner}: it does not state its parties"
        if expected:
            return Finding("parties", "ok", f"{said}; parties names {_named(expected)}")
        return Finding("parties", "warn", f"{said}; name those you accept in parties")
    if unstated := [key for key in expected if key not in stated]:
        return Finding(
            "parties",
            "warn",
            f"{offer.partner}: parties names {_named(unstated)}, the partner states only "
            f"{_named(stated)}; mend parties, or ask the partner",
        )
    # Behind a hub we may well deal with a few only.
    others = [key for key in stated if expected and not offer.hub_party and key not in expected]
    if others:
        return Finding(
            "parties",
            "warn",
            f"{offer.partner}: states {_named(others)} too, whose CDRs a run rejects; "
            "add them to parties, or tell the partner",
        )
    return Finding("parties", "ok", f"{offer.partner}: {_named(stated)}")


def _named(keys: Collection[tuple[str, str]]) -> str:
    names = ", ".join("/".join(key) for key in list(keys)[:_MOST_NAMED])
    return f"{names} and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else names
