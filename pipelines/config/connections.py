"""Connections that a handshake made: tokens, roles and state, in one file of the home.

`connections.json` has mode 0600 and is replaced whole, so that a process that is killed leaves it
as it was or as it should be. Tokens that partners send us are kept as SHA-256 only. Two processes
change it, the commands and the receiver: each change is made under a lock, on what is in the file.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home, write_private
from pipelines.config.partners import OcpiPartner, Partners

FILE_NAME = "connections.json"
State = Literal["invited", "connecting", "connected", "rotating", "disconnected"]
Standing = Literal["invitation", "current", "previous"]


class Role(msgspec.Struct, frozen=True):
    """One role of a platform (OCPI CredentialsRole)."""

    role: str
    country_code: str
    party_id: str

    @property
    def party(self) -> tuple[str, str]:
        """Return `(country_code, party_id)`."""
        return self.country_code, self.party_id


class PartnerConnection(msgspec.Struct, frozen=True, kw_only=True):
    """The connection with one partner."""

    # invited: we gave a token A; connecting: we sent our credentials and have no answer; connected;
    # rotating: a renewal began and is not proved; disconnected
    state: State
    changed_at: datetime  # when the state was last changed, UTC
    version: str | None = None  # the OCPI version of the connection
    versions_url: str | None = None  # the partner's versions endpoint, by its credentials
    token: str | None = None  # the token that we send
    next_token: str | None = None  # the token that the partner gave us last, not proved yet
    # SHA-256 of each token that the partner may send → its standing
    accepts: dict[str, Standing] = {}
    roles: tuple[Role, ...] = ()  # the partner's roles
    hub_party: str | None = None  # the hub's own party, as `CC/PID`
    endpoints: dict[str, str] = {}  # `module/role` → URL
    note: str | None = None  # what went wrong last, in one line

    def __repr__(self) -> str:
        return f"PartnerConnection({self.state}, {self.version})"

    @property
    def is_registered(self) -> bool:
        """Tell whether the partner and we have exchanged credentials."""
        return self.state in {"connected", "rotating"}


Change = Callable[[PartnerConnection | None], PartnerConnection]
_DECODER = msgspec.json.Decoder(dict[str, PartnerConnection])


class Connections:
    """The connections of a home."""

    def __init__(self, home: Home) -> None:
        self._path = home.path / FILE_NAME
        self._read_at: tuple[int, int, int] | None = None
        self._known: Mapping[str, PartnerConnection] = {}

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def all(self) -> Mapping[str, PartnerConnection]:
        """Return partner → connection, as the file says now.

        Raises:
            ConfigError: it cannot be read.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        version = (status.st_mtime_ns, status.st_ino, status.st_size)
        if version != self._read_at:
            self._known = self._read()
            self._read_at = version
        return self._known

    def get(self, partner: str) -> PartnerConnection | None:
        """Return the connection with a partner; None: there never was one."""
        return self.all().get(partner)

    def change(self, partner: str, change: Change) -> PartnerConnection:
        """Change one connection; it is on disk when this returns."""
        with self._locked():
            known = dict(self._read()) if self._path.exists() else {}
            after = change(known.get(partner))
            if known.get(partner) != after:
                self._write({**known, partner: after})
        return after

    def _read(self) -> Mapping[str, PartnerConnection]:
        try:
            return _DECODER.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            message = f"cannot be read: {error}; restore it from a backup"
            raise ConfigError([Problem(str(self._path), message)]) from None

    def _write(self, connections: Mapping[str, PartnerConnection]) -> None:
        write_private(self._path, msgspec.json.format(msgspec.json.encode(connections)))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(
            self._path.with_name(f".{FILE_NAME}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def token_hash(token: str) -> str:
    """Return the SHA-256 under which a token that a partner sends us is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


class ConnectedTokens(Mapping[str, str]):
    """The environment, in which the tokens that handshakes brought stand for those it names.

    A partner's variable holds the token A that it gave us by letter; once connected, the token
    of the handshake is the one that it accepts.

    Args:
        environ: the environment.
        variables: partner → the variable that names its token.
        connections: the connections of the home, read whenever a token is asked for.
    """

    def __init__(
        self, environ: Mapping[str, str], variables: Mapping[str, str], connections: Connections
    ) -> None:
        self._environ = environ
        self._partners = {variable: partner for partner, variable in variables.items()}
        self._connections = connections

    def __getitem__(self, name: str) -> str:
        partner = self._partners.get(name)
        connection = None if partner is None else self._connections.get(partner)
        if connection is not None and connection.is_registered and connection.token:
            return connection.token
        return self._environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)

    def __repr__(self) -> str:
        return "ConnectedTokens()"


def connected_tokens(
    home: Home, partners: Partners, environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the environment, in which a token that a handshake brought stands for its variable."""
    variables = {p.name: p.token_env for p in partners.partners if isinstance(p, OcpiPartner)}
    return ConnectedTokens(environ, variables, Connections(home))


def resolve_token(partner: OcpiPartner, environ: Mapping[str, str]) -> str:
    """Read the token to authenticate with (OCPI 2.2.1 credentials, CREDENTIALS_TOKEN_C).

    Returns:
        The token as given, without surrounding white space; never write it anywhere.

    Raises:
        ConfigError: the variable is unset or empty, or holds what cannot be a token.
    """
    where = f"partner {partner.name}"
    variable = partner.token_env
    token = environ.get(variable, "").strip()
    if not token:
        message = (
            f"the environment variable {variable} is not set; set it to the token that "
            f"{partner.name} gave you: export {variable}=..."
        )
        raise ConfigError([Problem(where, message)])
    if re.match(r"token\s", token, re.IGNORECASE):
        message = f"{variable} begins with the word Token; set it to the token alone"
        raise ConfigError([Problem(where, message)])
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        message = f"{variable} holds spaces or other characters that no OCPI token can have"
        raise ConfigError([Problem(where, message)])
    return token
