"""The server of `roamhouse dashboards`: Streamlit's own command, after what pages need is loaded.

Streamlit loads a library when a page first uses it, so that the first visitor would wait for all
of them. Here the server answers only once they are there.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.web.cli import main
from streamlit.web.server.starlette import starlette_app

from dashboards import services
from dashboards.access import sits_here
from dashboards.entry.ahead import Ahead
from dashboards.navigation import MENU
from models.marts.prices_charge import Charge
from models.marts.prices_engine import Case, price_cases

_LATE: Final = ("altair", "numba", "pandas", "pyarrow", "streamlit.elements.arrow")
"""Libraries loaded with the first table, chart or price."""


def load() -> None:
    """Load the modules of every page, and what they would load later: the engine, tariffs."""
    # Streamlit warns that no server runs yet, which is so, as soon as `data` keeps anything.
    logging.disable(logging.WARNING)
    from dashboards import data

    for entries in MENU.values():
        for address, _, _ in entries:
            import_module(f"dashboards.pages.{address}")
    for name in _LATE:
        import_module(name)
    # No snapshot, or one of another version: the page that needs it will say so.
    with suppress(duckdb.Error, LookupError, OSError):
        offers = data.newest("pricing/offered")["tariffs"].to_list()
        charge = Charge(datetime(2026, 1, 1, tzinfo=UTC), Decimal(1), charging_s=1)
        price_cases([Case(charge, tuple(tariffs), None) for tariffs in offers])
    logging.disable(logging.NOTSET)
    # Streamlit collects garbage after every run of a page, and nobody is answered meanwhile: what
    # stays for good need not be looked through each time.
    gc.collect()
    gc.freeze()


class OwnNamesOnly:
    """Refuses requests that ask by a name which is not ours: a page elsewhere led them here.

    Streamlit refuses such for its socket alone; health, metrics and files would be answered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with 403."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if not is_own(headers.get(b"host", b"").decode("latin-1"), _own_names()):
                await PlainTextResponse("This is not my name.", 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Metrics:
    """Answers `/metrics` with figures for a monitoring that runs on this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for figures; 403 for who asks from elsewhere or through a proxy."""
        if scope["type"] != "http" or scope["path"] != "/metrics":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        if not sits_here((client[0] if client else None,), Headers(scope=scope)):
            answer = PlainTextResponse("Only this machine is answered.", 403)
        else:
            answer = await run_in_threadpool(_metrics)
        await answer(scope, receive, send)


def _metrics() -> PlainTextResponse:
    try:
        return PlainTextResponse(services.metrics(), media_type="text/plain; version=0.0.4")
    except services.EXPECTED as error:
        return PlainTextResponse(str(error), 503)


def is_own(host: str, names: Iterable[str]) -> bool:
    """Tell whether a Host header names us, whatever its port.

    Args:
        host: the header.
        names: ours; an IPv6 address may stand in brackets.
    """
    try:
        asked = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return asked is not None and asked in {name.strip("[]").lower() for name in names}


def _own_names() -> list[str]:
    return list(config.get_option("server.allowedHosts") or ())


def put_ours_first() -> None:
    """Put `OwnNamesOnly`, `Metrics` and `Ahead` before everything that Streamlit serves."""
    streamlit_s = starlette_app.create_streamlit_middleware

    def with_ours() -> list[Middleware]:
        return [Middleware(OwnNamesOnly), Middleware(Metrics), Middleware(Ahead), *streamlit_s()]

    starlette_app.create_streamlit_middleware = with_ours


if __name__ == "__main__":
    load()
    put_ours_first()
    main()
