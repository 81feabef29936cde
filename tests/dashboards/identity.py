"""An OpenID Connect provider on loopback: lets in whoever a test says, without asking.

It checks what a real one checks of its client: the secret, PKCE, the address to return to, and
that a code is used once. Its signing key is made when it starts.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "roamhouse"


@dataclass
class Provider:
    """What a test sets, and what the provider remembers.

    Args:
        url: the issuer.
        person: the claims of whoever logs in next.
        client_secret: what the client proves itself by.
        published: the key that the provider names.
        signing: the key that it signs with.
    """

    url: str
    person: dict[str, Any] = field(default_factory=dict)
    client_secret: str = field(default_factory=secrets.token_urlsafe)
    published: RSAKey = field(default_factory=lambda: new_key())
    signing: RSAKey = field(init=False)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signing = self.published

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where to send the browser: straight back, with a code."""
        assert query["client_id"] == CLIENT
        assert query["redirect_uri"].endswith("/oauth2callback")
        code = secrets.token_urlsafe()
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The tokens for a code, for the client that asked for it."""
        proof = base64.b64encode(f"{CLIENT}:{self.client_secret}".encode()).decode()
        assert authorization == f"Basic {proof}"
        asked = self.asked.pop(form["code"])
        assert form["redirect_uri"] == asked["redirect_uri"]
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        now = int(time.time())
        claims = {
            **{"iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300},
            **{"nonce": asked["nonce"], **self.person},
        }
        header = {"alg": "RS256", "kid": self.published.kid}
        id_token = jwt.encode(header, claims, self.signing)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": id_token}


def new_key() -> RSAKey:
    """A key of its own, named by its thumbprint."""
    return RSAKey.generate_key(2048, auto_kid=True)


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve a provider until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.provider  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> Provider:
        return self.server.provider  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/.well-known/openid-configuration":
            self._json(self.provider.discovery())
        elif asked.path == "/jwks":
            self._json({"keys": [self.provider.published.as_dict(private=False)]})
        elif asked.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(dict(parse_qsl(asked.query))))
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._json(self.provider.token(dict(parse_qsl(form)), self.headers["Authorization"]))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test that fails says what."""

    def _json(self, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
