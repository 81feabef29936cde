"""Erasure and retention of pushed bodies: they name people as pulled ones do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from object_samples import SESSION
from receiver_home import ReceiverHome
from test_pushes_to_core import put_location

from models.ocpi.pushes import Push, read_pushes, write_push
from pipelines.config.home import Home
from pipelines.ingest.pushes import land_pushes
from pipelines.landing.journal import finished_segments, read_segment
from pipelines.landing.landing import Landing
from pipelines.landing.removal import identifiers_of, objects_in, rewritten
from pipelines.upkeep import backup

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


@pytest.mark.withstands(
    "pushes are landed while a backup is made",
    "they are in it, from the journal or from the landing",
)
def test_a_backup_has_the_pushes_that_are_landed_while_it_is_made(
    house: ReceiverHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.talk(put_location)
    open_file = backup._opened

    def open_later(path: Path) -> IO[bytes]:
        land_pushes(Landing(house.home.landing), house.partners, house.clock)
        return open_file(path)

    monkeypatch.setattr(backup, "_opened", open_later)
    file = tmp_path / "backup.tar.zst"
    backup.back_up(house.home, file, partners=None, made_at=AT)
    assert not finished_segments(house.home.landing)
    restored = Home(tmp_path / "restored")
    backup.restore(file, restored)
    (segment,) = finished_segments(restored.landing)
    assert [push.path for push in read_segment(segment)] == [("NL", "VOL", "L1")]


def test_a_sample_session_names_its_driver() -> None:
    assert identifiers_of(SESSION)
