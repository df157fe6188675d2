"""Payments as a Django app, and what it hands in to the site."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.components import ComponentConfig, ConsolePage, Cookie, EventType, Every
from gaap.limits.bucket import RateLimit
from gaap_payments.public import EVENTS


class PaymentsConfig(ComponentConfig):
    """What payments hands in."""

    name = "gaap_payments"
    label = "gaap_payments"
    verbose_name = _("Payments")
    urls: ClassVar[tuple[str, ...]] = ("gaap_payments.api.v1.urls", "gaap_payments.web.urls")
    scopes: ClassVar[tuple[str, ...]] = (
        "payments:create",
        "payments:read",
        "payments:cancel",
        "payments:capture",
        "payments:refund",
        "payments:agreements",
    )
    rate_limits: ClassVar[tuple[RateLimit, ...]] = (  # contract A.3
        RateLimit("payments-create", _("Creating payments"), calls=15, seconds=1),
        RateLimit("payments-capture", _("Capturing payments"), calls=15, seconds=1),
        RateLimit("payments-write", _("Every other change of payments"), calls=15, seconds=1),
        RateLimit("payments-read", _("Reading payments"), calls=75, seconds=1),
    )
    events: ClassVar[tuple[EventType, ...]] = EVENTS
    busy_answers: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("/v1/payments", "/v1/refunds", "/v1/disputes", "/v1/agreements", "/v1/auth", "/v1/directdebit"),
        "gaap_payments.api.v1.errors.busy",
    )
    status_title: ClassVar[str | Promise] = _("Paying")
    task_routes: ClassVar[Mapping[str, str]] = {"gaap_payments.tasks.*": "payments"}
    schedule: ClassVar[Mapping[str, Every]] = {
        "gaap_payments.tasks.sweep_payments": Every(seconds=10),
        "gaap_payments.tasks.sweep_refunds": Every(seconds=10),
        "gaap_payments.tasks.sweep_provider_events": Every(seconds=10),
        "gaap_payments.tasks.sweep_sandbox_events": Every(seconds=10),
        "gaap_payments.tasks.sweep_direct_debits": Every(seconds=60),
        "gaap_payments.tasks.sweep_receipts": Every(seconds=60),
        "gaap_payments.tasks.sweep_evidence": Every(seconds=60),
        "gaap_payments.tasks.reconcile_accounts": Every(seconds=86_400),
        "gaap_payments.tasks.purge_payment_tokens": Every(seconds=3600),
        "gaap_payments.tasks.fold_payment_counts": Every(seconds=60),
    }
    provision: ClassVar[tuple[str, str] | None] = ("payments", "gaap_payments.provision")
    console_urls: ClassVar[tuple[str, ...]] = ("gaap_payments.console.urls",)
    console_pages: ClassVar[tuple[ConsolePage, ...]] = (
        ConsolePage(_("Transactions"), "payments-console-transactions"),
        ConsolePage(_("Refunds to approve"), "payments-console-refund-requests", "caseworker"),
        ConsolePage(_("Agreements"), "payments-console-agreements"),
        ConsolePage(_("Disputes"), "payments-console-disputes"),
        ConsolePage(_("Payouts"), "payments-console-payouts"),
        ConsolePage(_("Finance"), "payments-console-finance"),
        ConsolePage(_("Payment links"), "payments-console-links"),
        ConsolePage(_("Payment webhooks"), "payments-console-webhooks", "developer"),
        ConsolePage(_("Payment settings"), "payments-console-settings", "admin"),
    )
    console_home_urls: ClassVar[tuple[str, ...]] = ("gaap_payments.console.home_urls",)
    console_home_pages: ClassVar[tuple[tuple[str | Promise, str], ...]] = (
        (_("Transactions of all your services"), "payments-console-all-transactions"),
    )
    provision_export: ClassVar[str] = "gaap_payments.provision_export.export"
    contributions: ClassVar[str] = "gaap_payments.console.contributions.PaymentsContributions"
    data_protection: ClassVar[str] = "gaap_payments.privacy.PaymentsDataProtection"
    cookies: ClassVar[tuple[Cookie, ...]] = (
        Cookie("gaap_payments", _("Remembers the payments you began in this browser"), 24 * 60 * 60),
    )
    verifications: ClassVar[tuple[str, ...]] = ("verify_ledger",)
    subscribers: ClassVar[tuple[str, ...]] = (
        "gaap_payments.tasks",
        "gaap_payments.api.v1.webhook_messages",
    )

    def ready(self) -> None:
        """Find the providers and register the system checks."""
        super().ready()
        from gaap_payments import checks  # noqa: F401
        from gaap_payments.providers import registry

        registry.discover()
