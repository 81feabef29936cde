"""Pages are run once their address is asked for: their answers are there before the browser is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboards import access, services
from dashboards.entry.ahead import Ahead
from pipelines.config.home import Home
from tests.dashboards.conftest import APP, open_app, show


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """What runs pages, as in the server, with no browser."""
    yield Runtime(
        RuntimeConfig(str(APP), MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/up"))
    )
    Runtime._instance = None
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that reach the snapshot."""
    asked: list[str] = []
    fetch = services.fetch_frame
    monkeypatch.setattr(
        services,
        "fetch_frame",
        lambda con, text, values: asked.append(text) or fetch(con, text, values),
    )
    return asked


def visit(runtime: Runtime, *paths: str, query: str = "") -> int:
    """Ask for addresses one after the other; return how many pages were run for nobody."""
    sessions: set[str] = set()

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        sessions.update(one.session.id for one in runtime._session_mgr.list_active_sessions())

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        pass

    async def ask() -> None:
        await runtime.start()
        ahead = Ahead(answered)
        for path in paths:
            scope = {"type": "http", "path": path, "query_string": query.encode()}
            await ahead(scope, receive, send)
            while runtime._session_mgr.num_active_sessions():
                await asyncio.sleep(0.01)
        runtime.stop()
        await runtime.stopped

    asyncio.run(ask())
    return len(sessions)


def test_a_page_that_was_asked_for_has_its_answers(
    home: Home, runtime: Runtime, queries: list[str]
) -> None:
    assert visit(runtime, "/availability", query="country=NLD") == 1
    asked = len(queries)
    assert asked > 5

    show(open_app(), "availability", country="NLD")

    assert len(queries) == asked


def test_each_page_is_run_ahead_once_and_nothing_else_is(home: Home, runtime: Runtime) -> None:
    asked = ("/", "/static/js/index.js", "/_stcore/health", "/", "/elsewhere", "/quarantine")

    assert visit(runtime, *asked) == 2


def test_nothing_is_asked_ahead_where_a_login_is_required(
    home: Home, runtime: Runtime, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_login_configured", lambda: True)

    assert visit(runtime, "/availability") == 1

    assert queries == []
