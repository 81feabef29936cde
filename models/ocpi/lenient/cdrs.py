"""One CDR of any version as rows (OCPI mod_cdrs, CDR object)."""

from __future__ import annotations

from typing import Any

from models.ocpi.decoded_object import DecodedObject, Row, without_people
from models.ocpi.decoded_page import PageContext
from models.ocpi.fields import find, read_fields
from models.ocpi.issues import ABSENT, Issues
from models.ocpi.json.canonical import canonical_text
from models.ocpi.lenient.owner import read_owner
from models.ocpi.lenient.periods import read_periods
from models.ocpi.lenient.prices import Price, read_price
from models.ocpi.lenient.tariffs import CanonicalTariff, canonical_tariff
from models.ocpi.maps import CDR, CDR_211
from models.ocpi.values.coordinates import read_coordinates

PEOPLE = ("token_uid", "contract_id")
PARTS = (
    "total_fixed_cost",
    "total_energy_cost",
    "total_time_cost",
    "total_parking_cost",
    "total_reservation_cost",
)
_PLACE = {"2.1.1": "location"}


def read_cdr(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one CDR into `decoded`: a row of `core.cdrs`, its periods, its embedded tariffs."""
    issues = decoded.issues
    row = read_fields(tree, CDR_211 if version == "2.1.1" else CDR, issues)
    row.update(read_owner(tree, context.own_party, version, issues))
    decoded.identify(row, row["id"])
    row["ocpi_version"] = version
    _put_place(row, tree, version, issues)
    _put_prices(row, tree, version, issues)
    for flag in ("credit", "home_charging_compensation"):
        row[flag] = bool(row.get(flag))
    periods, row["period_count"] = read_periods(tree.get("charging_periods"), issues)
    for period in periods:
        decoded.add("core.charging_periods", {**period, "cdr_id": row["id"], **_owner_of(row)})
    row["tariff_hashes"] = _put_tariffs(tree.get("tariffs"), row, version, decoded)
    decoded.add("core.cdrs", without_people(row, PEOPLE, context))


def embedded_row(tariff: CanonicalTariff) -> Row:
    """Return the row of `core.embedded_tariffs` of a tariff that has an owner and an id."""
    names = ("country_code", "party_id", "id", "currency")
    return {
        **{name: tariff.fields[name] for name in names},
        "content_hash": tariff.content_hash,
        "tariff": tariff.json_text,
    }


def is_identified(tariff: CanonicalTariff) -> bool:
    """Tell whether an embedded tariff has what `core.embedded_tariffs` needs, currency apart."""
    return all(tariff.fields.get(name) for name in ("country_code", "party_id", "id"))


def _owner_of(row: Row) -> Row:
    return {"country_code": row["country_code"], "party_id": row["party_id"]}


def _put_place(row: Row, tree: dict[str, Any], version: str, issues: Issues) -> None:
    place = _PLACE.get(version, "cdr_location")
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


def _put_prices(row: Row, tree: dict[str, Any], version: str, issues: Issues) -> None:
    total = _price(tree, "total_cost", version, issues)
    if tree.get("total_cost") is None:
        issues.add_deviation("total_cost", "absent")
    row["total_cost_excl_vat"], row["total_cost_incl_vat"] = total.excl, total.incl
    row["total_cost_taxes"] = total.taxes
    for part in PARTS:
        price = _price(tree, part, version, issues)
        row[f"{part}_excl_vat"], row[f"{part}_incl_vat"] = price.excl, price.incl


def _price(tree: dict[str, Any], name: str, version: str, issues: Issues) -> Price:
    sent = tree.get(name)
    return Price() if sent is None else read_price(sent, version, name, issues)


def _put_tariffs(sent: Any, row: Row, version: str, decoded: DecodedObject) -> list[str] | None:
    """Return the hashes of the embedded tariffs in order; their rows go into `decoded`."""
    if sent is None:
        return None
    if not isinstance(sent, list):
        decoded.issues.add_deviation(
            "tariffs", "coerced" if isinstance(sent, dict) else "unusable", sent
        )
        sent = [sent] if isinstance(sent, dict) else []
    owner = (row["country_code"] or "", row["party_id"] or "")
    hashes = []
    for i, item in enumerate(sent):
        tariff = canonical_tariff(item, version, owner) if isinstance(item, dict) else None
        if tariff is None or not is_identified(tariff):
            decoded.issues.add_deviation(f"tariffs[{i}]", "unusable", canonical_text(item))
            continue
        if tariff.fields["currency"] is None:
            decoded.issues.add_deviation(f"tariffs[{i}].currency", "absent", item.get("currency"))
        hashes.append(tariff.content_hash)
        decoded.embedded.append((f"tariffs[{i}]", tariff))
    return hashes
