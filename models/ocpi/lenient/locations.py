"""One location of any version as rows: itself, its EVSEs, connectors and tariffs embedded in them.

OCPI mod_locations. A bad EVSE or connector is refused alone; the rest of the location is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.ocpi.decoded_object import DecodedObject, RefusedPart, Row, rest_of, stated_id
from models.ocpi.decoded_page import PageContext
from models.ocpi.fields import Field, read_fields, refuse_foreign
from models.ocpi.issues import Issues
from models.ocpi.json.canonical import LAST_UPDATED, canonical_text
from models.ocpi.lenient.owner import read_owner
from models.ocpi.lenient.tariffs import CanonicalTariff, canonical_tariff
from models.ocpi.maps import CONNECTOR, CONNECTOR_211, EVSE, LOCATION, LOCATION_211
from models.ocpi.values.coordinates import read_coordinates
from models.ocpi.values.evse_ids import canonical_evse
from models.ocpi.values.opening_times import read_opening_times
from models.ocpi.values.people import masked
from models.ocpi.values.power import power_kw

OWNER = ("country_code", "party_id")
# mod_locations, Location object: required of it, not of all; `evses` is what it is about.
_REQUIRED = ("publish", "address", "city", "country", "coordinates", "evses")


def _used_by(fields: Iterable[Field], *others: str) -> frozenset[str]:
    """Return the members that columns hold whole; of `operator` they hold only the name."""
    return frozenset(others) | {f.path for f in fields if "." not in f.path}


_LOCATION_USED = _used_by(
    (*LOCATION, *LOCATION_211), "country_code", "party_id", "coordinates", "opening_times", "evses"
)
_EVSE_USED = _used_by(EVSE, "coordinates", "connectors", "tariffs")


def read_location(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one location into `decoded`: its row, and those of its EVSEs and connectors."""
    issues = decoded.issues
    row = read_fields(tree, LOCATION_211 if version == "2.1.1" else LOCATION, issues)
    row.update(read_owner(tree, context.own_party, version, issues))
    decoded.identify(row, row["id"])
    refuse_foreign(tree, _REQUIRED, issues)
    _put_coordinates(row, tree, row["country"], "", issues)
    if tree.get("coordinates") is None:
        issues.add_deviation("coordinates", "absent")
    opening_times = tree.get("opening_times")
    row["opening_times"] = (
        None if opening_times is None else read_opening_times(opening_times, issues)
    )
    row["details"] = _details(tree, _LOCATION_USED, context)
    decoded.add("core.locations", row)
    evses = tree.get("evses")
    for i, evse in enumerate(_items(evses, "evses", issues)):
        _read_evse(evse, f"evses[{i}].", row, version, context, decoded)


def _read_evse(
    sent: Any,
    prefix: str,
    location: Row,
    version: str,
    context: PageContext,
    decoded: DecodedObject,
) -> None:
    issues = Issues()
    if not isinstance(sent, dict):
        issues.refuse(prefix[:-1], "not a JSON object")
        _refuse(decoded, location, [None], issues, sent)
        return
    row = read_fields(sent, EVSE, issues, prefix)
    if issues.reasons:
        _refuse(decoded, location, [stated_id(sent, "uid", "evse_id")], issues, sent)
        return
    decoded.issues.deviations.extend(issues.deviations)
    row.update({name: location[name] for name in OWNER}, location_id=location["id"])
    row["status"] = row["status"] or "UNKNOWN"
    _put_coordinates(row, sent, location["country"], prefix, decoded.issues)
    row["details"] = _details(sent, _EVSE_USED, context)
    row["canonical_evse"] = canonical_evse(
        row["evse_id"],
        partner=context.partner,
        country_code=row["country_code"] or "",
        party_id=row["party_id"] or "",
        uid=row["uid"],
    )
    decoded.add("core.evses", row)
    tariff_ids = _read_tariffs(sent, prefix, location, version, decoded)
    connectors = _items(sent.get("connectors"), f"{prefix}connectors", decoded.issues)
    for i, connector in enumerate(connectors):
        at = f"{prefix}connectors[{i}]."
        _read_connector(connector, at, row, tariff_ids, location, version, decoded)


