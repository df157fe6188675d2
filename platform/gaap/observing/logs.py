"""Lines of log: each with its request's id, as text for people or as JSON for machines, and without stored values."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from gaap.observing.request_ids import request_id

#: PostgreSQL tells in DETAIL which values broke a constraint, or the whole row that did.
VALUES = re.compile(
    r"^DETAIL:.*?(?=\n(?:CONTEXT|HINT|LOCATION):|\n\n(?:The above exception|During handling)|\Z)", re.M | re.S
)


def without_values(text: str) -> str:
    """Return a text about an error without what the database tells of the row that it refused."""
    return VALUES.sub("DETAIL: (withheld)", text)


class RequestIdFilter(logging.Filter):
    """Puts the id of the request on every line as ``request_id``; a dash outside one. It lets every line through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id."""
        record.request_id = request_id() or "-"
        return True


class LineFormatter(logging.Formatter):
    """One line of text for people, with the error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text."""
        return without_values(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``at`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, ``request_id``, ``error``.

    A security event (``gaap.security.events``) adds its parts as ``security``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without the line break."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_values(record.getMessage()),
            "request_id": getattr(record, "request_id", "-"),
        }
        if hasattr(record, "security"):
            line["security"] = record.security
        if record.exc_info:
            line["error"] = without_values(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
