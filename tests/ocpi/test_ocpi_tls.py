from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from fake_partner import FakePartner, PagedList, Partner, objects
from ocpi_world import StillClock, connection, pull_from, run

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.errors import ConfigurationError, TlsError

PARTNER = Partner({"locations": PagedList(objects(3))})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for 127.0.0.1, and a server's context that shows it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500", *subject]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


def test_a_certificate_nobody_vouches_for_is_refused_at_once(
    certificate: tuple[Path, ssl.SSLContext], still: StillClock
) -> None:
    async def asked(server: FakePartner) -> None:
        async with OcpiClient(connection(server), clock=still.clock()) as client:
            await client.discover()

    with (
        FakePartner(PARTNER, tls=certificate[1]) as server,
        pytest.raises(TlsError, match=r"voltix: TLS failed.*ca_file"),
    ):
        run(asked(server))
    assert still.pauses == []
    assert server.requests == []


def test_a_private_authority_can_be_named(certificate: tuple[Path, ssl.SSLContext]) -> None:
    with FakePartner(PARTNER, tls=certificate[1]) as server:
        pulled = run(pull_from(server, "locations", {}, ca_file=certificate[0]))
    assert pulled.outcome.complete


def test_http_links_behind_a_tls_proxy_are_asked_over_tls(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    paged = PagedList(objects(25), max_limit=10, link_base="http://127.0.0.1")
    with FakePartner(Partner({"locations": paged}), tls=certificate[1]) as server:
        pulled = run(pull_from(server, "locations", {}, ca_file=certificate[0]))
    assert pulled.outcome.complete
    assert pulled.outcome.notes == ()
    assert all(page.exchange.url.startswith(server.url) for page in pulled.pages)


def test_an_unusable_authority_file_is_a_setting_to_mend(tmp_path: Path) -> None:
    with FakePartner(PARTNER) as server, pytest.raises(ConfigurationError, match="ca_file"):
        OcpiClient(connection(server, ca_file=tmp_path / "none.pem"))
