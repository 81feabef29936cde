"""Reads what is agreed with a partner: YAML, a sheet of five columns, or OCPI tariffs."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError, ValidationInfo

from models.agreement import AgreedPrice
from models.ocpi.envelope import EnvelopeError, read_envelope
from pipelines.config.errors import ConfigError
from pipelines.config.values import RefusedValue, read_in_folder
from pipelines.config.yaml_nodes import MAX_BYTES, read_yaml_file, without_places

_COLUMNS: Final = ("applies_to", "what", "amount", "valid_from", "valid_to")
_DAY: Final = re.compile(r"^(\d{4}-\d\d-\d\d)[ T]00:00:00$")
_MISSING: Final = "there is no such file; docs/partners.md shows one"


def read_agreements(contract: object, info: ValidationInfo) -> object:
    """Put the content of the files that a contract names in their place.

    Args:
        contract: as the partners file states it; earlier terms may name files of their own.
        info: with the folder of the partners file.

    Raises:
        RefusedValue: a file cannot be read, or holds something else.
    """
    if not isinstance(contract, dict):
        return contract
    read = dict(contract)
    if isinstance(read.get("agreement"), str):
        read["agreement"] = _read_file(read_in_folder(read["agreement"], info))
    if isinstance(read.get("earlier"), list):
        read["earlier"] = [read_agreements(before, info) for before in read["earlier"]]
    return read


def _read_file(path: Path) -> list[AgreedPrice]:
    kinds = {".csv": _sheet, ".xlsx": _sheet, ".json": _tariffs, ".yaml": _yaml, ".yml": _yaml}
    read = kinds.get(path.suffix.lower())
    if read is None:
        raise RefusedValue(f"{path}: expected a file that ends in .yaml, .csv, .xlsx or .json")
    prices = []
    try:
        for place, stated in read(path):
            try:
                prices.append(AgreedPrice.model_validate(stated))
            except ValidationError as error:
                raise RefusedValue(f"{path}, {place}: {_first_fault(error)}") from None
    except ConfigError as error:
        raise RefusedValue(str(error)) from None
    except (OSError, UnicodeDecodeError, EnvelopeError, csv.Error) as error:
        raise RefusedValue(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not prices:
        raise RefusedValue(f"{path}: nothing is agreed in it")
    return prices


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    key = "".join(f"{step}: " for step in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"unknown key {fault['loc'][-1]}; expected {', '.join(AgreedPrice.model_fields)}"
    cause = fault.get("ctx", {}).get("error")
    return f"{key}{fault['msg'] if cause is None else f'expected {cause}'}"


def _yaml(path: Path) -> Iterator[tuple[str, object]]:
    """Yield the entries of `prices`, or of the list that the file is."""
    stated: Any = without_places(read_yaml_file(path, "an agreement", missing=_MISSING))
    currency = None
    if isinstance(stated, dict):
        currency = stated.get("currency")
        if not stated.keys() <= {"currency", "prices"}:
            raise RefusedValue(f"{path}: expected the keys currency and prices")
        stated = stated.get("prices")
    for number, entry in enumerate(stated if isinstance(stated, list) else (), 1):
        own = {"currency": currency} if currency and isinstance(entry, dict) else {}
        yield f"price {number}", {**own, **entry} if isinstance(entry, dict) else entry


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _bytes(path).decode("utf-8-sig")
    separator = max(";,\t", key=text.split("\n", 1)[0].count)
    rows = csv.reader(text.splitlines(), delimiter=separator)
    yield from ((rows.line_num, row) for row in rows)


def _workbook_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet; a date is written as 2026-10-01."""
    # Most commands need no reader of workbooks.
    from fastexcel import CalamineError, FastExcelError, read_excel

    try:
        frame = read_excel(_bytes(path)).load_sheet(0, header_row=None, dtypes="string").to_polars()
    except (CalamineError, FastExcelError) as error:
        raise RefusedValue(f"{path}: no workbook that can be read: {str(error)[:200]}") from None
    for number, row in enumerate(frame.iter_rows(), 1):
        cells = ["" if cell is None else _DAY.sub(r"\1", str(cell).strip()) for cell in row]
        yield number, cells


def _sheet(path: Path) -> Iterator[tuple[str, object]]:
    """Yield what each run of rows for the same charges and days agrees; `0,39` is 0.39."""
    rows = _workbook_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    _, head = next(rows, (0, []))
    if [name.strip().lower() for name in head] != list(_COLUMNS):
        raise RefusedValue(f"{path}: expected the columns {', '.join(_COLUMNS)}")
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for number, row in rows:
        place = f"line {number}"
        if not any(row):
            continue
        if len(row) != len(_COLUMNS):
            raise RefusedValue(f"{path}, {place}: expected {len(_COLUMNS)} cells")
        cells = {name: value.strip() for name, value in zip(_COLUMNS, row, strict=True)}
        key = tuple(cells[name] for name in ("applies_to", "valid_from", "valid_to"))
        entry = found.setdefault(key, {"place": place})
        entry |= {name: cells[name] for name in ("valid_from", "valid_to") if cells[name]}
        what = cells["what"].lower().replace(" ", "_")
        if what in entry:
            raise RefusedValue(f"{path}, {place}: {what} is agreed for these charges already")
        *numbers, currency = cells["amount"].rsplit(" ", 1)
        if numbers and what != "discount":
            entry["currency"] = currency
        amount = numbers[0] if numbers else currency
        entry |= {"applies_to": cells["applies_to"], what: amount.strip().replace(",", ".")}
    for entry in found.values():
        yield entry.pop("place"), entry


def _tariffs(path: Path) -> Iterator[tuple[str, object]]:
    """Yield the OCPI tariffs; their own dates say when they hold."""
    # Most commands need no decoder of tariffs.
    from models.ocpi.fields import detect_version
    from models.ocpi.lenient.tariffs import canonical_tariff

    for number, raw in enumerate(read_envelope(_bytes(path), module="tariffs").objects, 1):
        tariff = canonical_tariff(bytes(raw), detect_version(bytes(raw)), ("ZZ", "ZZZ"))
        if tariff.reasons or not tariff.fields:
            raise RefusedValue(f"{path}, tariff {number}: {'; '.join(tariff.reasons)}")
        yield f"tariff {number}", {"tariff": tariff.json_text}


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise RefusedValue(f"{path}: larger than {MAX_BYTES >> 20} MiB: no agreement")
    return raw
