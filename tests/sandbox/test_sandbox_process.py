"""The sandbox as a process: it starts, says where it is, and ends when it should."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from click.testing import CliRunner

from pipelines.cli.sandbox import sandbox as command
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.parties import PARTNERS
from pipelines.sandbox.scenario import Options, ScenarioError, load

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
STARTER = """
import sys
from datetime import UTC, datetime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
handle = sandbox.start(Options(now=datetime(2026, 10, 31, tzinfo=UTC), cdrs=100))
print(handle.port, flush=True)
sys.stdin.read()  # until its end, however long the others take
"""


def small(**more: object) -> Options:
    return Options(now=NOW, cdrs=100, **more)  # type: ignore[arg-type]


def refuses(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/_sandbox/state", trust_env=False)
    except httpx.TransportError:
        return True
    return False


def test_it_ends_when_stopped_and_stopping_twice_is_harmless() -> None:
    handle = sandbox.start(small())
    assert not refuses(handle.port)
    handle.stop()
    handle.stop()
    assert refuses(handle.port)


def test_it_ends_with_the_process_that_started_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as starter:
        assert starter.stdout is not None
        port = int(starter.stdout.readline())
        assert not refuses(port)
        starter.kill()
        starter.wait()
        for _ in range(200):
            if refuses(port):
                break
    assert refuses(port)


def test_tokens_can_be_ours() -> None:
    with sandbox.start(small(), {"LUMEN_TOKEN": "another"}) as handle:
        lumen = next(one for one in handle.partners if one.partner.name == "lumen")
        sent = {"Authorization": "Token another"}
        assert httpx.get(lumen.versions_url, headers=sent, trust_env=False).status_code == 200
        assert handle.environ["LUMEN_TOKEN"] == "another"


def test_a_bad_scenario_is_named_and_nothing_starts() -> None:
    with pytest.raises(ScenarioError, match="No scenario `nowhere`"):
        sandbox.start(small(scenario="nowhere"))


def test_a_port_that_is_taken_is_an_error() -> None:
    with (
        sandbox.start(small()) as handle,
        pytest.raises(sandbox.SandboxError, match="before it listened"),
    ):
        sandbox.start(small(port=handle.port))


def at_play(scenario: str) -> tuple[sandbox.PartnerInfo, ...]:
    """The partners of a sandbox that listens, as whoever starts it hears of them."""
    return sandbox.partners_at(8123, sandbox.tokens_from({}), PARTNERS, load(scenario))


def test_the_partners_file_knows_how_long_windows_may_be() -> None:
    partners = yaml.safe_load(sandbox.partners_yaml(at_play("paging")))["partners"]
    assert {one["name"]: one.get("window_days") for one in partners}["gridlink"] == 30


def test_the_partners_file_fits_and_holds_no_token() -> None:
    text = sandbox.partners_yaml(at_play("demo"))
    partners = yaml.safe_load(text)["partners"]
    assert [one["name"] for one in partners] == [one.name for one in PARTNERS]
    assert all("8123" in one["versions_url"] for one in partners)
    assert "not-a-secret" not in text


def test_the_truth_is_written_and_grows_as_the_world_moves(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    options = Options(now=NOW, cdrs=2000, truth=truth)
    with sandbox.start(options) as handle:
        before = truth.read_text().splitlines()
        url = f"{handle.url}/_sandbox/advance"
        moved = httpx.post(url, params={"to": "2026-11-20T00:00:00Z"}, trust_env=False)
        assert moved.status_code == 200
        after = truth.read_text().splitlines()
    assert set(before) < set(after)
    assert all(json.loads(line)["published_at"] <= "2026-10-31T12:00:00Z" for line in before)


def test_one_partner_can_be_there_alone_with_all_cdrs() -> None:
    with sandbox.start(small(only=("lumen",), errors_permille=0)) as handle:
        (lumen,) = handle.partners
        sent = {"Authorization": f"Token {lumen.token}"}
        url = f"{handle.url}/lumen/ocpi/2.1.1/cdrs"
        found = httpx.get(url, headers=sent, trust_env=False)
        assert found.headers["X-Total-Count"] == "100"
        gone = httpx.get(f"{handle.url}/voltix/ocpi/versions", headers=sent, trust_env=False)
        assert gone.status_code == 404


def test_warmed_pages_are_the_pages() -> None:
    path = "/gridlink/ocpi/2.2.1/cdrs?offset=10&limit=10"
    bodies = []
    for warm in (None, 10):
        with sandbox.start(small(scenario="clean", warm=warm)) as handle:
            hub = next(one for one in handle.partners if one.partner.hub_party)
            sent = {"Authorization": f"Token {_encoded(hub.token)}"}
            reply = httpx.get(f"{handle.url}{path}", headers=sent, trust_env=False)
            bodies.append(reply.content)
    assert bodies[0] == bodies[1]


def _encoded(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


@pytest.mark.parametrize(
    "arguments",
    [["--cdrs", "3"], ["--port", "99999"], ["--scenario", "nowhere"], ["--only", "nobody"]],
)
def test_bad_options_are_usage_errors(arguments: list[str]) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
