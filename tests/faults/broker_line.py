"""The line between the suite and its broker, which can be cut: a broker that restarts looks so to its callers."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

BLOCK_BYTES = 65536


class BrokerLine:
    """Forwards every connection to the broker, and none while it is cut."""

    def __init__(self, broker_url: str) -> None:
        parts = urlsplit(broker_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
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
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def _connect(self, caller: socket.socket) -> None:
        broker = socket.create_connection(self._target)
        with self._lock:
            self._open |= {caller, broker}
        for source, target in ((caller, broker), (broker, caller)):
            threading.Thread(target=self._forward, args=(source, target), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
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
def broker_line(broker_url: str) -> Iterator[BrokerLine]:
    """Lay a line to the broker for the block."""
    line = BrokerLine(broker_url)
    thread = threading.Thread(target=line.serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join()
