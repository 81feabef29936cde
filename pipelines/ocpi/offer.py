"""A partner's offer: version, endpoints, parties. Pure reading of discovery's answers.

Implements version_information_endpoint and credentials of 2.1.1 to 2.3.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from models.ocpi.issues import Issues
from models.ocpi.json.parse import parse_object
from models.ocpi.modules import MODULES
from pipelines.ocpi.errors import ModuleMissingError

SPOKEN_VERSIONS = ("2.1.1", "2.2", "2.2.1", "2.3.0")
_SPELT = {"2.2.0": "2.2", "2.3": "2.3.0"}
_NUMBER = re.compile(r"v?(\d+(?:\.\d+){1,2})")
Json = Mapping[str, object]


@dataclass(frozen=True)
class Party:
    """One party behind a connection, from the roles of its credentials."""

    country_code: str
    party_id: str
    role: str | None = None
    name: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return `(country_code, party_id)`."""
        return self.country_code, self.party_id


@dataclass(frozen=True)
class Offer:
    """The findings of discovery."""

    partner: str  # our name for the partner
    version: str  # OCPI version chosen
    versions: tuple[str, ...]  # versions offered, as the partner spells them
    # module identifier → URL of its list, for modules wanted and offered
    endpoints: Mapping[str, str]
    missing: tuple[str, ...]  # modules that the settings name and the partner does not offer
    parties: tuple[Party, ...]  # the parties of the credentials; empty where it has none
    hub_party: tuple[str, str] | None  # the hub's own `(country_code, party_id)`
    notes: tuple[str, ...]  # non-conformities survived, in one line each

    def endpoint(self, module: str) -> str:
        """Return the URL of a module's list.

        Raises:
            ModuleMissingError: the partner does not offer it.
        """
        if module in self.endpoints:
            return self.endpoints[module]
        since = MODULES[module].since
        younger = SPOKEN_VERSIONS.index(since) > SPOKEN_VERSIONS.index(self.version)
        raise ModuleMissingError(
            f"{self.partner}: {module} is not offered in OCPI {self.version}, only "
            f"{', '.join(self.endpoints) or 'nothing'}"
            f"{f' (OCPI has it since {since})' if younger else ''}; take it out of modules or ask "
            "the partner"
        )


def known_version(spelling: object) -> str | None:
    """Return the version that a spelling means (`2.2.1-d2`, `2.3`, `v2.2`); None: not ours."""
    found = _NUMBER.match(str(spelling).strip().lower())
    number = _SPELT.get(found[1], found[1]) if found else ""
    return number if number in SPOKEN_VERSIONS else None


def version_urls(versions: Sequence[Json]) -> dict[str, str]:
    """Map the versions that we speak to their URLs, the plainest spelling first."""
    found: dict[str, str] = {}
    plainest = sorted(versions, key=lambda entry: len(str(entry.get("version"))))
    for entry in plainest:
        version, url = known_version(entry.get("version")), entry.get("url")
        if version and isinstance(url, str) and url.strip():
            found.setdefault(version, url)
    return found


def sender_urls(endpoints: Iterable[object], version: str) -> dict[str, str]:
    """Map module identifiers to the URL that data is pulled from.

    Since 2.2 that is the SENDER interface; an endpoint without a role counts where no
    SENDER is named. Credentials have no role that matters.
    """
    found: dict[str, tuple[int, str]] = {}
    for entry in endpoints:
        if not isinstance(entry, dict):
            continue
        module, url = str(entry.get("identifier", "")).strip().lower(), entry.get("url")
        if not module or not isinstance(url, str) or not url.strip():
            continue
        rank = 1 if module == "credentials" or version == "2.1.1" else _rank(entry.get("role"))
        if rank > found.get(module, (0, ""))[0]:
            found[module] = (rank, url)
    return {module: url for module, (_, url) in found.items()}


def _rank(role: object) -> int:
    name = str(role or "").strip().upper()
    return {"SENDER": 2, "": 1}.get(name, 0)


def wanted_modules(
    offered: Mapping[str, str], wanted: tuple[str, ...] | None, version: str
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Choose the list modules to pull.

    2.1.1 does not tell interfaces apart: the `tokens` of a partner that owns locations or
    CDRs is where it takes our tokens, not a list, so it counts only if asked for by name.

    Returns:
        Module → URL, modules wanted but missing, notes.
    """
    if wanted is not None:
        missing = tuple(module for module in wanted if module not in offered)
        return {m: offered[m] for m in wanted if m in offered}, missing, ()
    chosen = {module: offered[module] for module in MODULES if module in offered}
    senders = {MODULES[module].sender for module in chosen}
    if version == "2.1.1" and {"CPO", "EMSP"} <= senders:
        del chosen["tokens"]
        return chosen, (), ("tokens left out: a 2.1.1 charge point operator takes them, only",)
    return chosen, (), ()


def read_parties(credentials: Json) -> tuple[tuple[Party, ...], tuple[str, str] | None]:
    """Read the parties and the hub's own party out of a credentials object.

    2.1.1 names one party; 2.2 and later list roles; 2.3.0 adds `hub_party_id`.
    """
    roles = credentials.get("roles")
    entries = roles if isinstance(roles, list) else [credentials]
    parties = [party for entry in entries if (party := _party(entry)) is not None]
    parties = list(dict.fromkeys(parties))
    hub_id = credentials.get("hub_party_id")
    if isinstance(hub_id, str) and len(hub_id.strip()) == 5:
        hub_id = hub_id.strip().upper()
        return tuple(parties), (hub_id[:2], hub_id[2:])
    hubs = [party.key for party in parties if party.role == "HUB"]
    return tuple(parties), hubs[0] if hubs else None


def _party(entry: object) -> Party | None:
    if not isinstance(entry, dict):
        return None
    country, party = entry.get("country_code"), entry.get("party_id")
    if not isinstance(country, str) or not isinstance(party, str):
        return None
    details = entry.get("business_details")
    name = details.get("name") if isinstance(details, dict) else None
    role = entry.get("role")
    return Party(
        country.strip().upper(),
        party.strip().upper(),
        role.strip().upper() if isinstance(role, str) else None,
        name if isinstance(name, str) else None,
    )


def decoded(objects: Sequence[msgspec.Raw]) -> list[Json]:
    """Decode small objects whole, leaving out what is no object."""
    trees = [parse_object(raw, Issues()) for raw in objects]
    return [tree for tree in trees if tree is not None]
