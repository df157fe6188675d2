"""The container's question to its own web process."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from gaap_site import health_probe
from tests.processes import free_port

HOST = "platform.example"


class OnlyUnderItsName(BaseHTTPRequestHandler):
    """Lives at one path, and refuses other names than its own as Django does."""

    def do_GET(self) -> None:
        self.send_response(200 if (self.path, self.headers["Host"]) == ("/health/live", HOST) else 400)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Print nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), OnlyUnderItsName)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_lives_under_its_public_name(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAAP_BASE_URL", f"https://{HOST}/")
    monkeypatch.setenv("GAAP_PORT", str(port))
    assert health_probe.main() == 0


def test_does_not_live_when_it_answers_anything_else(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAAP_BASE_URL", "https://other.example/")
    monkeypatch.setenv("GAAP_PORT", str(port))
    assert health_probe.main() == 1


def test_does_not_live_when_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAAP_PORT", str(free_port()))
    assert health_probe.main() == 1
