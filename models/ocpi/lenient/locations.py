"""One location of any version as rows: itself, its EVSEs, connectors and tariffs embedded in them.

OCPI mod_locations. A bad EVSE or connector is refused alone; the rest of the location is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.ocpi.decoded import DecodedObject, Identity, PageContext, RefusedPart, Row, stated_id
from models.ocpi.fields import OWNER, Field, items_of, read_fields, refuse_foreign
from models.ocpi.issues import Issues
from models.ocpi.json.canonical import LAST_UPDATED, content_text
from models.ocpi.lenient.rows import read_row
from models.ocpi.lenient.tariffs import canonical_tariff
from models.ocpi.maps import CONNECTOR, CONNECTOR_211, EVSE, LOCATION, LOCATION_211
from models.ocpi.people import masked
from models.ocpi.values.places import canonical_evse, power_kw, read_coordinates, read_opening_times

# mod_locations, Location object: required of it, not of all; `evses` is what it is about.
_REQUIRED = ("publish", "address", "city", "country", "coordinates", "evses")


def _used_by(fields: Iterable[Field], *others: str) -> frozenset[str]:
    """Return the members that columns hold whole; of `operator` they hold only the name."""
    return frozenset(others) | {f.path for f in fields if "." not in f.path}


_LOCATION_USED = _used_by(
    (*LOCATION, *LOCATION_211, *OWNER), "coordinates", "opening_times", "evses"
)
_EVSE_USED = _used_by(EVSE, "coordinates", "connectors", "tariffs")


def read_location(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    """Read one location into `decoded`: its row, and those of its EVSEs and connectors."""
    issues = decoded.issues
    fields = LOCATION_211 if version == "2.1.1" else LOCATION
    row = read_row(tree, fields, version, context, decoded)
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
    parts = _Parts(row, version, context, decoded)
    for i, evse in enumerate(items_of(tree.get("evses"), "evses", issues)):
        parts.read_evse(evse, f"evses[{i}].")


@dataclass
class _Parts:
    """What stands below one location; each part is read, or refused alone."""

    location: Row
    version: str
    context: PageContext
    decoded: DecodedObject

    def read_evse(self, sent: Any, prefix: str) -> None:
        row = self._read(sent, EVSE, prefix, stated=("uid", "evse_id"))
        if row is None:
            return
        row["status"] = row["status"] or "UNKNOWN"
        _put_coordinates(row, sent, self.location["country"], prefix, self.decoded.issues)
        row["details"] = _details(sent, _EVSE_USED, self.context)
        row["canonical_evse"] = canonical_evse(
            row["evse_id"],
            partner=self.context.partner,
            country_code=row["country_code"] or "",
            party_id=row["party_id"] or "",
            uid=row["uid"],
        )
        self.decoded.add("core.evses", row)
        tariff_ids = self._read_tariffs(sent, prefix)
        connectors = items_of(sent.get("connectors"), f"{prefix}connectors", self.decoded.issues)
        for i, connector in enumerate(connectors):
            self._read_connector(connector, f"{prefix}connectors[{i}].", row["uid"], tariff_ids)

    def _read_connector(self, sent: Any, prefix: str, evse_uid: str, tariff_ids: list[str]) -> None:
        fields = CONNECTOR_211 if self.version == "2.1.1" else CONNECTOR
        row = self._read(sent, fields, prefix, evse_uid, stated=("id",))
        if row is None:
            return
        row["power_kw"] = power_kw(
            row["power_type"],
            row["max_voltage_v"],
            row["max_amperage_a"],
            row["max_electric_power_w"],
            prefix,
            self.decoded.issues,
        )
        own_ids = self._read_tariffs(sent, prefix)
        if row["tariff_ids"] is None and (own_ids or tariff_ids):
            row["tariff_ids"] = own_ids or tariff_ids
        row["evse_uid"] = evse_uid
        self.decoded.add("core.connectors", row)

    def _read(
        self, sent: Any, fields: Iterable[Field], prefix: str, *above: str, stated: tuple[str, ...]
    ) -> Row | None:
        """Return the columns of a part, with its location's key; None: it is refused."""
        issues, row = Issues(), Row()
        if isinstance(sent, dict):
            row = read_fields(sent, fields, issues, prefix)
        else:
            issues.refuse(prefix[:-1], "not a JSON object")
        if issues.reasons:
            own_id = stated_id(sent, *stated) if isinstance(sent, dict) else None
            ids = (self.location["id"], *above, own_id)
            self._refuse("/".join(part or "?" for part in ids), issues.reasons, sent)
            return None
        self.decoded.issues.deviations.extend(issues.deviations)
        owner = {f.column: self.location[f.column] for f in OWNER}
        return {**row, **owner, "location_id": self.location["id"]}

    def _read_tariffs(self, sent: Row, prefix: str) -> list[str]:
        """Ids of tariffs that a partner embeds here; their rows go to `core.tariffs`."""
        tariffs = sent.get("tariffs")
        ids: list[str] = []
        for i, item in enumerate(tariffs if isinstance(tariffs, list) else []):
            path = f"{prefix}tariffs[{i}]"
            if not isinstance(item, dict):
                self.decoded.issues.add_deviation(path, "unusable", item)
                continue
            owner = (self.location["country_code"] or "", self.location["party_id"] or "")
            tariff = canonical_tariff(item, self.version, owner)
            if tariff.reasons:
                reasons = [f"{path}.{reason}" for reason in tariff.reasons]
                self._refuse(stated_id(item, "id"), reasons, item, tariff.fields)
                continue
            self.decoded.issues.under(path, Issues(list(tariff.deviations)))
            ids.append(tariff.fields["id"])
            self.decoded.add("core.tariffs", tariff.row)
        return ids

    def _refuse(
        self, object_id: str | None, reasons: list[str], sent: Any, owner: Row | None = None
    ) -> None:
        of = self.location if owner is None else owner
        identity = Identity(of.get("country_code"), of.get("party_id"), object_id)
        self.decoded.refused.append(RefusedPart(identity, reasons, sent))


def _put_coordinates(row: Row, sent: Row, country: str | None, prefix: str, issues: Issues) -> None:
    value = sent.get("coordinates")
    row["latitude"], row["longitude"] = (
        (None, None)
        if value is None
        else read_coordinates(value, country, f"{prefix}coordinates", issues)
    )


def _details(tree: Row, used: frozenset[str], context: PageContext) -> str | None:
    rest = {name: value for name, value in tree.items() if name not in used}
    return content_text(masked(rest, context.pseudonym), LAST_UPDATED)
