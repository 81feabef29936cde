"""Bodies without a person: everything else of them stays as it was received."""

from __future__ import annotations

import gzip

import pytest

from pipelines.landing.removal import identifiers_of, objects_in, rewritten

BODY = (
    b'{"status_code": 1000, "data": ['
    b'{"id": "C-1", "cdr_token": {"uid": "dead-01", "contract_id": "NL-1"}, "total": 1.10},'
    b'{"id": "C-2", "cdr_token": {"uid": 17, "contract_id": "NL-2"}, '
    b'"total": 0.10000000000000000001}'
    b'], "timestamp": "2026-10-01T00:00:00Z"}'
)


def gone(identifier: str) -> str:
    return "ERASED-1" if identifier.upper() == "DEAD-01" else identifier


def test_only_the_person_goes() -> None:
    new = rewritten(BODY, gone)
    assert new is not None
    assert new.replace(b" ", b"") == BODY.replace(b"dead-01", b"ERASED-1").replace(b" ", b"")


def test_body_without_them_stays_as_it_is() -> None:
    assert rewritten(BODY, lambda identifier: identifier) is None
    assert rewritten(b'{"data": [{"uid": "dead-01", "evse_id": "x"}]}', gone) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'[{"auth_id": "dead-01"}]', b'[{"auth_id":"ERASED-1"}]'),
        (b'{"auth_id": "dead-01"}', b'{"auth_id":"ERASED-1"}'),
        (b'[{"auth_id": "dead-01"}, {"id": ', b'[{"auth_id": "ERASED-1"}, {"id": '),
        (gzip.compress(b'[{"auth_id": "Dead-01"}]', mtime=0), b'[{"auth_id":"ERASED-1"}]'),
    ],
)
def test_whatever_a_body_is_wrapped_in(body: bytes, expected: bytes) -> None:
    assert rewritten(body, gone) == expected


def test_identifiers_are_a_person_s_only() -> None:
    assert [identifiers_of(one) for one in objects_in(BODY) or ()] == [
        {"dead-01", "NL-1"},
        {"17", "NL-2"},
    ]
    assert objects_in(b"<html>") is None
