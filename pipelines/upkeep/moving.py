"""Moving the warehouse of a home from its file into a lake, and back."""

from typing import Final

from models.errors import Refused
from pipelines.config.home import Home
from pipelines.warehouse.connection import Warehouse, open_warehouse
from pipelines.warehouse.copying import read_file, write_file
from pipelines.warehouse.lake import Lake
from pipelines.warehouse.sql_files import row_count

_MOVED: Final = ".moved"


class CannotMove(Refused):
    """The warehouse cannot be moved; the message says why and what to do."""


def move_to_lake(home: Home) -> int:
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


def move_to_file(home: Home) -> int:
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
