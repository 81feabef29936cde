"""The partners file as typed, frozen values: the keys of a partner.

Only shapes and defaults; reading a file is `pipelines.config.loading`. Each field's
description is also its line in `docs/partners.md`.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from models.contract import Contract
from models.keys import Keys, key
from pipelines.config.addresses import Origin, Source, Url
from pipelines.config.agreements import read_agreements
from pipelines.config.values import (
    Cadence,
    CaFile,
    Days,
    Duration,
    ModuleName,
    Name,
    PageLimit,
    Party,
    PartyName,
    Rate,
    Retries,
    RoleName,
    Size,
    TokenListFile,
    Variable,
    Wait,
)

Version = Literal["auto", "2.1.1", "2.2", "2.2.1", "2.3.0"]
TokenEncoding = Literal["auto", "base64", "raw"]

MIB = 1 << 20
FEED_MAX_PAGE = 4 << 30
_STALE = timedelta(hours=26)


class CommonKeys(Keys):
    """The keys of every connection."""

    requests_per_second: Rate = key(10.0, "at most so many requests in a second")
    timeout: Wait = key(timedelta(seconds=30), "longest wait to connect, and between bytes")
    visit_timeout: Wait = key(
        timedelta(minutes=30),
        "longest wait for everything that one run asks; the rest waits for the next",
    )
    stale_after: Wait | None = key(
        None,
        "how long it may bring nothing before it is stale; default: 26h, or twice "
        "`every` and 2h where that is longer",
    )
    retries: Retries = key(2, "how often Dagster asks again for a list that broke off on our side")
    proxy: Url | None = key(None, "HTTP proxy; default: a direct connection")
    ca_file: CaFile | None = key(
        None, "PEM file of authorities to trust instead of the public ones"
    )


class OcpiKeys(CommonKeys):
    """The keys of every OCPI connection."""

    every: Cadence = key(timedelta(hours=1), "how often its schedule visits it")
    overlap: Duration = key(
        timedelta(minutes=15),
        "how far before the watermark an incremental pull starts, for late objects",
    )
    full_every: Wait = key(
        timedelta(days=7),
        "how often every list is pulled whole, whatever changed (sessions and CDRs: "
        "the last 90 days)",
    )
    window_days: Days | None = key(
        None, "longest date_from to date_to window that the partner allows"
    )
    page_limit: PageLimit = key(1000, "objects to ask for in one page")
    page_timeout: Wait = key(timedelta(minutes=2), "longest wait for a whole response")
    max_page: Size = key(64 * MIB, "largest response, inflated")
    contract: Annotated[Contract, BeforeValidator(read_agreements)] = key(
        Contract(), "the billing terms"
    )


class Defaults(OcpiKeys):
    """`defaults`: taken by every partner that does not say otherwise."""


class OcpiPartner(OcpiKeys):
    """A partner, or a hub with many parties, reached by a versions endpoint and a token."""

    name: Name = Field(description="our key for the connection; never change it")
    kind: Literal["ocpi", "hub"] = Field(description="ocpi: one platform; hub: many parties")
    versions_url: Url = Field(description="the partner's versions endpoint")
    token_env: Variable = Field(description="name of the environment variable with the token")
    token_encoding: TokenEncoding = key("auto", "auto: base64 first, raw where that is refused")
    version: Version = key("auto", "auto: the highest that both sides speak")
    modules: tuple[ModuleName, ...] | None = key(
        None, "the modules to pull; default: all that it offers; []: none, it only pushes"
    )
    party: PartyName | None = key(None, "who we are; required for a hub (OCPI-from headers)")
    parties: tuple[PartyName, ...] = key(
        (), "whose objects we accept; default: the roles of GET credentials, else all"
    )
    origins: tuple[Origin, ...] = key((), "further origins that version details and Link may name")
    push_token_env: Variable | None = key(
        None,
        "name of the variable with the token that it sends us, where none was "
        "exchanged by `roamhouse connect`",
    )


class OwnRole(Keys):
    """One role that we have towards our partners (OCPI CredentialsRole)."""

    role: RoleName = Field(description="EMSP, CPO, NSP or OTHER")
    party: PartyName = Field(description="the party that has it, such as NL/EMS")
    name: str = Field(min_length=1, max_length=100, description="its name, for our credentials")


class ReceiverKeys(Keys):
    """`receiver`: who we are and where partners reach us; for `receive` and `connect`."""

    url: Url = Field(
        description="what partners see before /versions: the proxy's address and the path; the "
        "path must reach the receiver as it is"
    )
    roles: tuple[OwnRole, ...] = Field(min_length=1, description="our roles, each with its party")
    max_push: Size = key(4 * MIB, "largest body that a partner may send")
    tokens: TokenListFile | None = key(
        None, "JSON file with a list of our OCPI Token objects, for operators to pull"
    )


class FeedPartner(CommonKeys):
    """Files with locations, tariffs or our own tokens; no credential is ever sent."""

    name: Name = Field(description="our key for the feed; never change it")
    kind: Literal["feed"] = Field(description="feed: open-data files")
    locations_url: Source | None = key(None, "URL or file path of the locations")
    tariffs_url: Source | None = key(None, "URL or file path of the tariffs")
    tokens_url: Source | None = key(
        None, "URL or file path of tokens: our own list, against which charges are judged"
    )
    parties: tuple[PartyName, ...] = key(
        (),
        "whose objects we accept; default: all. With exactly one, objects that name "
        "no owner are taken as its",
    )
    every: Cadence = key(timedelta(days=1), "how often its schedule fetches it")
    page_timeout: Wait = key(timedelta(minutes=30), "longest wait for a whole file")
    max_page: Size = key(FEED_MAX_PAGE, "largest file, inflated; it is streamed")

    @property
    def urls(self) -> dict[str, str]:
        """Return module → URL or path of its file."""
        named = {
            "locations": self.locations_url,
            "tariffs": self.tariffs_url,
            "tokens": self.tokens_url,
        }
        return {module: str(url) for module, url in named.items() if url is not None}


Partner: TypeAlias = OcpiPartner | FeedPartner


def stale_limit(partner: Partner) -> timedelta:
    """Return how long a partner may bring nothing before it is stale."""
    return partner.stale_after or max(_STALE, 2 * partner.every + timedelta(hours=2))


@dataclass(frozen=True)
class Partners:
    """The partners of one file, in its order.

    Contracts and parties are always those of the whole file, or a run for one partner would judge
    the others by terms that nobody agreed to.
    """

    path: Path  # the file they were read from
    partners: tuple[Partner, ...]  # all of them
    only: frozenset[str] = frozenset()  # names of the partners to ask; empty: all
    # who we are and where partners reach us; None: nobody pushes to us
    receiver: ReceiverKeys | None = None

    @property
    def asked(self) -> tuple[Partner, ...]:
        """The partners to ask for their lists, in the order of the file."""
        return tuple(
            p for p in self.partners if has_lists(p) and (not self.only or p.name in self.only)
        )

    def __getitem__(self, name: str) -> Partner:
        return next(partner for partner in self.partners if partner.name == name)

    def get(self, name: str) -> Partner | None:
        """Return a partner by its name; None: the file has none of that name."""
        return next((partner for partner in self.partners if partner.name == name), None)

    def lists(self, name: str, module: str) -> bool:
        """Tell whether a list of a module is pulled of a partner, which may have left the file."""
        partner = self.get(name)
        modules = None if partner is None or isinstance(partner, FeedPartner) else partner.modules
        return partner is not None and (modules is None or module in modules)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all of them, in the order of the file."""
        return tuple(partner.name for partner in self.partners)


def has_lists(partner: Partner) -> bool:
    """Tell whether anything is pulled of a partner; of one that only pushes nothing is."""
    return isinstance(partner, FeedPartner) or partner.modules != ()


def sole_owner(partner: Partner) -> Party | None:
    """Return the owner of objects that name none; None where that cannot be known."""
    return partner.parties[0] if len(partner.parties) == 1 else None
