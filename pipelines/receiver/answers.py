"""OCPI responses: the envelope, the status codes, and refusals (status_codes).

A request that reached the OCPI layer is answered with HTTP 200 and a status code of OCPI; one
that did not with an HTTP error, in the same envelope.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from starlette.responses import Response

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID = 2001
UNKNOWN_LOCATION = 2003
UNKNOWN_TOKEN = 2004
SERVER_ERROR = 3000
CANNOT_CALL_BACK = 3001
UNSUPPORTED_VERSION = 3002
NO_ENDPOINTS = 3003


class Refusal(Exception):
    """A request that is refused.

    `message`: why, in one line; goes to the partner.
    """

    def __init__(
        self,
        message: str,
        http_status: int = 200,
        status_code: int = INVALID,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.status_code = status_code
        self.headers = headers or {}


class Answers:
    """Writes responses."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def success(
        self,
        data: object = None,
        *,
        http_status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a success, with `data` where there is any."""
        return self._respond(http_status, SUCCESS, None, data, headers)

    def refused(self, refusal: Refusal) -> Response:
        """Return a refusal with its reason."""
        status, code = refusal.http_status, refusal.status_code
        return self._respond(status, code, str(refusal), None, refusal.headers)

    def _respond(
        self,
        http_status: int,
        status_code: int,
        message: str | None,
        data: object,
        headers: Mapping[str, str] | None,
    ) -> Response:
        envelope: dict[str, object] = {"status_code": status_code}
        if data is not None:
            envelope["data"] = data
        if message:
            envelope["status_message"] = message
        envelope["timestamp"] = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return Response(
            msgspec.json.encode(envelope),
            http_status,
            headers={"content-type": "application/json", **(headers or {})},
        )
