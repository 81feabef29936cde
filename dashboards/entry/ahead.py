"""Runs a page while the browser that asked for it still loads the program that shows pages.

That takes a browser most of a second, with nothing to do here. What such a run draws goes nowhere;
the answers that it asked for are kept, and are there once the browser is.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, get_instance
from streamlit.runtime.session_manager import SessionClient

from dashboards import services
from dashboards.navigation import DEFAULT, MENU

_PATHS: Final = {
    f"/{'' if address == DEFAULT else address}"
    for entries in MENU.values()
    for address, _, _ in entries
}


class Ahead:
    """Runs a page once its address is asked for: each of them once for each snapshot.

    Where a login is required there is nobody to run it for, and it ends before the first query.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ran: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and begin what will be asked for after it."""
        if scope["type"] == "http" and scope["path"] in _PATHS:
            run = (scope["path"], str(services.snapshot_path()))
            if run not in self._ran:
                self._ran.add(run)
                _run(get_instance(), scope["path"].strip("/"), scope["query_string"].decode())
        await self._app(scope, receive, send)


class _Nobody(SessionClient):
    """The one whom a page is drawn for: all is over for them when its script has ended."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.session_id = runtime.connect_session(self, {})

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        if msg.WhichOneof("type") == "script_finished":
            loop = asyncio.get_running_loop()
            loop.call_soon(self._runtime.close_session, self.session_id)


def _run(runtime: Runtime, page: str, query: str) -> None:
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    runtime.handle_backmsg(_Nobody(runtime).session_id, message)
