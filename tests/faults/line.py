"""A line between the suite and one of its servers, which can be cut or fall silent.

Cut, it looks to its callers as a server that restarts does. Silent, it looks as a network that loses every packet:
connections stay, and nothing arrives.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

BLOCK_BYTES = 65536


class Line:
    """Forwards every connection to the server at an address with a port; ``url`` is the address at this end."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        login, _, _ = parts.netloc.rpartition("@")
        place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = parts._replace(netloc=f"{login}@{place}" if login else place).geturl()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """End every connection, and take no new one within the block."""
        self._is_cut = True
        self._hang_up()
        try:
            yield
        finally:
            self._is_cut = False

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let nothing through within the block; what was sent meanwhile arrives afterwards."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    def serve(self) -> None:
        """Take connections until the line is closed."""
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                caller.close()
                continue
            self._connect(caller)

    def close(self) -> None:
        """Take no more connections and end those there are."""
        self._flows.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def _connect(self, caller: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except ConnectionRefusedError:
            caller.close()
            return
        with self._lock:
            self._open |= {caller, server}
        for source, target in ((caller, server), (server, caller)):
            threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                self._flows.wait()
                target.sendall(block)
        self._end(source, target)

    def _end(self, *ends: socket.socket) -> None:
        with self._lock:
            self._open -= set(ends)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _hang_up(self) -> None:
        with self._lock:
            ends = list(self._open)
        self._end(*ends)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """Lay a line to a server for the block."""
    line = Line(url)
    thread = threading.Thread(target=line.serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join()
