"""Partners as a run would meet them: platforms, feeds, and the connections that handshakes made."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.cli.doctor import Check
from pipelines.config.connections import Connections, PartnerConnection
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.partners import FeedPartner, OcpiPartner, Partners
from pipelines.feeds import Feed, fetch_feed
from pipelines.ingest.connecting import connection_of
from pipelines.landing.journal import FOLDER
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.probe import Finding, probe

_IMPATIENT = RetryPolicy(attempts=2, total_wait_s=5)


async def check_platform(partner: OcpiPartner, environ: Mapping[str, str]) -> list[Check]:
    """Visit a partner: reachable, token accepted, version, modules, parties, clock."""
    checks = list(_check_scheme(partner))
    try:
        connection = connection_of(partner, environ)
    except ConfigError as error:
        return [*checks, Check(partner.name, "token", "unusable", error.problems[0].message)]
    expected = [(party.country_code, party.party_id) for party in partner.parties]
    findings = await probe(replace(connection, retry=_IMPATIENT), expected=expected)
    return [*checks, *_checks(partner.name, findings)]


def _check_scheme(partner: OcpiPartner) -> Iterator[Check]:
    parts = urlsplit(partner.versions_url)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        message = "the token would travel in clear; ask the partner for an https address"
        yield Check(partner.name, "encryption", "warn", message)


def _checks(name: str, findings: tuple[Finding, ...]) -> Iterator[Check]:
    """Yield the findings as checks; what a failure kept from being looked at is not a check."""
    for finding in findings:
        if finding.state != "skipped":
            message = finding.message.removeprefix(f"{name}: ")
            yield Check(name, finding.check, finding.state, message)


_BEGINNING = 4096
_GZIP = b"\x1f\x8b"


class _SeenEnough(Exception):
    """The beginning has come; the rest is not wanted."""


class _Beginning:
    """A sink that keeps the first bytes and then ends the fetch."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes, /) -> None:
        self.data += data[:_BEGINNING]
        if len(self.data) >= _BEGINNING:
            raise _SeenEnough

    def restart(self) -> None:
        self.data = b""


async def check_feed(partner: FeedPartner) -> list[Check]:
    """Fetch the beginning of each of a feed's files: national feeds are large."""
    return [await _check_file(partner, module, place) for module, place in partner.urls.items()]


async def _check_file(partner: FeedPartner, module: str, place: str) -> Check:
    feed = Feed(
        name=partner.name,
        location=place,
        timeout_s=partner.timeout.total_seconds(),
        whole_timeout_s=partner.page_timeout.total_seconds(),
        max_bytes=partner.max_page,
        retry=_IMPATIENT,
        proxy=partner.proxy,
        ca_file=partner.ca_file,
    )
    beginning = _Beginning()
    try:
        await fetch_feed(feed, beginning)
    except _SeenEnough:
        return _judge(partner.name, module, beginning.data)
    except OcpiError as error:
        return Check(partner.name, module, "fail", str(error).removeprefix(f"{partner.name}: "))
    return _judge(partner.name, module, beginning.data)


def _judge(name: str, module: str, data: bytes) -> Check:
    if data.startswith(_GZIP):
        return Check(name, module, "ok", "readable, compressed")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"[", b"{")):
        return Check(name, module, "ok", "readable")
    what = "HTML" if data.lstrip().startswith(b"<") else "something else" if data else "nothing"
    message = f"JSON is expected, {what} came; look at {module}_url in a browser"
    return Check(name, module, "fail", message)


def check_connections(home: Home, partners: Partners) -> Iterator[Check]:
    """Check the state of each connection, and what waits to be loaded."""
    connections = Connections(home)
    try:
        known = connections.all()
    except ConfigError as error:
        yield Check("connections", "file", "unusable", str(error))
        return
    if known and stat.S_IMODE(connections.path.stat().st_mode) & 0o077:
        message = f"others may read the tokens; chmod 600 {connections.path}"
        yield Check("connections", "privacy", "warn", message)
    if known and partners.receiver is None:
        message = f"{partners.path} has no receiver: partners that are connected cannot push"
        yield Check("connections", "receiver", "warn", message)
    for name, connection in sorted(known.items()):
        if name not in partners.names:
            message = "connected, and no longer in the partners file; disconnect it first"
            if connection.is_registered:
                yield Check(name, "connection state", "warn", message)
            continue
        yield _state_of(name, connection)
    yield from _waiting(home.landing / FOLDER)


def _state_of(name: str, connection: PartnerConnection) -> Check:
    since = f"since {connection.changed_at:%Y-%m-%d %H:%M}"
    note = f"; {connection.note}" if connection.note else ""
    version = f", OCPI {connection.version}" if connection.version else ""
    if connection.next_token is not None:
        message = f"its newest token is not proved{note}; `roamhouse rotate --partner {name}`"
        return Check(name, "connection state", "warn", message)
    if connection.state == "connecting":
        message = f"registration began {since} and did not end{note}; `roamhouse connect` again"
        return Check(name, "connection state", "warn", message)
    if connection.state == "rotating":
        message = f"renewal began {since} and did not end{note}; `roamhouse rotate` again"
        return Check(name, "connection state", "warn", message)
    if connection.state == "connected" and len(connection.accepts) > 1:
        note += "; it has not used its newest token yet, the one before is good, too"
    is_doubtful = connection.note is not None and connection.state == "connected"
    message = f"{connection.state} {since}{version}{note}"
    return Check(name, "connection state", "warn" if is_doubtful else "ok", message)


def _waiting(folder: Path) -> Iterator[Check]:
    sizes = [path.stat().st_size for path in folder.glob("*.ndjson")]
    if any(sizes):
        waiting = f"{sum(sizes):,} bytes of pushes wait"
        message = f"{waiting}; `roamhouse receive` shows them, a run loads them"
        yield Check("receiver", "journal", "ok", message)
