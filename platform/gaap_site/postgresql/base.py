"""A connection that is not asked before each request whether it still answers, and takes values beside statements."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Cursor

#: How long a connection is trusted on which nothing speaks against it. A server that is gone without a word is
#: noticed after this, or by the first statement.
TRUSTED_SECONDS = 5.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with health checks that cost a round trip only when there is a reason for one.

    Django asks ``SELECT 1`` at the first statement of every request (``CONN_HEALTH_CHECKS``). A server that restarts
    or ends a connection says so, and the socket has something to read although nothing was asked: looking for that is
    enough most of the time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without trust."""
        super().__init__(*args, **kwargs)
        self._trusted_until = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; what has just been opened is trusted."""
        connection = super().get_new_connection(conn_params)
        self._trusted_until = time.monotonic() + TRUSTED_SECONDS
        return connection

    def binding_cursor(self) -> Any:
        """Return a cursor that sends values beside the statement: quoting dozens into its text takes longer."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(Cursor(self.connection))  # type: ignore[attr-defined]

    def is_usable(self) -> bool:
        """Tell whether the connection answers; asked only after an error, a sign of its end, or some seconds."""
        if not self.errors_occurred and time.monotonic() < self._trusted_until and _is_silent(self.connection):
            return True
        is_usable = super().is_usable()
        if is_usable:
            self._trusted_until = time.monotonic() + TRUSTED_SECONDS
        return is_usable


def _is_silent(connection: Any) -> bool:
    """Tell whether the connection is open and its socket has nothing to read."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
