"""A clamd on loopback that knows one virus and INSTREAM of its protocol (ClamAV manual)."""

import socket
import struct
import threading
from contextlib import contextmanager, suppress

#: What the peer takes for a virus.
VIRUS = b"EICAR"


class Scanner(threading.Thread):
    """Looks at one file after the other; ``seen`` holds what it was given.

    ``answer`` is said instead of a verdict; while ``hangs`` is set, the peer takes files and says nothing.
    """

    def __init__(self, timeout):
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.options = {"host": "127.0.0.1", "port": self.server.getsockname()[1], "timeout": timeout}
        self.answer = None
        self.hangs = False
        self.seen = []
        self._stopped = threading.Event()

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                data = b"".join(iter(lambda: stream.read(struct.unpack("!I", stream.read(4))[0]), b""))
                self.seen.append(data)
                if self.hangs:
                    self._stopped.wait()
                    return
                connection.sendall(b"stream: " + (_verdict(data) if self.answer is None else self.answer) + b"\0")

    def stop(self):
        """Refuse connections from now on."""
        self._stopped.set()
        with suppress(OSError):
            # Closing alone leaves the accept that waits in place, and it would take one more caller.
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.join(1)


def _verdict(data):
    return b"Eicar-Test-Signature FOUND" if VIRUS in data else b"OK"


@contextmanager
def clamd_peer(*, timeout=5):
    """Yield a running Scanner; ``timeout`` is how many seconds its callers wait, as its ``options`` say."""
    scanner = Scanner(timeout)
    scanner.start()
    try:
        yield scanner
    finally:
        scanner.stop()
