"""Emails that another component sends in the platform's name, such as a receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gaap.keys.models import ApiKey
from gaap_notify.errors import ValidationError
from gaap_notify.recipients import RecipientError
from gaap_notify.services.platform_service import platform_service
from gaap_notify.services.platform_templates import platform_template
from gaap_notify.services.sending import SendOrder, send_notification


@dataclass(frozen=True, kw_only=True)
class PlatformEmail:
    """An email as another component wants it.

    ``kind`` names what it is for (``receipt``) and with ``language`` finds its template; ``subject`` and ``body`` are
    that template's text, the same for everybody, with ``((gaps))`` that ``personalisation`` fills. Those of
    its names in ``sanitised`` hold words of strangers: they get no links and no formatting. ``is_test`` keeps the email
    within the sandbox.
    """

    kind: str
    language: str
    recipient: str = field(repr=False)
    subject: str
    body: str
    personalisation: Mapping[str, Any] = field(repr=False)
    sanitised: Sequence[str] = ()
    reference: str = ""
    is_test: bool = False


def send_platform_email(email: PlatformEmail) -> UUID:
    """Send an email in the platform's name and return the message's id.

    May be called within a transaction: the message leaves after its commit. Raises RecipientError when nothing can be
    sent to the address.
    """
    service = platform_service()
    template = platform_template(
        service,
        "email",
        key=f"email/{email.kind}/{email.language}",
        name=f"{email.kind} ({email.language})",
        subject=email.subject,
        body=email.body,
    )
    order = SendOrder(
        service=service,
        channel="email",
        template_id=template.pk,
        recipient=email.recipient,
        personalisation=email.personalisation,
        key_type=ApiKey.Type.TEST if email.is_test else ApiKey.Type.LIVE,
        reference=email.reference,
        sanitise_content_for=email.sanitised,
        language=email.language,
    )
    try:
        return send_notification(order).id
    except ValidationError as error:
        raise RecipientError(str(error)) from error
