"""Connections that handshakes made, and the receiver's journal."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from pipelines.cli.doctor.results import Check
from pipelines.config import ConfigError, Connections, Home, PartnerConnection, Partners
from pipelines.landing.journal import FOLDER


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
        message = f"{sum(sizes):,} bytes of pushes wait; `roamhouse run` or the sensor loads them"
        yield Check("receiver", "journal", "ok", message)
