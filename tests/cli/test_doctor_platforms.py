"""What the doctor says about a partner, against a real server."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from quiet_server import Answer, QuietServer

from pipelines.cli.doctor import Check
from pipelines.cli.doctor.partners import check_feed, check_platform
from pipelines.config.partners import FeedPartner, OcpiPartner

TOKEN = "not-for-any-log-7f3a"
ENVIRON = {"VOLTIX_TOKEN": TOKEN}


@pytest.fixture
def server() -> Iterator[QuietServer]:
    with QuietServer() as server:
        yield server


def operator(server: QuietServer, **changes: object) -> OcpiPartner:
    keys: dict[str, object] = {
        "name": "voltix",
        "kind": "ocpi",
        "versions_url": f"{server.url}/versions",
        "token_env": "VOLTIX_TOKEN",
        "requests_per_second": "1000",
        "timeout": "10m",
    }
    return OcpiPartner.model_validate(keys | changes)


def visit(partner: OcpiPartner, environ: dict[str, str] | None = None) -> dict[str, Check]:
    checks = asyncio.run(check_platform(partner, ENVIRON if environ is None else environ))
    assert TOKEN not in repr(checks)
    worst_first = sorted(checks, key=lambda check: check.state == "ok", reverse=True)
    return {check.name: check for check in worst_first}


def test_a_good_partner_is_described(server: QuietServer) -> None:
    server.play_operator("locations", "cdrs")
    checks = visit(operator(server))
    assert {check.state for check in checks.values()} == {"ok"}
    assert list(checks) == ["connection", "token", "version", "modules", "parties", "clock"]
    assert checks["version"].message == "OCPI 2.2.1, of 2.2.1"
    assert checks["modules"].message == "locations, cdrs"
    assert checks["parties"].message == "NL/VOL"


def test_an_unset_token_is_a_fault_of_the_configuration_and_nobody_is_asked(
    server: QuietServer,
) -> None:
    checks = visit(operator(server), {})
    assert checks["token"].state == "unusable"
    assert checks["token"].message.startswith("the environment variable VOLTIX_TOKEN is not set;")
    assert server.tokens_seen == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_said_to_be_the_token(server: QuietServer, status: int) -> None:
    server.answers["/versions"] = Answer(b"no", status)
    assert visit(operator(server))["token"].state == "fail"


def test_an_unreachable_partner_says_what_to_check() -> None:
    with QuietServer() as gone:
        partner = operator(gone)
    check = visit(partner)["connection"]
    assert check.state == "fail"
    assert "cannot connect" in check.message
    assert not check.message.startswith("voltix:")


def test_no_common_version_names_both_sides(server: QuietServer) -> None:
    server.play_operator("cdrs", version="3.0")
    check = visit(operator(server))["version"]
    assert check.state == "fail"
    assert "3.0" in check.message
    assert "2.3.0" in check.message


def test_a_missing_module_says_what_to_do(server: QuietServer) -> None:
    server.play_operator("cdrs")
    check = visit(operator(server, modules=["cdrs", "sessions"]))["modules"]
    assert check.state == "fail"
    assert check.message == "does not offer sessions; take it out of modules or ask the partner"


def test_a_list_that_does_not_answer_is_noticed(server: QuietServer) -> None:
    server.play_operator("cdrs", "sessions")
    server.answers = {path: a for path, a in server.answers.items() if "sessions" not in path}
    assert visit(operator(server))["modules"].state == "fail"


def test_parties_that_the_partner_does_not_state_are_noticed(server: QuietServer) -> None:
    server.play_operator("cdrs")
    check = visit(operator(server, parties=["NL/VLX"]))["parties"]
    assert check.state == "warn"
    assert check.message.startswith("parties names NL/VLX, the partner states only NL/VOL;")


def test_a_clock_that_is_off_is_noticed(server: QuietServer) -> None:
    server.play_operator("cdrs")
    server.answers["/versions"].date = "Fri, 01 Jan 2100 00:00:00 GMT"
    check = visit(operator(server))["clock"]
    assert check.state == "warn"
    assert "ahead of ours;" in check.message


def test_a_token_in_clear_is_warned_about_before_anybody_is_asked() -> None:
    with QuietServer() as gone:
        partner = operator(gone, versions_url="http://voltix.invalid/versions")
    check = visit(partner, {})["encryption"]
    assert check.state == "warn"
    assert check.message.endswith("ask the partner for an https address")


def feed(**places: str) -> FeedPartner:
    keys = {"name": "ndw", "kind": "feed", "timeout": "10m"}
    return FeedPartner.model_validate(keys | places)


def judge(partner: FeedPartner) -> list[tuple[str, str, str]]:
    return [(c.name, c.state, c.message) for c in asyncio.run(check_feed(partner))]


def test_a_feed_is_judged_by_its_beginning(server: QuietServer) -> None:
    server.answers["/l"] = Answer(gzip.compress(bytes(range(256)) * 2000, compresslevel=0))
    server.answers["/t"] = Answer(b'\xef\xbb\xbf {"tariffs": []}')
    partner = feed(locations_url=f"{server.url}/l", tariffs_url=f"{server.url}/t")
    assert judge(partner) == [
        ("locations", "ok", "readable, compressed"),
        ("tariffs", "ok", "readable"),
    ]
    assert set(server.tokens_seen) == {""}


@pytest.mark.parametrize(
    ("body", "what"), [(b"<html>", "HTML"), (b"", "nothing"), (b"id;name", "something else")]
)
def test_what_is_no_feed_is_refused(server: QuietServer, body: bytes, what: str) -> None:
    server.answers["/t"] = Answer(body)
    assert judge(feed(tariffs_url=f"{server.url}/t")) == [
        ("tariffs", "fail", f"JSON is expected, {what} came; look at tariffs_url in a browser")
    ]


def test_a_feed_that_is_not_there_fails(server: QuietServer, tmp_path: Path) -> None:
    (on_the_web,) = judge(feed(tariffs_url=f"{server.url}/none"))
    (on_disk,) = judge(feed(tariffs_url=str(tmp_path / "none.json")))
    assert on_the_web[1] == on_disk[1] == "fail"
    assert "404" in on_the_web[2]
    assert "check the path" in on_disk[2]


def test_a_feed_from_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("[]", encoding="utf-8")
    assert judge(feed(tariffs_url=str(path))) == [("tariffs", "ok", "readable")]
