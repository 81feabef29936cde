"""The OCPI modules that are pulled, and their facts: the one list of them."""

from dataclasses import dataclass
from typing import Literal

Sender = Literal["CPO", "EMSP", "HUB"]


@dataclass(frozen=True)
class Module:
    """A functional module of OCPI, as far as its Sender interface lists objects."""

    identifier: str  # OCPI ModuleID
    sender: Sender  # role of whoever lists the objects (OCPI roles); a hub's own are not routed
    tables: tuple[str, ...]  # tables that its objects fill, the one of the objects themselves first
    since: str = "2.1.1"  # first OCPI version that has it
    # a list of events that only grows, so that it is pulled by window and never whole again unless
    # asked; its days are partitions
    history: bool = False
    # an object never changes once listed (mod_cdrs: a Credit CDR corrects it)
    immutable: bool = False
    start_required: bool = False  # GET must name `date_from` (mod_sessions, Sender interface)


MODULES = {
    module.identifier: module
    for module in (
        Module(
            "locations", "CPO", ("core.locations", "core.evses", "core.connectors", "core.tariffs")
        ),
        Module("tariffs", "CPO", ("core.tariffs",)),
        Module("sessions", "CPO", ("core.sessions",), history=True, start_required=True),
        Module(
            "cdrs",
            "CPO",
            ("core.cdrs", "core.charging_periods", "core.embedded_tariffs"),
            history=True,
            immutable=True,
        ),
        Module("tokens", "EMSP", ("core.tokens",)),
        Module("hubclientinfo", "HUB", ("core.hub_clients",), since="2.2"),
        Module("invoicereconciliation", "CPO", ("core.invoices",), since="2.3.0"),
    )
}
"""By identifier, in the order in which they are pulled."""

HISTORY_MODULES = frozenset(name for name, module in MODULES.items() if module.history)


def modules_sharing_tables(identifier: str) -> frozenset[str]:
    """Return the modules that fill a table together with this one, itself among them."""
    filled = set(MODULES[identifier].tables)
    return frozenset(name for name, module in MODULES.items() if filled & set(module.tables))
