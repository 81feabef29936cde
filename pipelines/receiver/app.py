"""The ASGI application: one request in, one landed push and its answer out.

Belongs here: the way of a request. Not here: what is checked (`push_request`), how it is kept
(`journal_writer`), credentials (`credentials`).
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote, unquote

import msgspec
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from models.ocpi.pushes import Push
from pipelines.config.errors import ConfigError
from pipelines.receiver.answers import (
    CLIENT_ERROR,
    SERVER_ERROR,
    UNKNOWN_LOCATION,
    UNKNOWN_TOKEN,
    UNSUPPORTED_VERSION,
    Refusal,
)
from pipelines.receiver.callers import Caller
from pipelines.receiver.credentials import answer_credentials
from pipelines.receiver.interfaces import LONGEST_ID, VERSIONS
from pipelines.receiver.journal_writer import JournalBusy
from pipelines.receiver.push_request import check_path, read_push
from pipelines.receiver.service import Service
from pipelines.receiver.versions import is_offered, version_details, versions

_LOG = logging.getLogger("roamhouse.receiver")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_MOST_BYTES_AT_ONCE = 256 << 20
_LONGEST_BODY_S = 30.0
_ECHOED = ("x-request-id", "x-correlation-id")
_KEYS_EVERY_S = 600
_UNKNOWN = {"locations": UNKNOWN_LOCATION, "tokens": UNKNOWN_TOKEN}


def build_app(service: Service) -> Starlette:
    """Return the application of a receiver.

    `service`: what its requests share.
    """
    receiver = Receiver(service)
    return Starlette(
        routes=[Route("/{path:path}", receiver.answer, methods=_METHODS)],
        lifespan=receiver.lifespan,
        exception_handlers={Exception: receiver.answer_fault},
    )


class Receiver:
    """Answers the requests of partners.

    `service`: what they share.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._bytes_in_flight = 0

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Write the journal while requests come, and what still waits when they end."""
        writing = asyncio.create_task(self._service.journal.run())
        looking = asyncio.create_task(self._look_at_snapshots())
        try:
            yield
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            self._service.journal.end()
            await writing

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever becomes of it."""
        service = self._service
        try:
            response = await self._dispatch(request)
        except Refusal as refusal:
            _LOG.info("%s %s: %s", request.method, _shown(request), refusal)
            response = service.answers.refused(refusal)
        except JournalBusy:
            response = service.answers.refused(
                Refusal("too much at once", 503, SERVER_ERROR, {"retry-after": "1"})
            )
        except (OSError, ConfigError) as error:
            _LOG.error("%s %s cannot be answered: %s", request.method, _shown(request), error)
            response = service.answers.refused(Refusal("we cannot keep it", 500, SERVER_ERROR))
        for name in _ECHOED:
            if value := request.headers.get(name):
                response.headers[name] = value
        if _is_routed(request):
            response.headers.update(service.callers.routing_back(request.headers))
        return response

    async def answer_fault(self, _request: Request, _error: Exception) -> Response:
        """Answer where we are at fault; the fault itself is logged by the server."""
        return self._service.answers.refused(Refusal("our fault", 500, SERVER_ERROR))

    async def _dispatch(self, request: Request) -> Response:
        service = self._service
        segments = _segments(request, service.base_path)
        caller = service.callers.recognise(request.headers.get("authorization", ""))
        if caller.is_unproved:
            await asyncio.to_thread(service.callers.prove, caller, service.now())
        match segments:
            case ["versions"] if request.method == "GET":
                return service.answers.success(versions(service.base_url))
            case [version, *rest] if version in VERSIONS:
                return await self._in_version(request, caller, version, rest)
            case [version, *_] if version != "versions":
                raise Refusal(f"no version {version[:20]!r} here", 404, UNSUPPORTED_VERSION)
        raise Refusal("versions has GET only", 405, CLIENT_ERROR, {"allow": "GET"})

    async def _in_version(
        self, request: Request, caller: Caller, version: str, rest: Sequence[str]
    ) -> Response:
        service = self._service
        match rest:
            case [] if request.method == "GET":
                details = version_details(
                    service.base_url, service.receiver, caller.partner, version
                )
                return service.answers.success(details)
            case ["credentials"]:
                body = await self._body(request)
                return await answer_credentials(service, caller, version, request.method, body)
            case ["sender" | "receiver", *_] if caller.standing == "invitation":
                message = "this token opens versions and credentials only"
                raise Refusal(message, 401, CLIENT_ERROR)
            case ["sender", "tokens"] if request.method == "GET" and service.tokens is not None:
                url = f"{service.base_url}/{version}/sender/tokens"
                tokens, headers = service.tokens.page(version, url, request.query_params)
                return service.answers.success(tokens, headers=headers)
            case ["receiver", module, *ids] if is_offered(
                service.receiver, caller.partner, version, module
            ):
                about = self._about(request, caller, version, module, ids)
                if request.method == "GET":
                    return await self._find(request, caller, about)
                return await self._take(request, caller, about)
        raise Refusal(f"there is nothing at {'/'.join(rest)[:80]}", 404, CLIENT_ERROR)

    async def _take(self, request: Request, caller: Caller, about: Push) -> Response:
        """Land a push, then answer it."""
        service, module = self._service, about.module
        try:
            sender = service.callers.check_routing(caller, request.headers)
            body = await self._body(request)
            said = replace(about, sender=sender, received_at=service.now())
            push = read_push(caller, said, request.query_params, body)
            known = service.known.knows(push)
            if not known and push.method == "PATCH":
                raise Refusal(f"not known here; PUT it whole: {module}", 404, _unknown(module))
            if not known and module == "locations" and not self._parents_known(push):
                raise Refusal("its location is not known here; PUT it whole", 404, UNKNOWN_LOCATION)
        except Refusal as refusal:
            # Landed without its body: who looks for it finds the reason.
            is_path = 2 <= len(about.path) <= 5 and all(len(p) <= LONGEST_ID for p in about.path)
            path = about.path if is_path else ()
            await service.journal.append(replace(about, path=path, refusal=str(refusal)))
            raise
        service.known.remember(await service.journal.append(push))
        headers = {}
        if module == "cdrs":
            where = "/".join(quote(part, safe="") for part in push.path)
            headers["location"] = f"{service.base_url}/{push.version}/receiver/cdrs/{where}"
        is_new = not known and push.method != "DELETE"
        return service.answers.success(http_status=201 if is_new else 200, headers=headers)

    def _parents_known(self, push: Push) -> bool:
        lengths = range(3, len(push.path))
        above = (replace(push, path=push.path[:length]) for length in lengths)
        return all(map(self._service.known.knows, above))

    async def _find(self, request: Request, caller: Caller, about: Push) -> Response:
        """Return an object as we know it."""
        check_path(about.module, about.path)
        known, allowed = self._service.known, caller.parties
        wanted = replace(about, token_type=request.query_params.get("type", ""))
        owner = tuple(part.upper() for part in wanted.path[:2])
        found = None
        if allowed is None or owner in allowed:
            recent = known.recent(wanted)
            found = await asyncio.to_thread(known.find, wanted, recent, caller.own_party)
        if found is None:
            raise Refusal("not known here", 404, _unknown(wanted.module))
        return self._service.answers.success(msgspec.Raw(found))

    def _about(
        self, request: Request, caller: Caller, version: str, module: str, ids: Sequence[str]
    ) -> Push:
        """Return a push without a body: it names what a request is about."""
        return Push(
            push_id="",
            received_at=self._service.now(),
            partner=caller.partner.name,
            module=module,
            version=version,
            method=request.method,
            path=tuple(ids),
            request_id=request.headers.get("x-request-id", "")[:LONGEST_ID],
        )

    async def _body(self, request: Request) -> bytes:
        """Read the body, never more of it than is allowed, of all requests together."""
        most = self._service.receiver.max_push
        too_large = Refusal(f"the body is larger than {most:,} bytes", 413, CLIENT_ERROR)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal("bodies are taken as they are, not compressed", 415, CLIENT_ERROR)
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > most:
            raise too_large
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_LONGEST_BODY_S):
                async for piece in request.stream():
                    size += len(piece)
                    self._bytes_in_flight += len(piece)
                    pieces.append(piece)
                    if size > most:
                        raise too_large
                    if self._bytes_in_flight > _MOST_BYTES_AT_ONCE:
                        raise JournalBusy
        except ClientDisconnect:
            raise Refusal("the body did not come whole", 400, CLIENT_ERROR) from None
        except TimeoutError:
            raise Refusal("the body took too long to come", 408, CLIENT_ERROR) from None
        finally:
            self._bytes_in_flight -= size
        return b"".join(pieces)

    async def _look_at_snapshots(self) -> None:
        known = self._service.known
        for seconds in itertools.count(1):
            await asyncio.sleep(1)
            known.rest()
            if seconds % _KEYS_EVERY_S == 0:
                await asyncio.to_thread(known.load)


def _segments(request: Request, base_path: str) -> list[str]:
    """Split the path after our own; slashes that are doubled or at the end mean nothing."""
    raw = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.decode("latin-1").partition("?")[0]
    if not f"{path}/".startswith(f"{base_path}/"):
        raise Refusal("there is nothing here", 404, CLIENT_ERROR)
    return [unquote(part) for part in path[len(base_path) :].split("/") if part]


def _is_routed(request: Request) -> bool:
    """Tell whether a functional module is asked; the others are from platform to platform."""
    path = request.url.path
    return ("/receiver/" in path or "/sender/" in path) and "/hubclientinfo/" not in path


def _shown(request: Request) -> str:
    return request.url.path[:200]


def _unknown(module: str) -> int:
    return _UNKNOWN.get(module, CLIENT_ERROR)
