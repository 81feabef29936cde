"""The decisions in PostgreSQL: the same tables as in the file, in a schema of their own.

Several machines decide at once there: a decision is judged and written under a lock of the table,
so that the second sees what the first did. What refuses changes in the file refuses them here.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from models.errors import Refused
from pipelines.decisions.tables import TABLES, create_tables

SCHEMA: Final = "decisions"
_VERSION: Final = 1
_LOCK: Final = 0x64656369  # of preparing, which happens once
_WAIT: Final = "30s"
_CREATE: Final = f"""
create schema if not exists {SCHEMA};
create table if not exists format (version integer not null);
{create_tables(number="bigint", first_number="bigint primary key", blob="bytea")}
create or replace function refuse() returns trigger language plpgsql as
$$ begin raise exception 'decisions are append-only'; end $$;
"""
_REFUSE: Final = (
    "create or replace trigger stays before update or delete or truncate on {table} "
    "for each statement execute function refuse()"
)


class DecisionsAway(Refused):
    """The database of the decisions cannot be reached or used; nothing was decided."""


class Server:
    """A connection that takes the store's queries, as SQLite's does.

    Args:
        url: the database; libpq takes the password from the environment or its own file.

    Raises:
        DecisionsAway: it cannot be reached, or is of a later version; or its driver is missing.
    """

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise DecisionsAway(
                "decisions in PostgreSQL need the package psycopg: install `roamhouse[lake]`"
            ) from error
        self._error = psycopg.Error
        try:
            self._con = psycopg.connect(url, autocommit=True, connect_timeout=10)
        except psycopg.Error as error:
            raise self._away(error) from error
        try:
            self._prepare()
        except BaseException:
            self._con.close()
            raise

    def execute(self, query: str, values: Sequence[object] = ()) -> Any:
        """Run a query whose values stand as `?`; return its cursor.

        Raises:
            DecisionsAway: the server refuses it, or has gone.
        """
        try:
            return self._con.execute(query.replace("?", "%s"), values or None)
        except self._error as error:
            raise self._away(error) from error

    def begin_writing(self) -> None:
        """Begin a transaction that sees every decision, and lets nobody decide beside it."""
        self.execute("begin")
        try:
            self.execute("lock table events in exclusive mode")
        except BaseException:
            self.rollback()
            raise

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment."""
        self.execute("begin isolation level repeatable read, read only")

    def commit(self) -> None:
        """End a transaction, and keep what it did."""
        self.execute("commit")

    def rollback(self) -> None:
        """End a transaction, and undo what it did."""
        with suppress(DecisionsAway):  # with its connection it is gone all the same
            self.execute("rollback")

    def close(self) -> None:
        """Let go of the server."""
        self._con.close()

    def _prepare(self) -> None:
        self.execute(f"set lock_timeout = '{_WAIT}'")
        self.execute(f"set search_path = {SCHEMA}")
        found = self.execute("select to_regclass('decisions.format')").fetchone()[0]
        if found is None:
            self._create()
        ((version,),) = self.execute("select version from format").fetchall()
        if version > _VERSION:
            raise DecisionsAway(
                "the decisions were written by a later version of roamhouse; upgrade"
            )

    def _create(self) -> None:
        self.execute("begin")
        try:
            self.execute(f"select pg_advisory_xact_lock({_LOCK})")
            self.execute(_CREATE)
            for table in TABLES:
                self.execute(_REFUSE.format(table=table))
            self.execute(
                "insert into format (version) select ? where not exists (select 1 from format)",
                (_VERSION,),
            )
            self.commit()
        except BaseException:
            self.rollback()
            raise

    def _away(self, error: Exception) -> DecisionsAway:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return DecisionsAway(
            f"the decisions in PostgreSQL cannot be used ({reason}); see `decisions` in "
            "settings.yaml, and that PGPASSWORD or a password file lets us in"
        )
