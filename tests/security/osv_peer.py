"""A service that speaks OSV's API on loopback: knows what it is told, and can be blind, short or broken."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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


@contextmanager
def running_peer() -> Iterator[OsvPeer]:
    """Run one on a free port of loopback."""
    peer = OsvPeer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = peer.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(peer.status if self.path == "/v1/querybatch" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
