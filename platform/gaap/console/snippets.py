"""Pieces of code that already carry the key, from every component."""

from django.utils.translation import gettext as _

from gaap.conf import conf
from gaap.contributions import Snippet, contributions
from gaap.organisations.models import Service

PLACEHOLDER = "YOUR_API_KEY"
READ_EVENTS = """\
curl -sS "{base_url}/v1/events" \\
  -H "Authorization: Bearer {key}\""""


def snippets_for(service: Service, *, key: str = PLACEHOLDER) -> list[Snippet]:
    """Return the first calls that ``service`` can make; without a key its place is named."""
    base_url = conf.base_url.rstrip("/")
    found = [
        snippet
        for contribution in contributions()
        for snippet in contribution.snippets(service, key=key, base_url=base_url)
    ]
    events = READ_EVENTS.format(key=key, base_url=base_url)
    return [*found, Snippet(_("See what has happened (curl)"), "sh", events)]
