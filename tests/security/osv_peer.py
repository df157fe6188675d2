"""A service that speaks OSV's API on loopback: knows what it is told, and can be blind, short or broken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.loopback import QuietHandler, serve


class OsvPeer:
    """Answers ``POST /v1/querybatch`` by name and version."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], list[str]] = {("jinja2", "2.4.1"): ["PYSEC-2014-8"]}
        self.asked: list[tuple[str, str]] = []
        self.status = 200
        self.leaves_out = 0
        self.pages = False
        self.raw: bytes | None = None
        self.url = ""

    def answer(self, body: bytes) -> bytes:
        """Return what is known of each query, in order."""
        if self.raw is not None:
            return self.raw
        asked = [(query["package"]["name"], query["version"]) for query in json.loads(body)["queries"]]
        self.asked += asked
        results = [self._result(self.known.get(one, [])) for one in asked]
        return json.dumps({"results": results[: len(results) - self.leaves_out]}).encode()

    def _result(self, advisories: list[str]) -> dict[str, Any]:
        result: dict[str, Any] = {"vulns": [{"id": advisory} for advisory in advisories]} if advisories else {}
        return {**result, "next_page_token": "more"} if self.pages else result


class _Handler(QuietHandler):
    peer: OsvPeer

    def do_POST(self) -> None:
        answer = self.peer.answer(self.read_body())
        self.send(self.peer.status if self.path == "/v1/querybatch" else 404, answer)


@contextmanager
def running_peer() -> Iterator[OsvPeer]:
    """Run one on a free port of loopback."""
    peer = OsvPeer()
    with serve(_Handler, peer=peer) as peer.url:
        yield peer
