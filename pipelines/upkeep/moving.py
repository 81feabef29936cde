"""Moving warehouse and decisions of a home from their files into a lake and a server, and back."""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from models.errors import Refused
from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.decisions.schema import File
from pipelines.decisions.server import Server
from pipelines.decisions.tables import carry
from pipelines.warehouse.connection import Warehouse, open_warehouse
from pipelines.warehouse.copying import read_file, write_file
from pipelines.warehouse.lake import Lake
from pipelines.warehouse.sql_files import row_count

_MOVED: Final = ".moved"


class CannotMove(Refused):
    """The warehouse cannot be moved; the message says why and what to do."""


@dataclass(frozen=True)
class Moved:
    """The rows of tables and the decisions that moved, each found equal."""

    rows: int | None  # None: there was no warehouse to move
    decisions: int | None  # None: there were none to move


def move_to_lake(home: Home) -> Moved:
    """Put tables and decisions where the settings name a lake and a server for them.

    Raises:
        CannotMove: there is nothing to move, or there are others where they would go.
        CannotCarry: the server holds other decisions.
        DecisionsAway: the server cannot be used.
        WarehouseError: warehouse or lake cannot be used, or the copy is not equal.
    """
    url = load_settings(home).decisions
    decisions = None
    if url is not None and home.decisions.exists():
        with closing(File(home.decisions)) as source, closing(Server(url)) as target:
            decisions = carry(source, target, source.refuse_more)
            source.execute("pragma wal_checkpoint(truncate)")  # whoever holds it open, too
        home.decisions.replace(home.decisions.with_name(home.decisions.name + _MOVED))
    if decisions is not None and (Lake.of_home(home) is None or not home.warehouse.exists()):
        return Moved(None, decisions)
    return Moved(_tables_to_lake(home), decisions)


def move_to_file(home: Home) -> Moved:
    """Put tables and decisions into the files of the home, for settings that name no others.

    Raises:
        CannotMove: the settings name no other place.
        DecisionsAway: the server cannot be used.
        WarehouseError: as `move_to_lake`.
    """
    url = load_settings(home).decisions
    decisions = None
    if url is not None:
        draft = home.decisions.with_name(f"{home.decisions.name}.new")
        draft.unlink(missing_ok=True)
        with closing(Server(url)) as source, closing(File(draft)) as target:
            decisions = carry(source, target)
        draft.replace(home.decisions)
        if Lake.of_home(home) is None:
            return Moved(None, decisions)
    return Moved(_tables_to_file(home), decisions)


def _tables_to_lake(home: Home) -> int:
    """Put the tables of the file into the lake that the settings name; the file is kept aside.

    Returns:
        How many rows moved.

    Raises:
        CannotMove: the settings name no lake, there is no file, or the lake holds pulls already.
        WarehouseError: one of them cannot be used, or the copy is not equal; nothing moved.
    """
    if Lake.of_home(home) is None:
        raise CannotMove("settings.yaml names no lake: say `warehouse` there, see docs/scaling.md")
    if not home.warehouse.exists():
        raise CannotMove(
            "there is no warehouse file to move: it was moved, or the next run fills it"
        )
    Warehouse(home.warehouse).close()  # its tables grow to what they are declared as now
    with open_warehouse(home) as lake:
        with lake.reader() as con:
            if row_count(con, "ops.pulls"):
                raise CannotMove("the lake holds pulls already: name an empty database")
        rows = read_file(lake, home.warehouse)
        home.warehouse.replace(home.warehouse.with_name(home.warehouse.name + _MOVED))
    return rows


def _tables_to_file(home: Home) -> int:
    """Put the tables of the lake into the home's file, which the next run uses without `warehouse`.

    Returns:
        How many rows moved.

    Raises:
        CannotMove: the settings name no lake.
        WarehouseError: one of them cannot be used, or the copy is not equal; nothing moved.
    """
    if Lake.of_home(home) is None:
        raise CannotMove("settings.yaml names no lake to move from")
    with open_warehouse(home) as lake:
        draft = home.warehouse.with_name("replaying.duckdb")
        rows = write_file(lake, draft)
        draft.replace(home.warehouse)
    return rows
