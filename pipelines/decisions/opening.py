"""Opening the decisions of a home, where its settings say that they are."""

from collections.abc import Callable
from datetime import datetime

from models.errors import Refused
from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.decisions.server import Server
from pipelines.decisions.store import DecisionsStore


class DecisionsLeftBehind(Refused):
    """The settings name a server, and decisions of the home lie in its file still."""


def open_decisions(home: Home, *, clock: Callable[[], datetime]) -> DecisionsStore:
    """Open the decisions of a home, made where there are none.

    Args:
        home: the home; its settings say where they are, and what one person may not decide alone.
        clock: tells the time of a decision.

    Raises:
        ConfigError: the settings cannot be used.
        DecisionsAway: the server cannot be reached.
        DecisionsLeftBehind: some were not moved to it.
        sqlite3.DatabaseError: the file is none of ours.
    """
    settings = load_settings(home)
    approvals = settings.approvals.policy()
    if settings.decisions is None:
        return DecisionsStore(home.decisions, clock=clock, approvals=approvals)
    if home.decisions.exists():
        raise DecisionsLeftBehind(
            f"{home.decisions.name} lies in the home, and settings.yaml says that decisions are in "
            "PostgreSQL: `roamhouse move --to lake` takes them there"
        )
    return DecisionsStore(Server(settings.decisions), clock=clock, approvals=approvals)


def has_decisions(home: Home) -> bool:
    """Tell whether decisions of a home may be there to be read, without making a place for them.

    Raises:
        ConfigError: the settings cannot be used.
    """
    return home.decisions.exists() or load_settings(home).decisions is not None
