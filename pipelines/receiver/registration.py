"""The credentials module as a client: connecting with a partner, renewing, ending.

Every step is on disk before the next one begins, so that a command that is killed can be given
again. What a partner did whose answer did not come is not known: then both tokens stay good.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from models.errors import Refused
from pipelines.config.connections import (
    Connections,
    PartnerConnection,
    Standing,
    State,
    resolve_token,
    token_hash,
)
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.partners import OcpiPartner, ReceiverKeys
from pipelines.ingest.connecting import connection_of
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.credentials import CREDENTIALS, Credentials, CredentialsClient, read_credentials
from pipelines.ocpi.errors import (
    HttpRefusedError,
    OcpiError,
    StatusRefusedError,
    TokenRejectedError,
)
from pipelines.receiver.credentials import TOKEN_BYTES, permitted_url, roles_of
from pipelines.receiver.interfaces import VERSIONS
from pipelines.receiver.versions import credentials_object

_RETRY = RetryPolicy(attempts=3, first_wait_s=0.5, total_wait_s=5)
_NOT_ALLOWED = 405
_GONE = frozenset({404, 405, 410})


class HandshakeFailed(Refused):
    """The partner and we did not come to terms; the message says what holds now and what to do."""


@dataclass(frozen=True)
class Handshake:
    """Everything that connecting with one partner needs."""

    home: Home  # the home directory
    partner: OcpiPartner  # its entry in the partners file
    receiver: ReceiverKeys  # who we are and where partners reach us
    environ: Mapping[str, str]  # the environment, which holds token A
    now: Callable[[], datetime]  # the clock

    @property
    def connections(self) -> Connections:
        """The connections of the home."""
        return Connections(self.home)

    async def connect(self) -> PartnerConnection:
        """Register with the partner (OCPI credentials, Registration).

        Returns:
            The connection, proved.

        Raises:
            ConfigError: token A is not in the environment; nothing was done.
            HandshakeFailed: it did not come about, or there is one already.
        """
        known = self.connections.get(self.partner.name)
        if known is not None and known.next_token is not None:
            return await self._prove()
        if known is not None and known.is_registered:
            raise HandshakeFailed(
                f"{self.partner.name}: connected since {known.changed_at:%Y-%m-%d %H:%M}; "
                "`roamhouse rotate` renews the connection"
            )
        token_a = resolve_token(self.partner, self.environ)
        url = str(self.partner.versions_url)
        async with self._client(url, token_a) as client:
            version, endpoints = await self._choose(client)
            token_b = secrets.token_urlsafe(TOKEN_BYTES)
            # Before it is sent: the partner calls us back with it while we wait for the answer.
            self._accept("connecting", {token_hash(token_b): "current"}, version)
            try:
                answer = await client.send(
                    "POST", endpoints[CREDENTIALS], self._ours(version, token_b)
                )
                theirs = read_credentials(answer)
            except OcpiError as error:
                raise self._failed_to_connect(error) from error
        self._take(theirs, version, endpoints, "connected")
        return await self._prove()

    async def rotate(self, version: str | None = None) -> PartnerConnection:
        """Renew both tokens, and read the partner's endpoints again (Updating the credentials).

        `version`: the version to change to; None: the one that the connection has.

        Returns:
            The connection, proved.

        Raises:
            HandshakeFailed: it was not renewed; the earlier tokens are good as before.
        """
        known = self._registered()
        if known.next_token is not None:
            return await self._prove()  # an earlier command was killed before it could
        async with self._client(known.versions_url, known.token) as client:
            version, endpoints = await self._choose(client, version or known.version)
            token_b = secrets.token_urlsafe(TOKEN_BYTES)
            earlier: dict[str, Standing] = dict.fromkeys(known.accepts, "previous")
            self._accept("rotating", {**earlier, token_hash(token_b): "current"}, known.version)
            try:
                answer = await client.send(
                    "PUT", endpoints[CREDENTIALS], self._ours(version, token_b)
                )
                theirs = read_credentials(answer)
            except OcpiError as error:
                raise self._failed_to_rotate(known, error) from error
        self._take(theirs, version, endpoints, "rotating")
        return await self._prove()

    async def disconnect(self, *, force: bool = False) -> PartnerConnection:
        """End the connection (OCPI credentials, DELETE).

        `force`: end it on our side also where the partner does not answer.

        Raises:
            HandshakeFailed: the partner did not agree; nothing was changed.
        """
        known = self._registered()
        try:
            async with self._client(known.versions_url, known.token) as client:
                _, endpoints = await self._choose(client, known.version)
                await client.send("DELETE", endpoints[CREDENTIALS], None)
        except TokenRejectedError:
            pass  # it does not know us any more: that is what we want
        except (OcpiError, HandshakeFailed) as error:
            gone = isinstance(error, HttpRefusedError) and error.status in _GONE
            if not gone and not force:
                raise HandshakeFailed(
                    f"{error}; nothing was changed. `--force` ends it on our side alone"
                ) from error
        ended = PartnerConnection(
            state="disconnected", changed_at=self.now(), version=known.version, note="we ended it"
        )
        return self.connections.change(self.partner.name, lambda _: ended)

    def invite(self) -> str:
        """Make a token A for a partner that is to register with us.

        Returns:
            The token: for the partner, by a safe way, and for nobody else.

        Raises:
            HandshakeFailed: it is connected already.
        """
        known = self.connections.get(self.partner.name)
        if known is not None and known.is_registered:
            raise HandshakeFailed(f"{self.partner.name}: connected already; disconnect first")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._accept("invited", {token_hash(token): "invitation"}, None)
        return token

    async def _prove(self) -> PartnerConnection:
        """Use the token that the partner gave us last; the one before it is kept until it works.

        The endpoints are read with it again: they are what its holder may use.
        """
        known = self._registered()
        try:
            async with self._client(known.versions_url, known.next_token) as client:
                version, endpoints = await self._choose(client, known.version)
        except (OcpiError, HandshakeFailed) as error:
            raise await self._not_proved(known, error) from error
        proved = {"state": "connected", "next_token": None, "note": None, "endpoints": endpoints}
        return self._change(token=known.next_token, version=version, **proved)

    async def _not_proved(self, known: PartnerConnection, error: Exception) -> HandshakeFailed:
        name = self.partner.name
        if isinstance(error, TokenRejectedError) and known.token and await self._works(known):
            note = "the partner gave a token that it does not accept; the earlier one works on"
            self._change(state="connected", next_token=None, note=note)
            return HandshakeFailed(f"{name}: {note}. Ask the partner, then rotate again")
        note = f"the new token could not be proved: {error}"
        self._change(note=note)
        return HandshakeFailed(f"{name}: {note}. It is kept; give the command again")

    async def _works(self, known: PartnerConnection) -> bool:
        try:
            async with self._client(known.versions_url, known.token) as client:
                await client.versions()
        except OcpiError:
            return False
        return True

    async def _choose(
        self, client: CredentialsClient, version: str | None = None
    ) -> tuple[str, dict[str, str]]:
        """Choose the version and read its endpoints, without which nothing is sent."""
        offered = await client.versions()
        wanted = version or (None if self.partner.version == "auto" else self.partner.version)
        ours = [one for one in VERSIONS if one in offered and wanted in (None, one)]
        if not ours:
            raise HandshakeFailed(
                f"{self.partner.name}: no common OCPI version: the partner offers "
                f"{', '.join(offered) or 'none that we know'}, we want {wanted or VERSIONS}"
            )
        endpoints = await client.endpoints(offered[ours[-1]])
        modules = {key.partition("/")[0] for key in endpoints}
        if CREDENTIALS not in modules:
            raise HandshakeFailed(
                f"{self.partner.name}: OCPI {ours[-1]} has no credentials endpoint; nothing was "
                "sent. Ask the partner"
            )
        wanted_modules = set(self.partner.modules or ())
        if wanted_modules and not wanted_modules & modules:
            raise HandshakeFailed(
                f"{self.partner.name}: OCPI {ours[-1]} has none of {sorted(wanted_modules)}; "
                "nothing was sent. Ask the partner"
            )
        return ours[-1], endpoints

    def _client(self, url: str | None, token: str | None) -> CredentialsClient:
        settings = connection_of(self.partner, {self.partner.token_env: token or ""})
        return CredentialsClient(
            replace(settings, versions_url=url or str(self.partner.versions_url), retry=_RETRY)
        )

    def _ours(self, version: str, token: str) -> dict[str, object]:
        base = str(self.receiver.url).rstrip("/")
        return credentials_object(base, self.receiver, self.partner, version, token)

    def _registered(self) -> PartnerConnection:
        known = self.connections.get(self.partner.name)
        if known is None or not known.is_registered:
            raise HandshakeFailed(f"{self.partner.name}: not connected; `roamhouse connect` first")
        return known

    def _accept(self, state: State, accepts: dict[str, Standing], version: str | None) -> None:
        """Note the tokens that the partner may send from now on."""

        def accepted(known: PartnerConnection | None) -> PartnerConnection:
            fresh = PartnerConnection(state=state, changed_at=self.now(), version=version)
            before = fresh if known is None or state != "rotating" else known
            return msgspec.structs.replace(
                before, state=state, accepts=accepts, changed_at=self.now(), note=None
            )

        self.connections.change(self.partner.name, accepted)

    def _take(
        self, theirs: Credentials, version: str, endpoints: Mapping[str, str], state: State
    ) -> None:
        """Keep what the partner answered, before anything else is done: it is not said twice."""
        try:
            url: str | None = permitted_url(self.partner, theirs.url)
        except OcpiError:
            url = None  # its token goes where its entry says, and nowhere else
        self._change(
            state=state,
            version=version,
            versions_url=url,
            next_token=theirs.token,
            roles=roles_of(theirs),
            hub_party="/".join(theirs.hub_party) if theirs.hub_party else None,
            endpoints=dict(endpoints),
        )

    def _change(self, **values: object) -> PartnerConnection:
        def changed(known: PartnerConnection | None) -> PartnerConnection:
            if known is None:
                raise HandshakeFailed(f"{self.partner.name}: its connection went away meanwhile")
            return msgspec.structs.replace(known, changed_at=self.now(), **values)

        return self.connections.change(self.partner.name, changed)

    def _failed_to_connect(self, error: OcpiError) -> HandshakeFailed:
        name = self.partner.name
        if isinstance(error, HttpRefusedError) and error.status == _NOT_ALLOWED:
            note = (
                "the partner has us registered already, and its token did not reach us; ask it to "
                "unregister us and for a new token A"
            )
        else:
            note = f"{error}; is our receiver reached at {self.receiver.url}?"
        self._change(note=note)
        return HandshakeFailed(f"{name}: {note}")

    def _failed_to_rotate(self, before: PartnerConnection, error: OcpiError) -> HandshakeFailed:
        """Roll back where the partner refused; where that is not known keep both tokens good."""
        name = self.partner.name
        refused = isinstance(error, HttpRefusedError | StatusRefusedError | TokenRejectedError)
        if refused:
            note = f"not renewed, the tokens are as before: {error}"
            self._change(state="connected", accepts=before.accepts, note=note)
        else:
            note = f"whether it was renewed is not known, old and new token are good: {error}"
            self._change(state="connected", note=note)
        return HandshakeFailed(f"{name}: {note}. Give the command again")


def handshake_with(
    home: Home,
    partner: object,
    receiver: ReceiverKeys | None,
    environ: Mapping[str, str],
    now: Callable[[], datetime],
) -> Handshake:
    """Return the handshake with a partner.

    Raises:
        ConfigError: it is a feed, or the partners file does not say who we are.
    """
    if not isinstance(partner, OcpiPartner):
        raise ConfigError([Problem("partner", "a feed has no credentials: nothing to connect")])
    if receiver is None:
        message = "has no receiver: say who we are and where partners reach us"
        raise ConfigError([Problem("partners file", message)])
    return Handshake(home, partner, receiver, environ, now)
