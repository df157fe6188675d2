"""The one place that logs and counts security events.

Each is one line of the logger ``gaap.security`` and one count for Prometheus. Nothing typed, no address, number, name,
code, key or token stands in either: people and keys are named by their ids, places by the pattern of their route.
"""

import logging
from collections.abc import Mapping

from prometheus_client import Counter

from gaap.actors import Actor
from gaap.observing.registry import REGISTRY

logger = logging.getLogger("gaap.security")

#: Every event and what it tells; ``docs/security/decisions.md`` lists them, and a test holds the two together.
EVENTS: Mapping[str, str] = {
    "sign_in_succeeded": "somebody signed in",
    "sign_in_failed": "a password, a code, a passkey or a recovery code was wrong",
    "sign_in_locked": "there were too many wrong ones, and none is taken for a while",
    "session_ended": "a session of staff reached one of its limits",
    "access_refused": "somebody asked for what they may not have, or did not say who they are",
    "object_unknown": "a key asked for something that its service does not have",
    "limit_reached": "somebody asked more often than they may",
    "form_refused": "a form came without the token that its page gave it",
    "provider_event_refused": "what came in a provider's name was not signed by it",
    "address_refused": "the suite was to call an address that it may not call",
}

SECURITY_EVENTS = Counter("gaap_security_events", "Security events, by what happened.", ["event"], registry=REGISTRY)


def note_security_event(event: str, *, by: Actor | None = None, **facts: str | int) -> None:
    """Log and count one of ``EVENTS``; raises KeyError for another.

    ``facts`` are ids, patterns, kinds and numbers, and never anything that a person typed.
    """
    meaning = EVENTS[event]
    SECURITY_EVENTS.labels(event).inc()
    told = {"by": f"{by.kind}:{by.id}" if by else "unknown", **facts}
    words = " ".join(f"{name}={value}" for name, value in told.items())
    logger.info("%s (%s): %s", event, meaning, words, extra={"security": {"event": event, **told}})
