"""A small HTTP server on loopback that answers each path with what a test says."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass
class Answer:
    body: bytes
    status: int = 200
    date: str | None = None


@dataclass
class QuietServer:
    """Serves `answers` on a free port; a context manager."""

    answers: dict[str, Answer] = field(default_factory=dict)
    tokens_seen: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.tokens_seen.append(self.headers.get("authorization", ""))
                answer = outer.answers.get(
                    self.path.partition("?")[0], Answer(b"nothing here", 404)
                )
                self.send_response_only(answer.status)
                self.send_header("Date", answer.date or self.date_time_string())
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def say(self, path: str, data: object, code: int = 1000, date: str | None = None) -> None:
        """Answer a path with an OCPI envelope."""
        body = {"data": data, "status_code": code, "timestamp": "2026-11-01T00:00:00Z"}
        self.answers[path] = Answer(json.dumps(body).encode(), date=date)

    def play_operator(self, *modules: str, version: str = "2.2.1") -> None:
        """Answer as an operator that offers these modules and has no objects."""
        self.say("/versions", [{"version": version, "url": f"{self.url}/details"}])
        endpoints = [
            {"identifier": name, "role": "SENDER", "url": f"{self.url}/{name}"}
            for name in (*modules, "credentials")
        ]
        self.say("/details", {"version": version, "endpoints": endpoints})
        for name in modules:
            self.say(f"/{name}", [])
        role = {"role": "CPO", "country_code": "NL", "party_id": "VOL"}
        self.say("/credentials", {"token": "x", "url": self.url, "roles": [role]})
