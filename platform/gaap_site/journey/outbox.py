"""Reading the local outbox as a citizen reads their mail and their phone."""

import re
import time
from dataclasses import dataclass

import httpx

from gaap_site.journey.report import JourneyError

PATIENCE_SECONDS = 20.0
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True)
class Message:
    """An email or a text that was sent."""

    id: str
    type: str
    to: str
    subject: str
    body: str
    html: str

    @property
    def code(self) -> str:
        """The six digits in it; raises JourneyError when there are none."""
        found = CODE.search(self.body)
        if found is None:
            raise JourneyError(f"The {self.type} to {self.to} holds no code of six digits.")
        return found[0]


class Outbox:
    """The outbox of the instance at ``base_url``; remembers which messages were taken."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}outbox.json"
        self._taken: set[str] = set()

    def sent_to(self, *recipients: str) -> list[Message]:
        """Return the messages to these recipients, newest first."""
        answer = httpx.get(self._url, timeout=10, trust_env=False)
        answer.raise_for_status()
        wanted = {_plain(recipient) for recipient in recipients}
        messages = [_message(entry) for entry in answer.json()["messages"]]
        return [message for message in messages if _plain(message.to) in wanted]

    def take(self, *recipients: str, containing: str = "") -> Message:
        """Wait for a message to one of ``recipients`` that was not taken before and holds a text.

        Raises JourneyError when none arrives.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for message in self.sent_to(*recipients):
                if message.id not in self._taken and containing in f"{message.subject}\n{message.body}":
                    self._taken.add(message.id)
                    return message
            time.sleep(0.1)
        raise JourneyError(f"No message with {containing!r} arrived for {' or '.join(recipients)}.")


def _message(entry: dict[str, str | None]) -> Message:
    texts = {key: entry.get(key) or "" for key in ("id", "type", "to", "subject", "body", "html")}
    return Message(**texts)


def _plain(recipient: str) -> str:
    """Return a recipient so that two ways of writing the same one are equal."""
    return recipient.lower() if "@" in recipient else re.sub(r"\D", "", recipient).lstrip("0")