def _read_connector(
    sent: Any,
    prefix: str,
    evse: Row,
    tariff_ids: list[str],
    location: Row,
    version: str,
    decoded: DecodedObject,
) -> None:
    issues = Issues()
    if not isinstance(sent, dict):
        issues.refuse(prefix[:-1], "not a JSON object")
        _refuse(decoded, location, [evse["uid"], None], issues, sent)
        return
    row = read_fields(sent, CONNECTOR_211 if version == "2.1.1" else CONNECTOR, issues, prefix)
    if issues.reasons:
        _refuse(decoded, location, [evse["uid"], stated_id(sent, "id")], issues, sent)
        return
    row["power_kw"] = power_kw(
        row["power_type"],
        row["max_voltage_v"],
        row["max_amperage_a"],
        row["max_electric_power_w"],
        prefix,
        issues,
    )
    decoded.issues.deviations.extend(issues.deviations)
    own_ids = _read_tariffs(sent, prefix, location, version, decoded)
    if row["tariff_ids"] is None and (own_ids or tariff_ids):
        row["tariff_ids"] = own_ids or tariff_ids
    row.update({name: location[name] for name in OWNER}, location_id=location["id"])
    row["evse_uid"] = evse["uid"]
    decoded.add("core.connectors", row)


def _read_tariffs(
    sent: Row, prefix: str, location: Row, version: str, decoded: DecodedObject
) -> list[str]:
    """Ids of tariffs that a partner embeds here; their rows go to `core.tariffs`."""
    tariffs = sent.get("tariffs")
    ids: list[str] = []
    for i, item in enumerate(tariffs if isinstance(tariffs, list) else []):
        if not isinstance(item, dict):
            decoded.issues.add_deviation(f"{prefix}tariffs[{i}]", "unusable", item)
            continue
        owner = (location["country_code"] or "", location["party_id"] or "")
        tariff = canonical_tariff(item, version, owner)
        if tariff.reasons:
            _refuse_tariff(decoded, tariff, f"{prefix}tariffs[{i}]", item)
            continue
        issues = Issues(list(tariff.deviations))
        decoded.issues.under(f"{prefix}tariffs[{i}]", issues)
        ids.append(tariff.fields["id"])
        decoded.add("core.tariffs", tariff_row(tariff))
    return ids


def tariff_row(tariff: CanonicalTariff) -> Row:
    """Return the row of `core.tariffs` of a tariff that has no reason to be refused."""
    return {**tariff.fields, "tariff": tariff.json_text, "content_hash": tariff.content_hash}


def _refuse_tariff(decoded: DecodedObject, tariff: CanonicalTariff, path: str, sent: Row) -> None:
    reasons = [f"{path}.{reason}" for reason in tariff.reasons]
    decoded.refused.append(
        RefusedPart(*_owner_of(tariff.fields), stated_id(sent, "id"), reasons, sent)
    )


def _refuse(
    decoded: DecodedObject, location: Row, ids: list[str | None], issues: Issues, sent: Any
) -> None:
    parts = [location["id"], *ids]
    object_id = "/".join(part or "?" for part in parts)
    decoded.refused.append(RefusedPart(*_owner_of(location), object_id, issues.reasons, sent))


def _owner_of(row: Row) -> tuple[str | None, str | None]:
    return row.get("country_code"), row.get("party_id")


def _put_coordinates(row: Row, sent: Row, country: str | None, prefix: str, issues: Issues) -> None:
    value = sent.get("coordinates")
    row["latitude"], row["longitude"] = (
        (None, None)
        if value is None
        else read_coordinates(value, country, f"{prefix}coordinates", issues)
    )


def _details(tree: Row, used: frozenset[str], context: PageContext) -> str | None:
    rest = masked(rest_of(tree, used), context.pseudonym)
    text = canonical_text(rest, LAST_UPDATED)
    return None if text == "{}" else text


def _items(sent: Any, path: str, issues: Issues) -> list[Any]:
    if isinstance(sent, list):
        return sent
    if sent is not None:
        issues.add_deviation(path, "coerced" if isinstance(sent, dict) else "unusable", sent)
    return [sent] if isinstance(sent, dict) else []
