"""Names that lead to private addresses: refused before anything is sent, unless named."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import pytest

from pipelines.ocpi.errors import OriginRefusedError
from pipelines.ocpi.origins import AddressGuard
from pipelines.ocpi.transport import Limits, Transport

PRIVATE = (
    *("127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.7", "::ffff:169.254.169.254"),  # noqa: S104
    *("64:ff9b::10.0.0.7", "64:ff9b::169.254.169.254", "2002:a00:7::1", "2002:7f00:1::"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(OriginRefusedError, match="private address"):
        AddressGuard("voltix", ["https://voltix.example/ocpi"]).check(address)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("8.8.8.8", "https://voltix.example"),
        ("2606:4700::1111", "https://voltix.example"),
        ("64:ff9b::8.8.8.8", "https://voltix.example"),
        ("10.0.0.7", "https://10.0.0.7:8443/ocpi"),
        ("fd00::1", "https://[fd00::1]/ocpi"),
        ("127.0.0.1", "http://localhost:8000/ocpi"),
    ],
)
def test_public_and_named_addresses_are_asked(address: str, named: str) -> None:
    AddressGuard("voltix", [named]).check(address)


def ask(urls: Sequence[str], port: int) -> None:
    async def once() -> None:
        transport = Transport("voltix", Limits(silence_s=5, whole_s=5, max_bytes=1000), urls=urls)
        try:
            await transport.get(f"http://voltix.test:{port}/ocpi", {"authorization": "Token t"})
        finally:
            await transport.close()

    asyncio.run(once())


@pytest.mark.withstands(
    "a partner's name leads to a private address", "nothing is sent there, unless it is named"
)
def test_nothing_is_sent_where_a_name_leads_home(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OriginRefusedError, match=r"origins, as https://127\.0\.0\.1"):
            ask(["https://voltix.test/ocpi"], port)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(600)
            assert connection.recv(100) == b""
