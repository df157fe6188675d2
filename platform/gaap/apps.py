"""The kernel as a Django app."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.components import ComponentConfig, Cookie, EventType, Every, HomeLink
from gaap.limits.bucket import RateLimit
from gaap.observing.otlp import begin_telling
from gaap.partitions.declarations import Partitioned
from gaap.webhooks.events import EVENTS


class GaapConfig(ComponentConfig):
    """What the kernel itself hands in."""

    name = "gaap"
    label = "gaap"
    verbose_name = _("Platform")
    urls: ClassVar[tuple[str, ...]] = (
        *("gaap.theme.urls", "gaap.api.urls", "gaap.events.urls", "gaap.webhooks.api.urls"),
        "gaap.security.urls",
    )
    scopes: ClassVar[tuple[str, ...]] = ("events:read", "webhooks:read", "webhooks:write")
    rate_limits: ClassVar[tuple[RateLimit, ...]] = (
        RateLimit(
            "platform-read", _("Reading events and webhooks"), calls=3000, seconds=60, burst=lambda calls: calls // 3
        ),
        RateLimit("platform-write", _("Changing webhooks"), calls=600, seconds=60, burst=lambda calls: calls // 3),
    )
    events: ClassVar[tuple[EventType, ...]] = EVENTS
    task_routes: ClassVar[Mapping[str, str]] = {
        "gaap.tasks.*": "gaap.events",
        "gaap.webhooks.tasks.send_waiting": "gaap.webhooks",
        "gaap.webhooks.tasks.send_waiting_slowly": "gaap.webhooks.slow",
        "gaap.webhooks.tasks.sweep_deliveries": "gaap.events",
    }
    schedule: ClassVar[Mapping[str, Every]] = {
        "gaap.tasks.relay_events": Every(seconds=5),
        "gaap.webhooks.tasks.sweep_deliveries": Every(seconds=5),
        "gaap.tasks.purge_personal_data": Every(seconds=900),
        "gaap.tasks.seal_audit": Every(seconds=10),
        "gaap.tasks.sweep_stored_answers": Every(seconds=600),
        "gaap.tasks.look_after_months": Every(seconds=300),
    }
    status_title: ClassVar[str | Promise] = _("Console, events and webhooks")
    contributions: ClassVar[str] = "gaap.surge.numbers.KernelContributions"
    cookies: ClassVar[tuple[Cookie, ...]] = (
        Cookie("gaap_queue", _("Keeps your place when very many people want to come in"), None),
    )
    data_protection: ClassVar[str] = "gaap.privacy.kernel.KernelDataProtection"
    verifications: ClassVar[tuple[str, ...]] = ("verify_audit",)
    partitioned: ClassVar[tuple[Partitioned, ...]] = (
        Partitioned("gaap.OutboxEvent", may_go="gaap.events.retention.may_drop_events"),
        Partitioned("gaap.AuditEvent", is_kept=True),
        Partitioned("gaap.DeliveryAttempt"),
        Partitioned("gaap.Delivery"),
    )
    subscribers: ClassVar[tuple[str, ...]] = (
        "gaap.keys.schema",
        "gaap.webhooks.services.queueing",
        "gaap.overload.admission",
    )
    home_links: ClassVar[tuple[HomeLink, ...]] = (
        HomeLink(_("Developer documentation"), "/docs/"),
        HomeLink(_("Administration"), "/admin/", embedded_only=True),
    )

    def ready(self) -> None:
        """Register the kernel's system checks."""
        super().ready()
        from gaap import checks, inner_checks, production_checks  # noqa: F401
        from gaap.operators import checks as operator_checks  # noqa: F401
        from gaap.theme import checks as theme_checks  # noqa: F401

        begin_telling()
