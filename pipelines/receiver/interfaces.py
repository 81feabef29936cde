"""The receiver interfaces of OCPI 2.1.1 to 2.3.0: which methods, which ids in the URL.

Belongs here: the tables of the specification. Not here: what is done with a request.
"""

from dataclasses import dataclass

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")  # the versions that we serve, lowest first


@dataclass(frozen=True)
class Interface:
    """The receiver interface of one module."""

    methods: frozenset[str]  # those that bring something
    ids: tuple[int, int]  # fewest and most ids after country code and party id
    owned_by: str  # the role of who sends it; of a hub's own module HUB
    since: str = "2.1.1"  # first version that has it
    # the members that the ids of the URL are, from the first to the last
    id_names: tuple[str, ...] = ("id",)


RECEIVERS = {
    "locations": Interface(
        frozenset({"PUT", "PATCH"}), (1, 3), "CPO", id_names=("id", "uid", "id")
    ),
    "tariffs": Interface(frozenset({"PUT", "DELETE"}), (1, 1), "CPO"),
    "sessions": Interface(frozenset({"PUT", "PATCH"}), (1, 1), "CPO"),
    "cdrs": Interface(frozenset({"POST"}), (0, 0), "CPO"),
    "tokens": Interface(frozenset({"PUT", "PATCH"}), (1, 1), "EMSP", id_names=("uid",)),
    "hubclientinfo": Interface(frozenset({"PUT"}), (0, 0), "HUB", since="2.2.1", id_names=()),
    "invoicereconciliation": Interface(
        frozenset({"POST", "PUT", "DELETE"}), (1, 1), "CPO", since="2.3.0"
    ),
}
"""By module identifier. mod_tariffs of 2.1.1 has a PATCH, too: see `methods`."""

LONGEST_ID = 255  # longer than any id of OCPI; what is longer is no id


def methods(module: str, version: str) -> frozenset[str]:
    """Return the methods of a receiver interface that bring something."""
    patched = module == "tariffs" and version == "2.1.1"  # mod_tariffs: dropped in 2.2
    return RECEIVERS[module].methods | ({"PATCH"} if patched else set())


def modules_of(version: str) -> list[str]:
    """Return the modules that a version has a receiver interface of."""
    return [
        name
        for name, interface in RECEIVERS.items()
        if VERSIONS.index(interface.since) <= VERSIONS.index(version)
    ]
