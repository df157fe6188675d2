"""The container's question to its own web process."""

from collections.abc import Iterator

import pytest

from gaap_site import health_probe
from tests.loopback import QuietHandler, serve
from tests.processes import free_port

HOST = "platform.example"


class OnlyUnderItsName(QuietHandler):
    """Lives at one path, and refuses other names than its own as Django does."""

    def do_GET(self) -> None:
        self.send(200 if (self.path, self.headers["Host"]) == ("/health/live", HOST) else 400)


@pytest.fixture
def port() -> Iterator[int]:
    with serve(OnlyUnderItsName) as address:
        yield int(address.rpartition(":")[2])


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
