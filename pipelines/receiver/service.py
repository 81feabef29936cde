"""The state of a receiver that its requests share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import duckdb

from pipelines.config.connections import Connections
from pipelines.config.home import Home
from pipelines.config.partners import Partners, ReceiverKeys
from pipelines.config.pseudonyms import open_pseudonymiser
from pipelines.landing.landing import Landing
from pipelines.receiver.answers import Answers
from pipelines.receiver.callers import Callers
from pipelines.receiver.journal_writer import JournalWriter
from pipelines.receiver.known_objects import KnownObjects
from pipelines.receiver.token_list import TokenList


@dataclass
class Service:
    """Everything that answering needs."""

    partners: Partners  # the partners file
    receiver: ReceiverKeys  # who we are and where we are reached
    connections: Connections  # the connections of the home
    callers: Callers  # recognises partners
    journal: JournalWriter  # where pushes go
    known: KnownObjects  # the objects that there are
    answers: Answers  # writes responses
    tokens: TokenList | None  # our own tokens, for operators to pull; None: we have no list
    now: Callable[[], datetime]  # the clock

    @classmethod
    def open(
        cls,
        home: Home,
        partners: Partners,
        receiver: ReceiverKeys,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> Service:
        """Open the receiver of a home.

        Raises:
            ConfigError: the pseudonym key or the connections cannot be used.
        """
        landing = Landing.of_home(home)
        connections = Connections(home)
        known = KnownObjects(home.serving, landing, open_pseudonymiser(home, environ))
        known.load_journal()
        known.load()
        # At its first query with values the engine imports what takes a second, or five: better now
        # than while a partner waits.
        with duckdb.connect() as con:
            con.execute("select $value", {"value": 1}).fetchall()
        return cls(
            partners=partners,
            receiver=receiver,
            connections=connections,
            callers=Callers(partners, receiver, connections, environ),
            journal=JournalWriter(home.landing, now),
            known=known,
            answers=Answers(now),
            tokens=TokenList(receiver.tokens) if receiver.tokens is not None else None,
            now=now,
        )

    @property
    def base_url(self) -> str:
        """The address that partners see, without a slash at its end."""
        return str(self.receiver.url).rstrip("/")

    @property
    def base_path(self) -> str:
        """The path of that address."""
        return urlsplit(self.base_url).path
