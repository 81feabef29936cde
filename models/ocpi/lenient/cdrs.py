"""One CDR of any version as rows, with its charging periods (OCPI mod_cdrs, CDR, ChargingPeriod).

Of a period the dimensions stand side by side, with the decimals they were stated with. Nothing
here judges whether it makes sense; rating does, and states its reason. So a volume that cannot be
read makes its dimension an unknown one, never a quantity of zero.
"""

from decimal import Decimal
from typing import Any

from models.ocpi.decoded import DecodedObject, PageContext, Row, without_people
from models.ocpi.fields import OWNER, find, items_of
from models.ocpi.issues import ABSENT, Issues
from models.ocpi.json.canonical import canonical_text
from models.ocpi.lenient.prices import put_price
from models.ocpi.lenient.rows import DRIVER, read_row
from models.ocpi.lenient.tariffs import canonical_tariff
from models.ocpi.maps import CDR, CDR_211, ID
from models.ocpi.values.enumerations import CDR_DIMENSION
from models.ocpi.values.numbers import fitted, read_decimal, stated_decimals
from models.ocpi.values.places import read_coordinates
from models.ocpi.values.texts import read_text
from models.ocpi.values.timestamps import read_instant
from models.tables.charging import NAMELESS, UNREADABLE

PARTS = (
    *("total_fixed_cost", "total_energy_cost", "total_time_cost"),
    *("total_parking_cost", "total_reservation_cost"),
)


