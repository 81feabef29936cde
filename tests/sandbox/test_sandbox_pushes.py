"""Partners that push: what changes is sent, and some of it lost or sent twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipelines.sandbox.process import Pusher, partners_at, partners_yaml, tokens_from
from pipelines.sandbox.scenario import Options, scenario_of
from pipelines.sandbox.server import App
from pipelines.sandbox.world import world_of

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
BEGIN = NOW - timedelta(days=2)


class Receiver(BaseHTTPRequestHandler):
    """Takes everything and remembers it."""

    taken: list[tuple[str, str, str]]

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.taken.append((self.command, self.path, body["id"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PUT

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    Receiver.taken = []
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def pushed(receiver: HTTPServer, **switches: int) -> list[tuple[str, str, str]]:
    options = Options(now=NOW, begin=BEGIN, cdrs=100, only=("voltix",))
    scenario = scenario_of({"voltix": {"push": switches}})
    app = App(world_of(options), scenario, tokens_from({}))
    url = f"http://127.0.0.1:{receiver.server_port}/ocpi"
    app.on_change = Pusher(app, url, tokens_from({})).push
    Receiver.taken.clear()
    app.advance(int(NOW.timestamp()))
    return list(Receiver.taken)


def test_what_changed_is_sent_to_its_own_url(receiver: HTTPServer) -> None:
    taken = pushed(receiver)
    methods = {(method, path.split("/")[4]) for method, path, _ in taken}
    assert {("POST", "cdrs"), ("PUT", "sessions"), ("PUT", "locations")} <= methods
    assert all(path.endswith(f"/{identity}") for method, path, identity in taken if method == "PUT")
    lossy, twice = pushed(receiver, lose=3), pushed(receiver, repeat=3)
    assert len(lossy) == len(taken) - len(taken) // 3
    assert len(twice) == len(taken) + len(taken) // 3
    assert set(twice) == set(taken) > set(lossy)


def test_the_partners_file_says_where_they_push_and_with_what() -> None:
    scenario = scenario_of({"voltix": {"push": {}}})
    options = Options(now=NOW, only=("voltix", "borealis"))
    partners = partners_at(1, tokens_from({}), options.partners, scenario)
    text = partners_yaml(partners, "http://127.0.0.1:8460/ocpi")
    assert "url: http://127.0.0.1:8460/ocpi" in text
    assert text.count("push_token_env") == 1
