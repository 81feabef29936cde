"""The one list of OCPI modules agrees with what reads them and with what they fill."""

from models.ocpi.decode import READERS
from models.ocpi.modules import HISTORY_MODULES, MODULES, modules_sharing_tables
from models.tables import BY_NAME


def test_every_module_has_a_reader_and_declared_tables() -> None:
    assert READERS.keys() == MODULES.keys()
    assert {table for module in MODULES.values() for table in module.tables} <= BY_NAME.keys()


def test_what_never_changes_is_history() -> None:
    assert {name for name, module in MODULES.items() if module.immutable} <= HISTORY_MODULES


def test_tariffs_also_come_inside_locations() -> None:
    assert modules_sharing_tables("tariffs") == {"locations", "tariffs"}
    assert modules_sharing_tables("cdrs") == {"cdrs"}
