"""A mail server on loopback that takes everything, as far as a client needs it."""

from __future__ import annotations

import email
import email.message
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Conversation(socketserver.StreamRequestHandler):
    letters: list[email.message.EmailMessage]

    def handle(self) -> None:
        self._say(220)
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say(354)
                self.letters.append(self._letter())
            self._say(221 if verb == b"QUIT" else 250)
            if verb == b"QUIT":
                return

    def _say(self, code: int) -> None:
        self.wfile.write(b"%d mail.test\r\n" % code)

    def _letter(self) -> email.message.EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


@contextmanager
def mail_server() -> Iterator[tuple[str, list[email.message.EmailMessage]]]:
    """Serve; yield an address of Apprise that leads here, and the letters that came."""
    letters: list[email.message.EmailMessage] = []
    handler = type("Conversation", (_Conversation,), {"letters": letters})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        who = "from=roamhouse@example.com&to=finance@example.com"
        yield f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&{who}", letters
        server.shutdown()
