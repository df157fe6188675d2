"""Times on the wire."""

from datetime import UTC, datetime


def show_time(moment: datetime | None) -> str | None:
    """Return a time as the contract writes it: UTC with six digits of a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None
