"""Terms that partners had last, kept in the landing.

Those of one that left the partners file stand nowhere else that a lost warehouse leaves.

landing/terms/<partner>.json
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from models.contract import Contract
from pipelines.landing.files import Files

_FOLDER = "terms"
PartyCode = tuple[str, str]


@dataclass(frozen=True)
class KeptTerms:
    """The terms that a partner had last."""

    contract: Contract  # its billing terms
    own_parties: frozenset[PartyCode]  # who we are for it


def keep_terms(
    files: Files,
    contracts: Mapping[str, Contract],
    own_parties: Mapping[str, Collection[PartyCode]],
    left: Collection[str],
) -> None:
    """Keep the terms of each partner where they are others than those that are kept.

    Args:
        files: of the landing.
        contracts: partner → billing terms.
        own_parties: partner → our own parties there.
        left: the partners that are no longer in the partners file: what is kept of them stays.

    Raises:
        LandingAway: the landing's store does not take them.
    """
    kept = files.below(_FOLDER)
    for partner, contract in sorted(contracts.items()):
        own = ["/".join(party) for party in sorted(own_parties.get(partner, ()))]
        stated = {"contract": contract.model_dump(mode="json"), "own_parties": own}
        text = json.dumps(stated, sort_keys=True, indent=1)
        name = f"{partner}.json"
        before = _read(kept, name)
        if before == text or (before is not None and partner in left):
            continue
        kept.write(name, text.encode())


def kept_terms(files: Files, partners: Iterable[str]) -> dict[str, KeptTerms]:
    """Return the terms that partners had last, of those whose terms are kept.

    Args:
        files: of the landing.
        partners: whose terms are asked for.
    """
    found = {}
    for partner in partners:
        text = _read(files.below(_FOLDER), f"{partner}.json")
        if text is None:
            continue
        # A contract of an older release that is not one any more was agreed with nobody.
        with suppress(ValidationError):
            stated = json.loads(text)
            own = frozenset((party[:2], party[3:]) for party in stated["own_parties"])
            found[partner] = KeptTerms(Contract.model_validate(stated["contract"]), own)
    return found


def _read(files: Files, name: str) -> str | None:
    try:
        return files.read(name).decode()
    except FileNotFoundError:
        return None
