"""Which party owns an object: as it says, else the partner's own party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.ocpi.field_kinds import Alpha2, Kind, Text
from models.ocpi.issues import Issues

_KINDS: dict[str, Kind] = {"country_code": Alpha2(), "party_id": Text(3, upper=True)}


def read_owner(
    tree: Mapping[str, Any], own_party: tuple[str, str], version: str, issues: Issues
) -> dict[str, str | None]:
    """`country_code` and `party_id` of an object, in upper case.

    Where the object does not say, the partner's own party is taken and noted as inferred;
    2.1.1 objects never say (OCPI 2.1.1 has no owner fields), so that there it is no deviation.

    Args:
        tree: the object.
        own_party: what to take where it does not say.
        version: the object's OCPI version.
        issues: takes deviations, and the refusal where no owner can be told.
    """
    owner: dict[str, str | None] = {}
    for (name, kind), own in zip(_KINDS.items(), own_party, strict=True):
        value = tree.get(name)
        code = None if value is None else kind.read(value, name, issues)
        if code is None and own:
            code = own.upper()
            if version != "2.1.1":
                issues.add_deviation(name, "inferred", value, code)
        if code is None:
            issues.refuse(name, "missing, and the partner's own party is not known")
        owner[name] = code
    return owner
