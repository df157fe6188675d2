"""What a provider is handed: the message in the form that its channel needs."""

from email.utils import formatdate
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from gaap.conf import conf as kernel_conf
from gaap_notify.models import Notification, NotifySettings
from gaap_notify.providers.email.base import EmailMessage
from gaap_notify.providers.sms.base import SmsMessage
from gaap_notify.rendering.email_html import render_html
from gaap_notify.rendering.email_text import preview, render_text
from gaap_notify.services.drafts import sms_prefix
from gaap_notify.services.service_settings import from_address
from gaap_notify.services.unsubscribing.links import unsubscribe_url


def as_outgoing(notification: Notification, *, settings: NotifySettings) -> SmsMessage | EmailMessage:
    """Return the message to hand over."""
    build = _as_email if notification.type == "email" else _as_sms
    return build(notification, settings)


def render_page(*, subject: str, body: str, language: str) -> str:
    """Return an email's whole HTML page from its markdown."""
    context: dict[str, Any] = {
        "brand": kernel_conf.brand,
        "subject": subject,
        "content": render_html(body),
        "preview": preview(body),
        "language": language,
        "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
    }
    return render_to_string("gaap_notify/email.html", context)


def with_unsubscribe_link(body: str, url: str, *, language: str) -> str:
    """Return an email's markdown with the link for unsubscribing below it (spec B.1); as it is without ``url``."""
    if not url:
        return body
    with override(language):
        words = _("Unsubscribe from these emails")
    return f"{body}\n\n---\n\n[{words}]({url})"


def _as_sms(notification: Notification, settings: NotifySettings) -> SmsMessage:
    prefix = sms_prefix(settings, notification.service.name)
    return SmsMessage(
        id=notification.pk, sender=notification.sender, to=notification.address, body=prefix + notification.body
    )


def _as_email(notification: Notification, settings: NotifySettings) -> EmailMessage:
    language = notification.language or notification.service.languages[0]
    ours = _own_unsubscribe_url(notification)
    body = with_unsubscribe_link(notification.body, ours, language=language)
    return EmailMessage(
        id=notification.pk,
        from_name=notification.service.name,
        from_address=from_address(settings),
        to=notification.address,
        subject=notification.subject,
        text=render_text(body),
        html=render_page(subject=notification.subject, body=body, language=language),
        reply_to=notification.sender,
        headers=_headers(notification, notification.unsubscribe_url or ours),
    )


def _own_unsubscribe_url(notification: Notification) -> str:
    if not notification.template_version.has_unsubscribe_link:
        return ""
    return unsubscribe_url(notification.pk, notification.address)


def _headers(notification: Notification, unsubscribe_url: str) -> dict[str, str]:
    """Return further headers; those for unsubscribing by one click are of RFC 8058."""
    headers = {"Date": formatdate(notification.created_at.timestamp())}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
