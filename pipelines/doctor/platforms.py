"""A partner's OCPI platform: reachable, token accepted, version, modules, parties, clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pipelines.config import ConfigError, OcpiPartner
from pipelines.doctor.results import Check
from pipelines.ocpi import Exchange, OcpiClient, OcpiError, Offer, RetryPolicy
from pipelines.ocpi.errors import (
    ModuleMissingError,
    NoCommonVersionError,
    StatusRefusedError,
    TlsError,
    TokenRejectedError,
    UnreachableError,
)
from pipelines.pulling.connecting import connection_of

_IMPATIENT = RetryPolicy(attempts=2, total_wait_s=5)
_SKEW = timedelta(seconds=60)
_ASPECTS: dict[type[OcpiError], str] = {
    UnreachableError: "reachable",
    TlsError: "reachable",
    TokenRejectedError: "token",
    NoCommonVersionError: "version",
    ModuleMissingError: "modules",
}
_TOKEN_REFUSED = 2001


async def check_platform(partner: OcpiPartner, environ: Mapping[str, str]) -> list[Check]:
    """Visit a partner as a run would, up to the point where pulling begins.

    Args:
        partner: its entry in the partners file.
        environ: the environment, which holds the token.
    """
    name = partner.name
    checks = list(_check_scheme(partner))
    try:
        connection = replace(connection_of(partner, environ), retry=_IMPATIENT)
    except ConfigError as error:
        return [*checks, Check(name, "token", "unusable", error.problems[0].message)]
    exchanges: list[Exchange] = []
    try:
        async with OcpiClient(connection, on_exchange=exchanges.append) as client:
            offer = await client.discover()
    except OcpiError as error:
        failed = Check(name, _aspect(error), "fail", str(error).removeprefix(f"{name}: "))
        return [*checks, failed, *_check_clock(name, exchanges)]
    return [*checks, *_check_offer(partner, offer), *_check_clock(name, exchanges)]


def _aspect(error: OcpiError) -> str:
    """The property that a failure is about."""
    if isinstance(error, StatusRefusedError) and error.status_code == _TOKEN_REFUSED:
        return "token"
    return _ASPECTS.get(type(error), "answers")


def _check_scheme(partner: OcpiPartner) -> Iterator[Check]:
    parts = urlsplit(partner.versions_url)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        message = "the token would travel in clear; ask the partner for an https address"
        yield Check(partner.name, "encryption", "warn", message)


def _check_offer(partner: OcpiPartner, offer: Offer) -> Iterator[Check]:
    name = partner.name
    yield Check(name, "token", "ok", f"accepted ({partner.token_env})")
    versions = ", ".join(offer.versions)
    yield Check(name, "version", "ok", f"{offer.version} of {versions}")
    yield Check(name, "modules", "ok", ", ".join(offer.endpoints))
    if offer.missing:
        message = (
            f"not offered: {', '.join(offer.missing)}; take them out of modules or ask the partner"
        )
        yield Check(name, "modules", "fail", message)
    yield _check_parties(partner, offer)
    for note in offer.notes:
        yield Check(name, "note", "ok", note)


def _check_parties(partner: OcpiPartner, offer: Offer) -> Check:
    offered = {"/".join(party.key) for party in offer.parties}
    unknown = [str(party) for party in partner.parties if str(party) not in offered]
    if offered and unknown:
        message = (
            f"{', '.join(unknown)} is not among the parties of its credentials "
            f"({', '.join(sorted(offered))}); correct parties or ask the partner"
        )
        return Check(partner.name, "parties", "warn", message)
    known = sorted(offered) or [str(party) for party in partner.parties]
    return Check(partner.name, "parties", "ok", ", ".join(known) or "not told; all are accepted")


def _check_clock(name: str, exchanges: list[Exchange]) -> Iterator[Check]:
    """Compare the Date header with our clock: a CDR from the future is not payable."""
    for exchange in exchanges:
        try:
            theirs = parsedate_to_datetime(exchange.headers.get("date", ""))
        except ValueError:
            continue
        if theirs.tzinfo is None:
            continue
        skew = theirs - exchange.fetched_at
        if abs(skew) <= _SKEW:
            yield Check(name, "clock", "ok", "agrees with ours within a minute")
        else:
            side = "ahead of" if skew > timedelta() else "behind"
            seconds = round(abs(skew).total_seconds())
            message = f"{seconds:,} s {side} ours; check this machine's clock, then ask the partner"
            yield Check(name, "clock", "warn", message)
        return
