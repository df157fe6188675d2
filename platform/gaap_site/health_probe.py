"""Asks the web process on this machine whether it lives: ``python -m gaap_site.health_probe``.

For the health check of a container, in the standard library so that it starts quickly. The request carries the public
host name, since the web process refuses every name that is not its own.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0


def is_alive(port: int, host: str) -> bool:
    """Say whether what listens on ``port`` of this machine answers 200 for ``/health/live`` under the name ``host``."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health/live", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Return the exit code: 0 when it lives, 1 when not."""
    public = urlsplit(os.environ.get("GAAP_BASE_URL", "http://127.0.0.1:8000/"))
    port = int(os.environ.get("GAAP_PORT", "8000"))
    return 0 if is_alive(port, public.hostname or "127.0.0.1") else 1


if __name__ == "__main__":
    sys.exit(main())
