"""Notify as a Django app."""

from collections.abc import Mapping
from math import ceil
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.components import ComponentConfig, ConsolePage, Cookie, EventType, Every, HomeLink
from gaap.events.schemas import TEXT, UUID, WHOLE_NUMBER, data_schema, nullable, one_of
from gaap.limits.bucket import RateLimit


def _event(name: str, description: str, *statuses: str) -> EventType:
    """Return an event of a message: nothing of its recipient, nothing of its words."""
    schema = data_schema(
        type=TEXT,
        reference=nullable(TEXT),
        template_id=UUID,
        template_version=WHOLE_NUMBER,
        status=one_of(*statuses),
    )
    return EventType(name, description, schema)


def _burst(calls: int) -> int:
    """Return how many of the ``calls`` per minute may come at once (spec A.12)."""
    return min(ceil(calls / 3) + 1, 1000)


def _job_event(name: str, description: str, status: str) -> EventType:
    return EventType(name, description, data_schema(status=one_of(status)))


class NotifyConfig(ComponentConfig):
    """What Notify hands to the site."""

    name = "gaap_notify"
    label = "gaap_notify"
    verbose_name = _("Notify")
    urls: ClassVar[tuple[str, ...]] = ("gaap_notify.api.v2.urls", "gaap_notify.incoming", "gaap_notify.web.urls")
    scopes: ClassVar[tuple[str, ...]] = ("notify:send", "notify:read")
    rate_limits: ClassVar[tuple[RateLimit, ...]] = (
        RateLimit("notify-send", _("Sending messages"), calls=3000, seconds=60, burst=_burst),
        RateLimit("notify-read", _("Reading messages and templates"), calls=3000, seconds=60, burst=_burst),
    )
    events: ClassVar[tuple[EventType, ...]] = (
        _event("notification_created", "A message was accepted for sending.", "created", "pending-virus-check"),
        _event("notification_sent", "The provider has taken the message.", "sending", "sent"),
        _event("notification_delayed", "The provider keeps trying to reach the recipient.", "pending"),
        _event("notification_delivered", "The message has reached the recipient.", "delivered"),
        _event(
            "notification_failed",
            "The message cannot be delivered; the status says why.",
            "temporary-failure",
            "permanent-failure",
            "technical-failure",
            "virus-scan-failed",
            "validation-failed",
        ),
        _job_event("job_scheduled", "A spreadsheet of messages was accepted for later.", "scheduled"),
        _job_event("job_started", "Messages are made of a spreadsheet's rows.", "in progress"),
        _job_event("job_finished", "Every row of a spreadsheet has become a message.", "finished"),
        _job_event("job_cancelled", "The rest of a spreadsheet is not sent.", "cancelled"),
        EventType("text_received", "A text message was sent to a number of the service.", data_schema(id=UUID)),
        EventType("complaint_received", "A recipient complained about an email.", data_schema(id=TEXT)),
        EventType(
            "file_downloaded", "A file that was sent by email was fetched for the first time.", data_schema(id=UUID)
        ),
        EventType(
            "recipient_unsubscribed",
            "A recipient wants no more of the service's emails that have a link for unsubscribing.",
            data_schema(template_id=UUID),
        ),
        EventType("recipient_resubscribed", "A recipient wants these emails again.", data_schema(template_id=UUID)),
        _event("notification_checked", "A letter that came as a PDF can be printed.", "created"),
        _event("notification_cancelled", "A letter was taken back before it was printed.", "cancelled"),
        _event("notification_returned", "A letter came back undelivered.", "returned-letter"),
    )
    status_title: ClassVar[str | Promise] = _("Emails, texts and letters")
    task_routes: ClassVar[Mapping[str, str]] = {
        "gaap_notify.tasks.deliver_secret": "notify.priority",
        "gaap_notify.tasks.deliver": "notify.send",
        "gaap_notify.tasks.write_jobs": "notify.bulk",
        "gaap_notify.tasks.work_on_letter": "notify.letters",
        "gaap_notify.tasks.work_on_run": "notify.letters",
        "gaap_notify.tasks.print_letters": "notify.letters",
        "gaap_notify.tasks.collect_letter_reports": "notify.letters",
        "gaap_notify.tasks.*": "notify.receipts",
    }
    schedule: ClassVar[Mapping[str, Every]] = {
        "gaap_notify.tasks.sweep": Every(seconds=10),
        "gaap_notify.tasks.count": Every(seconds=60),
        "gaap_notify.tasks.balance_providers": Every(seconds=60),
        "gaap_notify.tasks.print_letters": Every(seconds=60),
        "gaap_notify.tasks.collect_letter_reports": Every(seconds=300),
    }
    provision: ClassVar[tuple[str, str] | None] = ("notify", "gaap_notify.provision")
    provision_export: ClassVar[str] = "gaap_notify.provision.exporting.export"
    cookies: ClassVar[tuple[Cookie, ...]] = (
        Cookie("gaap_file", _("Remembers that you confirmed the email address a file was sent to"), 60 * 60),
    )
    busy_answers: ClassVar[Mapping[str, str]] = {"/v2": "gaap_notify.api.v2.errors.busy"}
    home_links: ClassVar[tuple[HomeLink, ...]] = (
        HomeLink(_("Outbox: every email, text and letter that was sent"), "/outbox", embedded_only=True),
    )
    contributions: ClassVar[str] = "gaap_notify.console.contributions.NotifyContributions"
    data_protection: ClassVar[str] = "gaap_notify.privacy.NotifyDataProtection"
    outside_backups: ClassVar[str] = "gaap_notify.services.vault.outside_backups"
    local_mail: ClassVar[str] = "gaap_notify.services.local_mail.LocalMailBackend"
    local_mail_page: ClassVar[str] = "/outbox"
    subscribers: ClassVar[tuple[str, ...]] = (
        "gaap_notify.tasks",
        "gaap_notify.checks",
        "gaap_notify.services.callback_bodies",
    )
    console_urls: ClassVar[tuple[str, ...]] = ("gaap_notify.console.urls",)
    console_pages: ClassVar[tuple[ConsolePage, ...]] = (
        ConsolePage(_("Templates"), "notify-console-templates", "viewer"),
        ConsolePage(_("Messages"), "notify-console-messages", "caseworker"),
        ConsolePage(_("Spreadsheets"), "notify-console-jobs", "caseworker"),
        ConsolePage(_("PDF letters"), "notify-console-letters", "caseworker"),
        ConsolePage(_("Received texts"), "notify-console-received", "caseworker"),
        ConsolePage(_("Unsubscribes"), "notify-console-unsubscribes", "caseworker"),
        ConsolePage(_("Report"), "notify-console-report", "viewer"),
        ConsolePage(_("Senders and limits"), "notify-console-senders", "viewer"),
        ConsolePage(_("Callbacks"), "notify-console-callbacks", "developer"),
    )
