"""What the receiver knows: the snapshot it reads, and our own tokens as each version has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from receiver_home import NOW, ReceiverHome
from test_pushes_to_core import put_location

from models.ocpi.pushes import Push
from pipelines.receiver import known_objects
from pipelines.receiver.token_list import TokenList
from pipelines.warehouse.snapshot import open_current


def test_a_snapshot_is_opened_once_until_another_comes_or_nobody_asks(
    house: ReceiverHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def open_counted(serving: Path) -> object:
        opened.append(serving)
        return open_current(serving)

    house.talk(put_location)
    house.load()
    house.publish()
    known = house.service().known
    monkeypatch.setattr(known_objects, "open_current", open_counted)
    evse = Push(
        push_id="", received_at=NOW, partner="voltix", module="locations", version="2.2.1",
        method="GET", path=("NL", "VOL", "L1", "E1"),
    )  # fmt: skip

    def find() -> str:
        return json.loads(known.find(evse, [], ("NL", "VOL")) or b"{}")["uid"]

    assert [find(), find(), len(opened)] == ["E1", "E1", 0]  # by who loaded its keys
    house.publish()
    assert [find(), find(), len(opened)] == ["E1", "E1", 1]
    known.rest()
    assert [find(), len(opened)] == ["E1", 1]
    monkeypatch.setattr(known_objects, "_REST_S", -1)
    known.rest()  # a snapshot that is open cannot be removed
    assert [find(), len(opened)] == ["E1", 2]


@pytest.mark.parametrize(
    ("version", "types"),
    [
        ("2.1.1", ["RFID", "OTHER", "OTHER"]),
        ("2.2.1", ["RFID", "APP_USER", "AD_HOC_USER"]),
    ],
)
def test_a_version_is_told_no_token_type_that_it_does_not_know(
    tmp_path: Path, version: str, types: list[str]
) -> None:
    path = tmp_path / "tokens.json"
    kinds = ("RFID", "APP_USER", "AD_HOC_USER")
    listed = [{"uid": t, "type": t, "last_updated": "2026-11-01T00:00:00Z"} for t in kinds]
    path.write_text(json.dumps(listed), encoding="utf-8")
    tokens, _ = TokenList(path).page(version, "https://roam.example/tokens", {})
    assert {token["uid"]: token["type"] for token in tokens} == dict(zip(kinds, types, strict=True))
