"""HTTP servers of tests: on a free port of loopback, for a block, and gone afterwards."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

#: Seconds between two looks whether the server is to stop.
LOOKS_EVERY = 0.02


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that keeps connections and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def read_body(self) -> bytes:
        """Return what the caller sent."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def send(self, status: int, content: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        """Answer with the content."""
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def send_json(self, status: int, document: Any, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Answer with the document."""
        self.send(status, json.dumps(document).encode(), (("Content-Type", "application/json"), *headers))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *args: object) -> None:
        """Say nothing of callers that hung up."""


@contextmanager
def serve(handler: type[BaseHTTPRequestHandler], *, port: int = 0, **facts: object) -> Iterator[str]:
    """Serve with handlers of that class, which have these facts as attributes; yield ``http://127.0.0.1:PORT``."""
    server = _Server(("127.0.0.1", port), type(handler.__name__, (handler,), facts))
    thread = Thread(target=server.serve_forever, args=(LOOKS_EVERY,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
