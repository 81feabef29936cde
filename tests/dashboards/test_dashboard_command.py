"""Serving the app: it answers on loopback, ends with the command, and says what is wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from dashboards.entry.server import is_own
from pipelines.cli.dashboards import LOOPBACK, serve_in_background
from pipelines.config.home import Home


def answers(port: int) -> bool:
    connection = HTTPConnection(LOOPBACK, port)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_port_that_is_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with (
            pytest.raises(SystemExit) as ended,
            serve_in_background(Home(tmp_path), port=port),
        ):
            pytest.fail("it must not serve")

    assert ended.value.code == 2
    assert f"port {port}" in capsys.readouterr().err


def test_the_command_names_its_address_and_takes_the_app_with_it(tmp_path: Path) -> None:
    code = "from pipelines.cli.dashboards import dashboards; dashboards()"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, "--home", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().split()[1].rsplit(":", 1)[1])
    assert answers(port)

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 128 + signal.SIGTERM
    assert not answers(port)


@pytest.mark.withstands(
    "a browser is led to the dashboards by another name", "nothing is answered, page or socket"
)
def test_a_site_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with serve_in_background(Home(tmp_path), port=0) as served:
        port = int(served.url.rsplit(":", 1)[1])
        assert served.url == f"http://127.0.0.1:{port}"
        assert answers(port)
        for host, opened, answered in (("127.0.0.1", 101, 200), ("evil.example", 403, 403)):
            socket_headers = {
                "Host": f"{host}:{port}",
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            }
            assert status(port, "/_stcore/stream", socket_headers) == opened
            for path in ("/", "/_stcore/health", "/_stcore/host-config"):
                assert status(port, path, {"Host": f"{host}:{port}"}) == answered
        proxied = {"Host": f"127.0.0.1:{port}", "X-Forwarded-For": "192.0.2.7"}
        assert status(port, "/metrics", {"Host": f"127.0.0.1:{port}"}) == 503  # no partners file
        assert status(port, "/metrics", proxied) == 403

    assert not answers(port)


def status(port: int, path: str, headers: dict[str, str]) -> int:
    connection = HTTPConnection(LOOPBACK, port)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse().status
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("roamhouse.example", True),
        ("Roamhouse.Example:443", True),
        ("[::1]:8501", True),
        ("evil.example", False),
        ("roamhouse.example.evil.example", False),
        ("roamhouse.example@evil.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_a_host_header_names_us_whatever_its_port(host: str, own: bool) -> None:
    assert is_own(host, ["roamhouse.example", "[::1]"]) is own


def test_what_pages_need_is_loaded_before_anybody_comes_and_dagster_never() -> None:
    late = ["altair", "duckdb", "numba", "pandas", "polars", "pyarrow"]
    code = (
        "import gc, sys; from dashboards.entry.server import load; load(); "
        "assert gc.get_freeze_count(), 'looked through after every run of a page'; "
        "import dashboards.services, dashboards.deciding, dashboards.frame; "
        f"print([name for name in {late} if name not in sys.modules], 'dagster' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (done.stdout.strip(), done.stderr) == ("[] False", "")
