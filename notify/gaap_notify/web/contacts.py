"""How people reach the service that sent them a file."""

import re
from dataclasses import dataclass

from gaap.organisations.models import Service
from gaap_notify.services.service_settings import settings_of

_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{4,}")


@dataclass(frozen=True)
class Contact:
    """What a page shows; ``url`` is empty when the text is none that a browser can follow."""

    text: str
    url: str


def contact_of(service: Service) -> Contact:
    """Return where the service can be reached: a web address, an email address, a number, or words."""
    text = settings_of(service.pk).contact_details.strip()
    return Contact(text, _url(text))


def _url(text: str) -> str:
    if text.startswith(("https://", "http://")):
        return text
    if re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        return f"mailto:{text}"
    return "tel:" + re.sub(r"[^0-9+]", "", text) if _NUMBER.fullmatch(text) else ""
