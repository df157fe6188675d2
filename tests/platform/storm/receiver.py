"""A process that receives webhooks until it is killed: ``python receiver.py PORT FILE SECRET``.

It writes down each event that verifies, and only then answers; now and then it answers that it failed although it did
not, or not at all in time.
"""

import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

PORT, FILE, SECRET = int(sys.argv[1]), sys.argv[2], sys.argv[3]
STATUSES = [204] * 46 + [500, 429, 503]
SLEEPS = [0.0] * 299 + [1.5]


class Handler(BaseHTTPRequestHandler):
    """Verifies, writes down, answers."""

    def do_POST(self) -> None:
        """Take one event."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = Webhook(SECRET).verify(body, dict(self.headers))
        with open(FILE, "a", encoding="ascii") as file:
            file.write(f"{event['id']} {event['sequence']} {event['subject']}\n")
        time.sleep(random.choice(SLEEPS))
        self.send_response(random.choice(STATUSES))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Listens again at once after its predecessor was killed."""

    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """Say nothing of callers that were killed."""


Server(("127.0.0.1", PORT), Handler).serve_forever()
