"""In-process subscribers: functions that want to know when something happened."""

from collections import defaultdict
from collections.abc import Callable

from gaap.outbox.models import OutboxEvent

Subscriber = Callable[[OutboxEvent], None]

_subscribers: dict[str, list[Subscriber]] = defaultdict(list)


def subscribe(name: str) -> Callable[[Subscriber], Subscriber]:
    """Decorate a function so that it is called with every event called ``name``.

    It is called at least once for each event, in the relay's transaction: it works on the database alone, remembers
    by the event's id what it saw, and wakes a task for anything that reaches outside.
    """

    def add(subscriber: Subscriber) -> Subscriber:
        if subscriber not in _subscribers[name]:
            _subscribers[name].append(subscriber)
        return subscriber

    return add


def subscribers_of(name: str) -> tuple[Subscriber, ...]:
    """Return the functions that want events called ``name``."""
    return tuple(_subscribers.get(name, ()))
