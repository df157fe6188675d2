"""How a component joins a site.

Its AppConfig hands in what the site needs, and the site names it only in INSTALLED_APPS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar

from django.apps import AppConfig, apps
from django.utils.functional import Promise

from gaap.conf import conf
from gaap.limits.bucket import RateLimit
from gaap.partitions.declarations import Partitioned
from gaap.routing import FirstStepResolver


@dataclass(frozen=True)
class EventType:
    """An event that a component may emit.

    ``name`` is ``noun_past``; ``description`` tells a service team when it happens; ``schema`` (see
    ``gaap.events.schemas``) says what its data holds, and what is emitted is held to it.
    """

    name: str
    description: str
    schema: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Every:
    """A schedule entry: the task runs again after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Cookie:
    """A cookie that citizens' pages set: why, and how many seconds the browser keeps it (None: until it is closed)."""

    name: str
    purpose: str | Promise
    seconds: int | None


@dataclass(frozen=True)
class HomeLink:
    """A place worth showing on the front page of an instance. ``path`` begins with a slash."""

    title: str | Promise
    path: str
    embedded_only: bool = False


@dataclass(frozen=True)
class ConsolePage:
    """A component's entry in the console's navigation of a service.

    ``url_name`` is reversed with the service's id; ``role`` is the least ``Membership.Role`` that may see the page.
    """

    title: str | Promise
    url_name: str
    role: str = "viewer"


class ComponentConfig(AppConfig):
    """Base of every component's AppConfig; each attribute is what the component hands in."""

    default_auto_field = "django.db.models.BigAutoField"
    #: Not an app of its own: Django looks through each apps.py for the one class that is.
    default = False

    #: Urlconf modules included at the root of the host.
    urls: ClassVar[tuple[str, ...]] = ()
    #: Scopes that an API key may hold, e.g. ``notify:send``.
    scopes: ClassVar[tuple[str, ...]] = ()
    #: Limits on the calls of a service, each named by the views that it holds (see ``gaap.api.limits``).
    rate_limits: ClassVar[tuple[RateLimit, ...]] = ()
    #: Events that the component emits.
    events: ClassVar[tuple[EventType, ...]] = ()
    #: Celery task names (or globs) and the queue each goes to.
    task_routes: ClassVar[Mapping[str, str]] = {}
    #: Celery task names and how often they run.
    schedule: ClassVar[Mapping[str, Every]] = {}
    #: Name of the component's section in a provisioning file, and the module with its SCHEMA, check() and apply().
    provision: ClassVar[tuple[str, str] | None] = None
    #: Path of a function that returns a service's section of such a file, without secrets.
    provision_export: ClassVar[str] = ""
    #: Cookies of the component's own, for the page that names them all.
    cookies: ClassVar[tuple[Cookie, ...]] = ()
    #: Addresses, each with what lies below it, that are served first when there is more to do than can be done.
    priority_paths: ClassVar[tuple[str, ...]] = ()
    #: Addresses at which citizens come in, and the names in a query with which they are none: what such a request
    #: carries would run out while its citizen waits.
    entrances: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    #: Beginnings of API addresses, and the path of a function that returns the body of a 503 in their contract's shape.
    busy_answers: ClassVar[Mapping[str, str]] = {}
    #: What the public status page calls the component; without one it is not shown there.
    status_title: ClassVar[str | Promise] = ""
    #: Entries for the front page.
    home_links: ClassVar[tuple[HomeLink, ...]] = ()
    #: Urlconf modules included in the console below ``/console/services/<uuid:service_id>/``; their patterns begin with
    #: the component's own word (``notify/templates``) and their views carry ``gaap.console.access.service_page``.
    console_urls: ClassVar[tuple[str, ...]] = ()
    #: The component's entries in the console's navigation.
    console_pages: ClassVar[tuple[ConsolePage, ...]] = ()
    #: Urlconf modules included in the console below ``/console/``, for pages over all services of a person; their
    #: patterns begin with the component's own word and their views carry ``gaap.console.access.console_page``.
    console_home_urls: ClassVar[tuple[str, ...]] = ()
    #: Entries beneath the list of a person's services: title and name of a page over all of them.
    console_home_pages: ClassVar[tuple[tuple[str | Promise, str], ...]] = ()
    #: Path of a ``gaap.contributions.Contributions``: snippets, usage, checks before going live, figures for operators.
    contributions: ClassVar[str] = ""
    #: Path of a ``gaap.privacy.declarations.DataProtection``: the personal data it keeps, and how that goes again.
    data_protection: ClassVar[str] = ""
    #: Management commands that prove what is stored, run after a backup was restored; each exits with 1 at a fault.
    verifications: ClassVar[tuple[str, ...]] = ()
    #: Tables that grow without end, and stand in one for each month on PostgreSQL.
    partitioned: ClassVar[tuple[Partitioned, ...]] = ()
    #: Path of a function that yields what a backup of the database leaves out, in sentences for whoever makes one.
    outside_backups: ClassVar[str] = ""
    #: Path of a Django mail backend that keeps on an embedded instance what would be sent elsewhere.
    local_mail: ClassVar[str] = ""
    #: Path of the page on which what ``local_mail`` keeps can be read; it begins with a slash.
    local_mail_page: ClassVar[str] = ""
    #: Modules imported when the apps are ready: subscribers and tasks that only registration makes known.
    subscribers: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let Django find a component by its package's name."""
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self) -> None:
        """Import the modules that register subscribers."""
        for module in self.subscribers:
            import_module(module)


def components() -> Iterator[ComponentConfig]:
    """Yield the kernel and every installed component, in the order of INSTALLED_APPS."""
    return iter(_components_of(tuple(apps.get_app_configs())))


@lru_cache(maxsize=1)
def _components_of(configs: tuple[AppConfig, ...]) -> tuple[ComponentConfig, ...]:
    return tuple(config for config in configs if isinstance(config, ComponentConfig))


def component_urls() -> list[FirstStepResolver]:
    """Return the URL patterns of every installed component, rooted at the host."""
    modules = [import_module(module) for component in components() for module in component.urls]
    return [FirstStepResolver([route for module in modules for route in module.urlpatterns])]


def known_scopes() -> frozenset[str]:
    """Return every scope that the installed components know."""
    return frozenset(scope for component in components() for scope in component.scopes)


def known_limits() -> dict[str, RateLimit]:
    """Return every declared limit on calls by name."""
    return dict(_limits_of(tuple(components())))


def known_events() -> Mapping[str, EventType]:
    """Return every declared event by name."""
    return _events_of(tuple(components()))


@lru_cache(maxsize=1)
def _limits_of(configs: tuple[ComponentConfig, ...]) -> Mapping[str, RateLimit]:
    return {limit.name: limit for config in configs for limit in config.rate_limits}


@lru_cache(maxsize=1)
def _events_of(configs: tuple[ComponentConfig, ...]) -> Mapping[str, EventType]:
    return {event.name: event for config in configs for event in config.events}


def local_mail_backend() -> str | None:
    """Return the mail backend that keeps emails on this embedded instance, or None to use Django's setting."""
    found = next((component.local_mail for component in components() if component.local_mail), None)
    return found if conf.is_embedded else None


def local_mail_page() -> str | None:
    """Return the path of the page on which this embedded instance's emails can be read, or None."""
    found = next((component.local_mail_page for component in components() if component.local_mail_page), None)
    return found if conf.is_embedded else None
