"""The console as a Django app of its own, so that a deployment may leave it out."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from gaap.components import ComponentConfig, EventType, Every, HomeLink
from gaap.console.events import EVENTS


class ConsoleConfig(ComponentConfig):
    """What the console hands to the site."""

    name = "gaap.console"
    label = "gaap_console"
    verbose_name = _("Console")
    urls: ClassVar[tuple[str, ...]] = ("gaap.console.urls",)
    events: ClassVar[tuple[EventType, ...]] = EVENTS
    task_routes: ClassVar[Mapping[str, str]] = {"gaap.console.*": "console.email"}
    schedule: ClassVar[Mapping[str, Every]] = {
        "gaap.console.tasks.sweep_emails": Every(seconds=30),
        "gaap.console.reminders.warn_of_expiring_keys": Every(seconds=3600),
    }
    home_links: ClassVar[tuple[HomeLink, ...]] = (HomeLink(_("Console for service teams"), "/console"),)
    contributions: ClassVar[str] = "gaap.console.contributions.ConsoleContributions"
    data_protection: ClassVar[str] = "gaap.console.privacy.ConsoleDataProtection"
    subscribers: ClassVar[tuple[str, ...]] = (
        *("gaap.console.tasks", "gaap.console.reminders"),
        *("gaap.console.checks", "gaap.console.signals"),
    )
