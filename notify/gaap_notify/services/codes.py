"""One-time codes that the platform sends in its own name, in the language of the person who waits for one."""

from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap_notify.errors import InvalidPhoneError, ValidationError
from gaap_notify.models import Template
from gaap_notify.recipients import RecipientError
from gaap_notify.services.platform_service import platform_service
from gaap_notify.services.platform_templates import Channel, platform_template
from gaap_notify.services.sending import SendOrder, send_notification

Purpose = Literal["sign_in", "sign_up", "change"]


def send_code(*, channel: Channel, recipient: str, code: str, language: str, purpose: Purpose, brand: str) -> UUID:
    """Send a one-time code and return the message's id.

    ``recipient`` is an email address or a telephone number, with its country code unless it is one of the platform's
    region; ``language`` a code such as ``cy``; ``brand`` the name of what the code is for, as the person knows it.

    May be called within a transaction: the message leaves after its commit. It takes the quick queue, and its text is
    removed once it is sent. Raises RecipientError when nothing can be sent to ``recipient``.
    """
    service = platform_service()
    order = SendOrder(
        service=service,
        channel=channel,
        template_id=_template(service, channel, purpose, language).pk,
        recipient=recipient,
        personalisation={"code": code, "brand": brand},
        key_type=ApiKey.Type.LIVE,
        language=language,
        is_secret=True,
    )
    try:
        return send_notification(order).id
    except (ValidationError, InvalidPhoneError) as error:
        raise RecipientError(str(error)) from error


def _template(service: Service, channel: Channel, purpose: Purpose, language: str) -> Template:
    """Return the template for this purpose and language, brought up to the catalogue's text."""
    with override(language):
        subject, body = code_text(channel, purpose)
    key, name = f"{channel}/{purpose}/{language}", f"{purpose} ({language})"
    return platform_template(service, channel, key=key, name=name, subject=subject, body=body)


def code_text(channel: Channel, purpose: Purpose) -> tuple[str, str]:
    """Return subject and text of a code's template in the active language; a text message has no subject."""
    if channel == "sms":
        return "", _sms_texts()[purpose]
    parts = [_email_openings()[purpose], "# ((code))", _("The code works once and only for a short time.")]
    parts += [_("Never share it with anyone. Nobody from government will ask you for it.")]
    parts += [_("If you did not ask for a code, you can ignore this email.")]
    return _("Your code for ((brand))"), "\n\n".join(parts)


def _sms_texts() -> dict[Purpose, str]:
    return {
        "sign_in": _("((code)) is your code to sign in to ((brand)). Never share it with anyone."),
        "sign_up": _("((code)) is your code to create an account with ((brand)). Never share it with anyone."),
        "change": _("((code)) is your code to change your details with ((brand)). Never share it with anyone."),
    }


def _email_openings() -> dict[Purpose, str]:
    return {
        "sign_in": _("Your code to sign in to ((brand)):"),
        "sign_up": _("Your code to create an account with ((brand)):"),
        "change": _("Your code to change your details with ((brand)):"),
    }
