"""A connection that is not asked before each request whether it still answers, and keeps statements ready."""

import select
import sys
import time
from collections.abc import Sequence
from typing import Any

from django.db import NotSupportedError
from django.db.backends.postgresql import base, operations
from psycopg import Cursor

#: How long a connection is trusted on which nothing speaks against it. A server that is gone without a word is
#: noticed after this, or by the first statement.
TRUSTED_SECONDS = 5.0


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own; a statement that the server keeps ready is told too, where statements are logged or counted."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """Return the statement as it was sent, or as it would have been sent with its values in its text."""
        return super().last_executed_query(cursor, sql, params) or str(self.compose_sql(sql, params))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with health checks that cost a round trip only when there is a reason for one.

    Django asks ``SELECT 1`` at the first statement of every request (``CONN_HEALTH_CHECKS``). A server that restarts
    or ends a connection says so, and the socket has something to read although nothing was asked: looking for that is
    enough most of the time.
    """

    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without trust."""
        super().__init__(*args, **kwargs)
        self._trusted_until = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; what has just been opened is trusted."""
        connection = super().get_new_connection(conn_params)
        if self.settings_dict.get("PREPARES_STATEMENTS", True):
            # Without a number the driver prepares nothing, not even what it is asked to; nothing else comes so often.
            connection.prepare_threshold = sys.maxsize
        self._trusted_until = time.monotonic() + TRUSTED_SECONDS
        return connection

    def preparing_cursor(self) -> Any:
        """Return a cursor for statements that come again and again; for those that read, see ``read_prepared``."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(_PreparingCursor(self.connection))  # type: ignore[attr-defined]

    def read_prepared(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return every row of a question that comes again and again.

        Once a migration has changed the type of one of its columns, the server refuses what it keeps for as long as the
        connection lives. So within a transaction, which would be lost with it, the server keeps no questions; outside
        of one a new connection is asked once more.
        """
        if self.in_atomic_block:
            return self._fetch(self.cursor(), sql, values)
        try:
            return self._fetch(self.preparing_cursor(), sql, values)
        except NotSupportedError:
            self.close()
            return self._fetch(self.preparing_cursor(), sql, values)

    @staticmethod
    def _fetch(opened: Any, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with opened as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def is_usable(self) -> bool:
        """Tell whether the connection answers; asked only after an error, a sign of its end, or some seconds."""
        if not self.errors_occurred and time.monotonic() < self._trusted_until and _is_silent(self.connection):
            return True
        is_usable = super().is_usable()
        if is_usable:
            self._trusted_until = time.monotonic() + TRUSTED_SECONDS
        return is_usable


class _PreparingCursor(Cursor[Any]):
    """Has the server read and plan each statement once for a connection; values go beside it and not into its text."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> "_PreparingCursor":
        super().execute(query, params, prepare=True)
        return self


def _is_silent(connection: Any) -> bool:
    """Tell whether the connection is open and its socket has nothing to read."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
