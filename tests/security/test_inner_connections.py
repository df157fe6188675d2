"""Connections of the suite's own parts: encrypted, verified, and with one meaning for every message."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from amqp.transport import SSLTransport
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.mail.backends.smtp import EmailBackend
from redis.connection import SSLConnection

from gaap.clock import now
from gaap.http import OutgoingError, call
from gaap.inner_checks import check_inner_connections
from tests.processes import Program, free_port, listens, wait_until
from tests.project import ROOT, program, python_path

DATABASE = {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example", "OPTIONS": {"sslmode": "verify-full"}}
SAFE: dict[str, Any] = {
    "GAAP_ENVIRONMENT": "production",
    "DATABASES": {"default": DATABASE},
    "CELERY_BROKER_URL": "amqps://broker.example//",
    "REDIS_URL": "rediss://cache.example/0",
    "GAAP_OTLP_ENDPOINT": "https://collector.example/v1/traces",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.example",
    "EMAIL_USE_TLS": True,
    "STORAGES": {"private": {"OPTIONS": {"endpoint_url": "https://files.example"}}, "near": {}},
}


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Settings that nothing is wrong with, as the checks read them."""
    from django.conf import settings

    for name, value in SAFE.items():
        monkeypatch.setattr(settings, name, value)
    return monkeypatch


def stored_at(**options: Any) -> dict[str, Any]:
    """Files in an object store with these options."""
    return {"private": {"BACKEND": "gaap_notify.object_storage.ObjectStorage", "OPTIONS": options}}


def faults() -> list[str]:
    return [message.msg.partition(" is reached")[0] for message in check_inner_connections(None)]


def test_encrypted_and_verified_connections_are_let_pass(production: pytest.MonkeyPatch) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("GAAP_OTLP_ENDPOINT", "http://collector.example/v1/traces", "The collector of traces"),
        ("DATABASES", {"default": {**DATABASE, "OPTIONS": {}}}, "The database"),
        ("DATABASES", {"default": {**DATABASE, "OPTIONS": {"sslmode": "require"}}}, "The database"),
        ("STORAGES", stored_at(endpoint_url="http://files.example:9000"), "The object store"),
        ("STORAGES", stored_at(endpoint_url="https://files.example", verify=False), "The object store"),
        ("STORAGES", stored_at(use_ssl=False), "The object store"),
        ("DATABASES", {"default": DATABASE, "copy": {**DATABASE, "OPTIONS": {}}}, "The database"),
        ("CELERY_BROKER_URL", "amqp://broker.example//", "The broker"),
        ("CELERY_BROKER_URL", "amqps://one.example//;amqp://two.example//", "The broker"),
        ("REDIS_URL", "redis://cache.example/0", "Redis"),
        ("REDIS_URL", "rediss://cache.example/0?ssl_cert_reqs=none", "Redis"),
        ("EMAIL_USE_TLS", False, "The mail server"),
    ],
)
def test_others_are_refused_in_production(production: Any, name: str, value: Any, fault: str) -> None:
    from django.conf import settings

    production.setattr(settings, name, value)
    assert faults() == [fault]
    production.setattr(settings, "GAAP_INNER_NETWORK", "encrypted")
    assert faults() == []
    production.setattr(settings, "GAAP_INNER_NETWORK", "open")
    production.setattr(settings, "GAAP_ENVIRONMENT", "development")
    assert faults() == []


@pytest.mark.parametrize("host", ["", "/run/postgresql", "127.0.0.1", "::1", "localhost"])
def test_this_machine_needs_no_tls(production: Any, host: str) -> None:
    from django.conf import settings

    production.setattr(settings, "DATABASES", {"default": {**DATABASE, "HOST": host, "OPTIONS": {}}})
    assert faults() == []


class Stranger(threading.Thread):
    """Speaks TLS on loopback with a certificate that nobody vouches for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_own_certificate(folder))
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.met: list[str] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
                with connection, self._context.wrap_socket(connection, server_side=True) as tls:
                    self.met.append("trusted")
                    tls.recv(4096)
            except ssl.SSLError:
                self.met.append("refused")
            except OSError:
                return


def _own_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    certificate = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(
        key, hashes.SHA256()
    )
    path = folder / "stranger.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Stranger]:
    started = Stranger(tmp_path)
    started.start()
    yield started
    started.server.close()


def test_the_outgoing_door_trusts_no_stranger(stranger: Stranger) -> None:
    with pytest.raises(OutgoingError):
        call("GET", f"https://localhost:{stranger.port}/")
    # The other side learns of it a moment later.
    wait_until(lambda: bool(stranger.met), seconds=10, what="a refusal")
    assert stranger.met == ["refused"]


def test_mail_goes_to_no_stranger() -> None:
    context = EmailBackend(use_tls=True).ssl_context
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_broker_is_no_stranger(stranger: Stranger) -> None:
    transport = SSLTransport(f"localhost:{stranger.port}", connect_timeout=5, ssl={"server_hostname": "localhost"})
    with pytest.raises(ssl.SSLCertVerificationError):
        transport.connect()


def test_redis_is_no_stranger() -> None:
    connection: Any = SSLConnection(host="cache.example")
    assert (connection.cert_reqs, connection.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a gunicorn with our settings of it, in front of the smallest application."""
    folder = tmp_path_factory.mktemp("web")
    (folder / "smallest.py").write_text(
        "def application(environ, start_response):\n"
        "    body = environ['wsgi.input'].read()\n"
        "    start_response('200 OK', [('Content-Length', str(len(body)))])\n"
        "    return [body]\n"
    )
    port = free_port()
    command = [
        program("gunicorn"),
        "smallest:application",
        *("--config", "python:gaap_site.web_server", "--bind", f"127.0.0.1:{port}", "--workers", "1"),
    ]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{python_path(ROOT)}:{folder}"}
    with Program(command, environ=environ, log=folder / "log", cwd=folder) as running:
        wait_until(lambda: listens(port), seconds=30, what="listening", program=running)
        yield port


def answers_to(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        return b"".join(iter(lambda: connection.recv(4096), b""))


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" + SMUGGLED,
        HEAD + b"Content-Length: +5\r\n\r\nhello" + SMUGGLED,
        HEAD + b"Content-Length : 5\r\n\r\nhello" + SMUGGLED,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\rhello\r\n0\r\n\r\n" + SMUGGLED,
    ],
    ids=["both", "both-reversed", "two-lengths", "signed-length", "space", "unknown-coding", "bare-cr"],
)
def test_a_message_without_one_clear_end_is_refused(web: int, request_bytes: bytes) -> None:
    answer = answers_to(web, request_bytes)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert answer.count(b"HTTP/1.") == 1


def test_a_clear_message_is_answered(web: int) -> None:
    assert answers_to(web, HEAD + b"Content-Length: 5\r\n\r\nhello").endswith(b"\r\n\r\nhello")
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    assert answers_to(web, chunked).endswith(b"\r\n\r\nhello")
