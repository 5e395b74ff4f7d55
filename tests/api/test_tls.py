"""Certificates: an unknown one is a hard stop before the key leaves, SSL_CERT_FILE is heard."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from pm_tui.api.agent import AgentClient
from pm_tui.api.errors import TlsProblem
from tests.api.test_agent import BERLIN, REQUEST
from tests.api.wire import FakeClock, Wire, says
from tests.canary import KEY as CANARY

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wire")])


def certificate(folder: Path, host: str, days: int) -> Path:
    """A file with a key and a certificate for `host` that signs itself, good for `days` days."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(NAME, NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "wire.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def server(path: Path) -> Wire:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    return Wire([says(200, {"results": []})], tls=tls)


@pytest.mark.parametrize(
    ("host", "days", "trusted", "words"),
    [
        ("127.0.0.1", 9, False, "self-signed"),
        ("127.0.0.1", -1, True, "expired"),
        ("127.0.0.9", 9, True, "IP address mismatch"),
    ],
)
async def test_a_certificate_that_proves_nothing_stops_everything(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: FakeClock,
    host: str,
    days: int,
    trusted: bool,
    words: str,
) -> None:
    path = certificate(tmp_path, host, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with server(path) as wire:
        client = AgentClient(wire.url, SecretStr(CANARY), clock=clock)
        with pytest.raises(TlsProblem, match=words) as caught:
            await client.search(BERLIN)
        assert "SSL_CERT_FILE" in caught.value.advice
        with pytest.raises(TlsProblem) as booking:
            await client.create_booking(REQUEST)
        assert booking.value.unsent
        assert wire.seen == []
        assert wire.connections <= 2  # no second try
        await client.aclose()


async def test_a_companys_root_is_trusted_when_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    path = certificate(tmp_path, "127.0.0.1", 9)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with server(path) as wire:
        client = AgentClient(wire.url, SecretStr(CANARY), clock=clock)
        assert (await client.search(BERLIN)).value.locations == ()
        assert wire.seen[0].headers["x-api-key"] == CANARY
        await client.aclose()