def read_cdr(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one CDR into `decoded`: a row of `core.cdrs`, its periods, its embedded tariffs."""
    issues = decoded.issues
    row = read_row(tree, CDR_211 if version == "2.1.1" else CDR, version, context, decoded)
    row["ocpi_version"] = version
    _put_place(row, tree, version, issues)
    total = put_price(row, "total_cost", tree, version, issues)
    row["total_cost_taxes"] = total.taxes
    if tree.get("total_cost") is None:
        issues.add_deviation("total_cost", "absent")
    for part in PARTS:
        put_price(row, part, tree, version, issues)
    for flag in ("credit", "home_charging_compensation"):
        row[flag] = bool(row.get(flag))
    periods, row["period_count"] = read_periods(tree.get("charging_periods"), issues)
    owner = {f.column: row[f.column] for f in OWNER}
    for period in periods:
        decoded.add("core.charging_periods", {**period, "cdr_id": row["id"], **owner})
    row["tariff_hashes"] = _put_tariffs(tree.get("tariffs"), row, version, decoded)
    decoded.add("core.cdrs", without_people(row, DRIVER, context))


def _put_place(row: Row, tree: dict[str, Any], version: str, issues: Issues) -> None:
    place = "location" if version == "2.1.1" else "cdr_location"
    path = f"{place}.coordinates"
    sent = find(tree, (place, "coordinates"))
    row["latitude"] = row["longitude"] = None
    if sent is ABSENT or sent is None:
        issues.add_deviation(path, "absent")
    else:
        country = row["country"]
        row["latitude"], row["longitude"] = read_coordinates(sent, country, path, issues)
    if place == "location":
        _note_ambiguous_place(tree, issues)


def _note_ambiguous_place(tree: dict[str, Any], issues: Issues) -> None:
    """2.1.1 says that the location holds only the EVSE and connector used; some send all."""
    for steps, path in (
        (("location", "evses"), "location.evses"),
        (("location", "evses", 0, "connectors"), "location.evses[0].connectors"),
    ):
        items = find(tree, steps)
        if isinstance(items, list) and len(items) > 1:
            issues.add_deviation(path, "unusable", f"{len(items)} of them", "the first")


def _put_tariffs(sent: Any, row: Row, version: str, decoded: DecodedObject) -> list[str] | None:
    """Return the hashes of the embedded tariffs in order; their rows go into `decoded`."""
    if sent is None:
        return None
    owner = (row["country_code"] or "", row["party_id"] or "")
    hashes = []
    for i, item in enumerate(items_of(sent, "tariffs", decoded.issues)):
        tariff = canonical_tariff(item, version, owner) if isinstance(item, dict) else None
        if tariff is None or not tariff.is_identified:
            decoded.issues.add_deviation(f"tariffs[{i}]", "unusable", canonical_text(item))
            continue
        if tariff.fields["currency"] is None:
            decoded.issues.add_deviation(f"tariffs[{i}].currency", "absent", item.get("currency"))
        hashes.append(tariff.content_hash)
        decoded.embedded.append((f"tariffs[{i}]", tariff))
    return hashes


QUANTITY_SCALE = 9
COLUMN_OF = {
    "ENERGY": "energy_kwh",
    "TIME": "time_h",
    "PARKING_TIME": "parking_time_h",
    "RESERVATION_TIME": "reservation_time_h",
    "FLAT": "flat",
    "MIN_CURRENT": "min_current_a",
    "MAX_CURRENT": "max_current_a",
    "MIN_POWER": "min_power_kw",
    "MAX_POWER": "max_power_kw",
}
STATED = ("time_h", "parking_time_h", "reservation_time_h")
_EMPTY: Row = {
    **dict.fromkeys(COLUMN_OF.values()),
    **dict.fromkeys(f"{column}_decimals" for column in STATED),
    "other_dimensions": None,
    "unknown_dimensions": None,
}


def read_periods(sent: Any, issues: Issues) -> tuple[list[Row], int]:
    """Return the usable periods of a CDR and how many were sent (OCPI ChargingPeriod).

    A period without a start cannot be placed and is left out; the count tells.
    """
    if not isinstance(sent, list):
        issues.add_deviation("charging_periods", "absent" if sent is None else "unusable", sent)
        return [], 0
    if not sent:
        issues.add_deviation("charging_periods", "absent", sent)
    rows = (_period(i, period, f"charging_periods[{i}]", issues) for i, period in enumerate(sent))
    return [row for row in rows if row is not None], len(sent)


def _period(index: int, sent: Any, path: str, issues: Issues) -> Row | None:
    start = sent.get("start_date_time") if isinstance(sent, dict) else None
    start_at = None if start is None else read_instant(start, f"{path}.start_date_time", issues)
    if start_at is None:
        issues.add_deviation(path, "unusable", sent)
        return None
    tariff_id = sent.get("tariff_id")
    row = {
        **_EMPTY,
        "period_index": index,
        "start_at": start_at,
        "tariff_id": None
        if tariff_id is None
        else read_text(tariff_id, ID.limit, f"{path}.tariff_id", issues),
    }
    _put_dimensions(row, sent.get("dimensions"), f"{path}.dimensions", issues)
    return row


def _put_dimensions(row: Row, sent: Any, path: str, issues: Issues) -> None:
    if isinstance(sent, dict):
        issues.add_deviation(path, "coerced", sent, [sent])
        sent = [sent]
    if not isinstance(sent, list) or not sent:
        issues.add_deviation(path, "absent" if not sent else "unusable", sent)
        sent = []
    others: list[Any] = []
    unknown: list[str] = []
    for i, dimension in enumerate(sent):
        _put_dimension(row, dimension, f"{path}[{i}]", issues, others, unknown)
    row["other_dimensions"] = canonical_text(others) if others else None
    row["unknown_dimensions"] = unknown or None


def _put_dimension(
    row: Row, sent: Any, path: str, issues: Issues, others: list[Any], unknown: list[str]
) -> None:
    name = _name(sent, path, issues)
    column = COLUMN_OF.get(name)
    if name == "FLAT" and sent.get("volume") is None:
        others.append(sent)  # A flat fee has no unit.
        return
    volume = _volume(sent, path, issues)
    taken = None if volume is None else fitted(volume, QUANTITY_SCALE, f"{path}.volume", issues)
    if column is None or volume is None or taken is None:
        others.append(sent)
        left_open = not isinstance(sent, dict) or sent.get("volume") in (None, "")
        says_nothing = left_open and name == NAMELESS
        if not says_nothing and (taken is None or (taken and not CDR_DIMENSION.is_known(name))):
            unknown.append(name if taken is not None or left_open else name + UNREADABLE)
        return
    decimals = stated_decimals(volume)
    if row[column] is not None:
        total = row[column] + taken
        issues.add_deviation(path, "normalised", sent, {"type": name, "volume": total})
        taken = fitted(total, QUANTITY_SCALE, f"{path}.volume", issues)
    row[column] = taken
    if column in STATED:
        row[f"{column}_decimals"] = max(decimals, row[f"{column}_decimals"] or 0)


def _name(sent: Any, path: str, issues: Issues) -> str:
    word = sent.get("type") if isinstance(sent, dict) else None
    if isinstance(word, str):
        if CDR_DIMENSION.is_known(word):
            return word
        respelled = CDR_DIMENSION.respelled(word)
        kind = "normalised" if respelled else "unknown_value"
        taken = respelled or word.strip().upper()
        issues.add_deviation(f"{path}.type", kind, word, taken)
        return taken or NAMELESS
    issues.add_deviation(f"{path}.type", "absent" if word is None else "unusable", word)
    return NAMELESS


def _volume(sent: Any, path: str, issues: Issues) -> Decimal | None:
    value = sent.get("volume") if isinstance(sent, dict) else None
    if value is None:
        issues.add_deviation(f"{path}.volume", "absent")
        return None
    return read_decimal(value, f"{path}.volume", issues)
