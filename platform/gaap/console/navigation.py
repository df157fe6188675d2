"""The groups of a service's navigation: the overview, one for every component, and what is the service's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gaap.components import ConsolePage, components
from gaap.console.access import ServiceRequest
from gaap.organisations.models import Membership

Role = Membership.Role

OVERVIEW = ConsolePage(_("Overview"), "gaap-console-service")
OWN = (
    ConsolePage(_("Events"), "gaap-console-events"),
    ConsolePage(_("Usage"), "gaap-console-usage"),
    ConsolePage(_("API keys"), "gaap-console-keys", Role.DEVELOPER),
    ConsolePage(_("Webhooks"), "gaap-console-webhooks", Role.DEVELOPER),
    ConsolePage(_("Team"), "gaap-console-members"),
    ConsolePage(_("Settings"), "gaap-console-settings", Role.ADMIN),
    ConsolePage(_("Go live"), "gaap-console-go-live", Role.ADMIN),
    ConsolePage(_("History"), "gaap-console-history", Role.ADMIN),
)


@dataclass(frozen=True)
class Entry:
    """One line of the navigation."""

    title: str | Promise
    href: str
    is_current: bool


@dataclass(frozen=True)
class Group:
    """The entries that belong together; ``title`` is empty where they need none."""

    title: str | Promise
    entries: Sequence[Entry]


def navigation(request: ServiceRequest) -> Iterator[Group]:
    """Yield the groups that hold something the person may open, the entry that is open marked."""
    for title, pages in _groups():
        entries = [_entry(page, request) for page in pages if request.membership.includes(page.role)]
        if entries:
            yield Group(title, entries)


def _groups() -> Iterator[tuple[str | Promise, Sequence[ConsolePage]]]:
    yield "", (OVERVIEW,)
    for component in components():
        yield component.verbose_name, component.console_pages
    yield pgettext_lazy("console", "Service"), OWN


def _entry(page: ConsolePage, request: ServiceRequest) -> Entry:
    href = reverse(page.url_name, args=[request.service.pk])
    is_current = request.path == href or (page is not OVERVIEW and request.path.startswith(f"{href}/"))
    return Entry(page.title, href, is_current=is_current)
