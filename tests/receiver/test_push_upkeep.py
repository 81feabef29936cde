"""Erasure and retention of pushed bodies: they name people as pulled ones do."""

from __future__ import annotations

from datetime import UTC, datetime

from object_samples import SESSION

from models.ocpi.pushes import Push, read_pushes, write_push
from pipelines.landing.removal import identifiers_of, objects_in, rewritten

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def pushed(module: str, path: tuple[str, ...], body: str) -> bytes:
    push = Push(
        push_id="1", received_at=AT, partner="voltix", module=module, version="2.2.1", method="PUT",
        path=path, body=body,
    )  # fmt: skip
    return write_push(push)


def test_a_person_is_found_in_pushed_bodies_and_taken_out_of_them() -> None:
    session = '{"id": "S", "kwh": 1.50, "cdr_token": {"uid": "04AA", "contract_id": "C-1"}}'
    token = '{"uid": "04AA", "contract_id": "C-1", "valid": true}'
    body = pushed("sessions", ("NL", "VOL", "S"), session) + pushed(
        "tokens", ("NL", "EMS", "04AA"), token
    )
    found = objects_in(body)
    assert found is not None
    assert set().union(*map(identifiers_of, found)) == {"04AA", "C-1"}
    new = rewritten(body, lambda one: "GONE" if one == "04AA" else one)
    assert new is not None
    first, second = read_pushes(new)
    assert '"kwh":1.50' in first.body.replace(" ", "")
    assert second.path == ("NL", "EMS", "GONE")
    assert b"04AA" not in new
    assert rewritten(body, lambda one: one) is None


def test_a_sample_session_names_its_driver() -> None:
    assert identifiers_of(SESSION)
