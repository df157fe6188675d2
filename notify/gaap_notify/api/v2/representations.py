"""What this API answers: the contract's objects (spec A.4, A.5, A.7, A.10) made from ours."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from gaap.conf import conf as kernel_conf
from gaap_notify.api.v2.costs import show_cost
from gaap_notify.api.v2.post import show_post, show_status
from gaap_notify.api.v2.times import show_time
from gaap_notify.models import Notification, ReceivedText, Template, TemplateVersion
from gaap_notify.services.letters.accepting import AcceptedLetter
from gaap_notify.services.sending import AcceptedMessage


def show_accepted(message: AcceptedMessage) -> dict[str, Any]:
    """Return the answer to a send."""
    order = message.order
    return {**_accepted(message.id, order.reference, message.version), **_CONTENTS[order.channel](message)}


def _sms_content(message: AcceptedMessage) -> dict[str, Any]:
    return {"content": {"body": message.draft.body, "from_number": message.sender}}


def _email_content(message: AcceptedMessage) -> dict[str, Any]:
    return {
        "content": {
            "from_email": message.from_email,
            "body": message.draft.body,
            "subject": message.draft.subject,
            "one_click_unsubscribe_url": message.order.unsubscribe_url or None,
        },
        "sanitised_content": {
            name: {"unsanitised": value.unsanitised, "sanitised": value.sanitised}
            for name, value in message.draft.sanitised.items()
        },
    }


_CONTENTS: Mapping[str, Callable[[AcceptedMessage], dict[str, Any]]] = {"sms": _sms_content, "email": _email_content}


def show_accepted_letter(letter: AcceptedLetter) -> dict[str, Any]:
    """Return the answer to a letter made from a template (spec A.6)."""
    content = {"body": letter.draft.body, "subject": letter.draft.subject}
    return {**_accepted(letter.id, letter.order.reference, letter.version), "content": content}


def show_accepted_precompiled(letter: AcceptedLetter) -> dict[str, Any]:
    """Return the answer to a letter that came as a PDF (spec A.6)."""
    return {"id": str(letter.id), "reference": letter.order.reference, "postage": letter.postage}


def _accepted(message_id: UUID, reference: str, version: TemplateVersion) -> dict[str, Any]:
    root, template = kernel_conf.base_url, version.template
    return {
        "id": str(message_id),
        "reference": reference or None,
        "uri": f"{root}v2/notifications/{message_id}",
        "template": {
            "id": str(template.pk),
            "version": version.number,
            "uri": f"{root}services/{template.service_id}/templates/{template.pk}",
        },
        "scheduled_for": None,
    }


def show_notification(notification: Notification) -> dict[str, Any]:
    """Return a notification as it is read back."""
    version = notification.template_version
    return {
        "id": str(notification.pk),
        "reference": notification.reference or None,
        "email_address": notification.recipient if notification.type == "email" else None,
        "phone_number": notification.recipient if notification.type == "sms" else None,
        **show_post(notification),
        "type": notification.type,
        "status": show_status(notification),
        "template": {
            "id": str(version.template_id),
            "version": version.number,
            "uri": f"{kernel_conf.base_url}v2/template/{version.template_id}/version/{version.number}",
        },
        "body": notification.body,
        "subject": None if notification.type == "sms" else notification.subject,
        "created_at": show_time(notification.created_at),
        "created_by_name": None,
        "sent_at": show_time(notification.sent_at),
        "completed_at": show_time(notification.completed_at),
        "scheduled_for": None,
        "one_click_unsubscribe_url": notification.unsubscribe_url or None,
        **show_cost(notification),
    }


def show_template(template: Template, version: TemplateVersion) -> dict[str, Any]:
    """Return one version of a template."""
    return {
        "id": str(template.pk),
        "type": template.type,
        "name": version.name,
        "created_at": show_time(template.created_at),
        "updated_at": show_time(template.updated_at),
        "created_by": version.created_by,
        "version": version.number,
        "body": version.body,
        "subject": None if template.type == "sms" else version.subject,
        "postage": version.postage or None,
        "letter_contact_block": version.contact_block.text if version.contact_block else None,
        "personalisation": {name: {"required": True} for name in version.placeholders},
    }


def show_received_text(text: ReceivedText) -> dict[str, Any]:
    """Return a text message that somebody sent to the service."""
    return {
        "id": str(text.pk),
        "user_number": text.user_number,
        "notify_number": text.notify_number,
        "created_at": show_time(text.created_at),
        "service_id": str(text.service_id),
        "content": text.content,
    }
