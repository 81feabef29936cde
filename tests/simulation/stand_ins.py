"""What takes the place of parts of the product while a house stands: HTTP, clock, Dagster."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx

import pipelines.ingest.partner as partner_module
import pipelines.orchestration.replay as replay_module
import pipelines.orchestration.run as run_module
import pipelines.stages.sequence as stages_module
from pipelines.config.home import Home
from pipelines.ingest.loading import load_pull, unloaded
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.progress import NoProgress
from pipelines.landing.manifests import Manifest
from pipelines.landing.records import PullRecord
from pipelines.ocpi.pacing import Clock as ClientClock
from pipelines.ocpi.transport import Transport
from pipelines.orchestration.downstream import DERIVE_JOB, PUBLISH_JOB
from pipelines.orchestration.runtime import Runtime
from pipelines.stages.marts.stage import MARTS
from pipelines.warehouse.connection import Warehouse
from simulation.partner import Server


class Killed(BaseException):
    """The process was killed."""


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


class _InProcess(httpx.AsyncBaseTransport):
    """Hands requests to the world's server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._server.answer(
            request.url.host, request.url.path, dict(request.url.params.items())
        )
        if answer is None:
            raise httpx.ConnectError("nobody answers", request=request)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.body))


class KillingProgress(NoProgress):
    """Kills after so many pages; remembers what had landed by then."""

    def __init__(self, pages: int | None) -> None:
        self._left = pages
        self.landed: dict[tuple[str, str], int] = {}
        self.ended: set[tuple[str, str]] = set()

    def pulled(self, pull: PullRecord) -> None:
        self.ended.add((pull.partner, pull.module))

    def page(self, partner: str, module: str, objects: int, total: int | None) -> None:
        self.landed[partner, module] = self.landed.get((partner, module), 0) + 1
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            raise Killed


class HeldRuntime(Runtime):
    """Keeps one warehouse open for a whole year."""

    @contextmanager
    def holding(self) -> Iterator[Warehouse]:
        assert self._held is not None
        yield self._held


def replaced(server: Server) -> list[tuple[Any, str, Any]]:
    """What of the product is replaced while a house stands: (where, name, by what)."""
    original = Transport.__init__

    def init(self: Transport, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self._http = httpx.AsyncClient(transport=_InProcess(server), trust_env=False)

    short = tuple(stage for stage in stages_module.STAGES if stage is not MARTS)
    return [
        (Transport, "__init__", init),
        (partner_module, "Clock", _client_clock),
        (stages_module, "STAGES", short),
        (replay_module, "_republish", lambda home: None),
        (run_module, "build_defs", lambda runtime: runtime),
        (run_module, "open_instance", _no_instance),
        (run_module, "reap_killed_runs", lambda instance: 0),
        (run_module, "tidy_history", lambda *_: 0),
        (run_module, "_job", _play_job),
    ]


def _client_clock(now: Any) -> ClientClock:
    """A client's clock whose pauses take no time."""
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds

    return ClientClock(now=now, monotonic=lambda: passed[0], sleep=sleep, jitter=lambda: 0.0)


@contextmanager
def _no_instance(home: Home) -> Iterator[None]:
    yield None


def _play_job(
    runtime: Runtime, name: str, instance: None, run: Any, *, tags: Any = None,
    asset_selection: Any = None,
) -> SimpleNamespace:  # fmt: skip
    """Call what Dagster would call, in its order."""
    if name == PUBLISH_JOB:
        return _result([])
    if name == DERIVE_JOB:
        return _result(derive(runtime))
    failed = []
    for key in asset_selection:
        stage, partner, module = key.path
        if stage == "landing":
            request = PullRequest(run.run_id, (module,), False, None, {})
            pulls = runtime.fetch().fetch(runtime.partners[partner], request)
            errors = [pull.error for pull in pulls if pull.error]
            if errors and not any(pull.pages for pull in pulls):
                failed.append(("__".join(key.path), "\n".join(errors)))
            continue
        with runtime.warehouse() as warehouse:
            with warehouse.reader() as con:
                waiting = unloaded(con, runtime.landing, [(partner, module)])
            for pull_id in waiting:
                load_pull(warehouse, runtime.loading, pull_id)
    return _result(failed)


def derive(runtime: Runtime) -> list[tuple[str, str]]:
    """Run the stages after core; what failed: (step, message)."""
    with runtime.warehouse() as warehouse:
        broken = stages_module.run_stages(warehouse, runtime.partners, runtime.home)
    return [("derived", message) for message in broken]


def let_go() -> None:
    """Let go of what a killed run holds, as a dead process does: its thread, its open manifests."""
    for thread in threading.enumerate():
        if thread.name == "fetching":
            thread.join()
    for each in gc.get_objects():
        if isinstance(each, Manifest):
            each._file.close()


def _result(failed: list[tuple[str, str]]) -> SimpleNamespace:
    """What the run reads of a Dagster result."""
    events = [
        SimpleNamespace(
            is_step_failure=True,
            step_key=key,
            step_failure_data=SimpleNamespace(
                user_failure_data=SimpleNamespace(description=message), error=None
            ),
        )
        for key, message in failed
    ]
    return SimpleNamespace(all_events=events)
