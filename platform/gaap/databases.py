"""What is the same whichever database there is: whether it can serve now, and where reports are read."""

from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections, models

Rows = TypeVar("Rows", bound="models.QuerySet[models.Model]")

#: The connection to a copy of the database that may only be read; not every installation has one.
REPLICA = "replica"


def is_unavailable(error: BaseException | None) -> bool:
    """Tell whether an error says that the database cannot serve now and may later.

    It is gone, restarts, is full, has no room for another connection, or a statement took longer than it may.
    """
    return isinstance(error, OperationalError | InterfaceError)


def for_reports(rows: Rows) -> Rows:
    """Return the rows as reports, exports and searches by people read them: from the replica where there is one.

    A replica lags behind by moments. What is read there is for showing, never for deciding or changing.
    """
    return rows.using(REPLICA) if REPLICA in connections.settings else rows
