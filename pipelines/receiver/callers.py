"""Who calls: the token of a request, and the parties of its OCPI-from and OCPI-to headers.

OCPI transport_and_format: authorization header, message routing headers.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from pipelines.config.connections import Connections, PartnerConnection, Standing, token_hash
from pipelines.config.partners import OcpiPartner, Partners, ReceiverKeys
from pipelines.ingest.connecting import owner_of
from pipelines.ocpi.exchange import routing_headers
from pipelines.ocpi.offer import Party
from pipelines.receiver.answers import CLIENT_ERROR, Refusal

_SCHEME = "token "


@dataclass(frozen=True)
class Caller:
    """A partner that was recognised."""

    partner: OcpiPartner  # its entry in the partners file
    # what the handshake brought; None: the token is in the environment
    connection: PartnerConnection | None
    standing: Standing  # what the token is
    token: str  # the token, as it is; never shown

    def __repr__(self) -> str:
        return f"Caller({self.partner.name})"

    @property
    def parties(self) -> frozenset[tuple[str, str]] | None:
        """The parties whose objects it may send; None: any."""
        if self.partner.parties:
            return frozenset((p.country_code, p.party_id) for p in self.partner.parties)
        roles = self.connection.roles if self.connection is not None else ()
        if self.partner.kind == "hub" or not roles:
            return None
        return frozenset(role.party for role in roles)

    @property
    def is_unproved(self) -> bool:
        """True where the token is new, and those before it are still good.

        While a renewal is under way its use proves nothing: the partner calls us back with it,
        and may yet fail and go on with the one before.
        """
        known = self.connection
        if known is None or known.state != "connected":
            return False
        return self.standing == "current" and len(known.accepts) > 1

    @property
    def own_party(self) -> tuple[str, str]:
        """Who owns its objects that name no owner."""
        roles = self.connection.roles if self.connection is not None else ()
        return owner_of(self.partner, [Party(r.country_code, r.party_id, r.role) for r in roles])

    @property
    def hub(self) -> tuple[str, str] | None:
        """The hub's own party, which broadcasts come from."""
        if self.connection is None:
            return None
        if self.connection.hub_party:
            country, party = self.connection.hub_party.split("/")
            return country, party
        return next((r.party for r in self.connection.roles if r.role == "HUB"), None)


class Callers:
    """Recognises partners by their tokens.

    `environ`: the environment, for tokens that no handshake brought.
    """

    def __init__(
        self,
        partners: Partners,
        receiver: ReceiverKeys,
        connections: Connections,
        environ: Mapping[str, str],
    ) -> None:
        self._connections = connections
        self._partners = {p.name: p for p in partners.partners if isinstance(p, OcpiPartner)}
        roles = [(role.party.country_code, role.party.party_id) for role in receiver.roles]
        self._first = roles[0]
        self._own = {*roles} | {
            (p.party.country_code, p.party.party_id) for p in self._partners.values() if p.party
        }
        self._by_environment = {
            token_hash(token): name
            for name, partner in self._partners.items()
            if partner.push_token_env and (token := environ.get(partner.push_token_env, "").strip())
        }
        self._seen: tuple[Mapping[str, PartnerConnection], dict[str, tuple[str, Standing]]] = (
            {},
            {},
        )

    def recognise(self, authorization: str) -> Caller:
        """Return who sent an Authorization header.

        Raises:
            Refusal: nobody whom we know: HTTP 401.
        """
        connections = self._connections.all()
        known = self._hashes(connections)
        for token in _readings(authorization):
            found = known.get(token_hash(token))
            if found is not None:
                name, standing = found
                return Caller(self._partners[name], connections.get(name), standing, token)
        raise Refusal(
            "the credentials token is missing or unknown",
            401,
            CLIENT_ERROR,
            {"www-authenticate": "Token"},
        )

    def check_routing(self, caller: Caller, headers: Mapping[str, str]) -> str:
        """Check the OCPI-from and OCPI-to headers, where there are any.

        Returns:
            The sender as `CC/PID`; empty: not stated.

        Raises:
            Refusal: it is not for us, or from somebody whom the caller does not speak for.
        """
        to, sender = _party(headers, "ocpi-to"), _party(headers, "ocpi-from")
        if to is not None and to not in self._own and to != caller.hub:
            raise Refusal(f"OCPI-to {'/'.join(to)} is none of our parties")
        may_send = caller.parties
        if sender is not None and may_send is not None and sender not in may_send | {caller.hub}:
            raise Refusal(f"OCPI-from {'/'.join(sender)} is none of your parties")
        return "/".join(sender) if sender else ""

    def routing_back(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the routing headers of the answer to a request; none where it had none.

        OCPI transport_and_format, message routing: from the party that was asked, to who asked.
        """
        to, sender = _party(headers, "ocpi-to"), _party(headers, "ocpi-from")
        if sender is None:
            return {}
        return routing_headers(to if to in self._own and to else self._first, sender)

    def prove(self, caller: Caller, now: datetime) -> None:
        """Note that the partner uses its newest token: those before it are good no more."""
        used = token_hash(caller.token)

        def proved(known: PartnerConnection | None) -> PartnerConnection:
            if known is None or known.accepts.get(used) != "current":
                raise Refusal("the credentials token is missing or unknown", 401, CLIENT_ERROR)
            if known.state != "connected":
                return known
            return replace(known, accepts={used: "current"}, changed_at=now)

        self._connections.change(caller.partner.name, proved)

    def _hashes(
        self, connections: Mapping[str, PartnerConnection]
    ) -> dict[str, tuple[str, Standing]]:
        if self._seen[0] is not connections:
            found: dict[str, tuple[str, Standing]] = {
                hashed: (name, "current")
                for hashed, name in self._by_environment.items()
                # A token by letter is good until credentials are exchanged, and no longer.
                if (known := connections.get(name)) is None or not known.is_registered
            }
            for name, connection in connections.items():
                if name in self._partners:
                    found |= {h: (name, standing) for h, standing in connection.accepts.items()}
            self._seen = (connections, found)
        return self._seen[1]


def _readings(authorization: str) -> Iterator[str]:
    """Yield the tokens that a header may mean: Base64 as OCPI wants it, or as it is.

    Many 2.1.1 and 2.2 implementations send the bare token, and a bare token may happen to be
    Base64; the example of the specification has a line feed encoded with it.
    """
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        return
    bare = authorization[len(_SCHEME) :].strip()
    try:
        yield base64.b64decode(bare, validate=True).decode("ascii").strip()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        yield bare
        return
    yield bare


def _party(headers: Mapping[str, str], prefix: str) -> tuple[str, str] | None:
    country = headers.get(f"{prefix}-country-code", "").strip().upper()
    party = headers.get(f"{prefix}-party-id", "").strip().upper()
    return (country, party) if country and party else None
