"""Accepting letters: every check of the contract in its order (spec A.3, A.6), then one transaction."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.outbox.services import emit
from gaap_notify.errors import BadRequestError, ValidationError
from gaap_notify.hints import wake_task
from gaap_notify.models import Letter, Notification, NotifySettings, TemplateVersion, VaultFile
from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import Postage
from gaap_notify.models.service_settings import Permission
from gaap_notify.recipients.postal import AddressError, PostalAddress, rules_for
from gaap_notify.rendering.values import Personalisation
from gaap_notify.services.drafts import Draft, write_draft
from gaap_notify.services.files.orders import is_file
from gaap_notify.services.letters.hidden_template import precompiled_version
from gaap_notify.services.notifications import event_data
from gaap_notify.services.service_settings import recipient_digest, settings_of
from gaap_notify.services.templates import find_sendable
from gaap_notify.services.vault import put_file
from gaap_notify.states import CREATED, NOTIFICATION_CREATED, PENDING_VIRUS_CHECK

MAX_PDF_BYTES = 5 * 1024 * 1024
PRECOMPILED_SUBJECT = "Pre-compiled PDF"
_ADDRESS_LINES = 7


@dataclass(frozen=True, kw_only=True)
class LetterOrder:
    """A letter as its sender wants it: from a template, or as a PDF in ``content`` (base64)."""

    service: Service
    key_type: str
    api_key: ApiKey | None = None
    reference: str = ""
    template_id: UUID | None = None
    personalisation: Mapping[str, Any] = field(default_factory=dict, repr=False)
    content: str = field(default="", repr=False)
    postage: str = ""


@dataclass(frozen=True)
class AcceptedLetter:
    """A letter that was accepted. ``draft`` is empty for one that came as a PDF."""

    id: UUID
    order: LetterOrder
    version: TemplateVersion
    draft: Draft
    postage: str


def accept_letter(order: LetterOrder) -> AcceptedLetter:
    """Accept a letter that is made from a template; raises ContractError."""
    settings = check_may_send_letters(order.service)
    version = find_sendable(order.service.pk, _template_id(order), channel=Channel.LETTER.value)
    draft = write_draft(version, order.personalisation, settings=settings, service_name=order.service.name)
    if any(is_file(value) for value in order.personalisation.values()):
        raise BadRequestError("Can only send a file by email")
    _check_key(order)
    address = _address(order, settings)
    letter = AcceptedLetter(new_uuid(), order, version, draft, address.zone or version.postage)
    with transaction.atomic():
        notification = _store(letter, status=CREATED, recipient=str(address))
        Letter.objects.create(
            notification=notification,
            postage=letter.postage,
            contact=draft.contact,
            welsh_subject=draft.welsh_subject,
            welsh_body=draft.welsh_body,
            due_at=notification.created_at,
        )
        wake_task("work_on_letter", str(letter.id))
    return letter


def accept_precompiled(order: LetterOrder, *, kept: VaultFile | None = None) -> AcceptedLetter:
    """Accept a letter that comes as a PDF; it is checked before it is printed. Raises ContractError.

    ``kept`` is the PDF when it is in the vault already; else ``order.content`` is put there.
    """
    check_may_send_letters(order.service)
    _check_key(order)
    kept = kept or put_file(_decode(order.content))
    version = precompiled_version(order.service)
    letter = AcceptedLetter(new_uuid(), order, version, Draft(""), order.postage or Postage.SECOND.value)
    with transaction.atomic():
        _store_precompiled(letter, kept)
    return letter


def _store_precompiled(letter: AcceptedLetter, kept: VaultFile) -> None:
    notification = _store(letter, status=PENDING_VIRUS_CHECK, recipient="")
    Letter.objects.create(
        notification=notification,
        postage=letter.postage,
        is_precompiled=True,
        file=kept,
        due_at=notification.created_at,
    )
    wake_task("work_on_letter", str(letter.id))


def _store(letter: AcceptedLetter, *, status: str, recipient: str) -> Notification:
    order, moment = letter.order, now()
    notification = Notification.objects.create(
        id=letter.id,
        service=order.service,
        template_version=letter.version,
        type=Channel.LETTER,
        key_type=order.key_type,
        api_key=order.api_key,
        reference=order.reference,
        recipient=recipient,
        recipient_digest=recipient_digest(recipient.casefold()),
        address=recipient,
        subject=letter.draft.subject or PRECOMPILED_SUBJECT,
        body=letter.draft.body,
        status=status,
        created_at=moment,
    )
    emit(
        NOTIFICATION_CREATED,
        service_id=order.service.pk,
        subject=f"notification/{letter.id}",
        data={**event_data(notification), "status": status},
    )
    return notification


def check_may_send_letters(service: Service) -> NotifySettings:
    """Return the service's settings; raises BadRequestError when it is not allowed to send letters."""
    settings = settings_of(service.pk)
    if not settings.allows(Permission.LETTER):
        raise BadRequestError("Service is not allowed to send letters")
    return settings


def _check_key(order: LetterOrder) -> None:
    """Keep real letters to live services, and team keys from letters, as nobody is their team (spec A.6)."""
    if order.key_type == ApiKey.Type.TEAM:
        raise LetterForbiddenError("Cannot send letters with a team api key")
    if not order.service.is_live and order.key_type != ApiKey.Type.TEST:
        raise LetterForbiddenError("Cannot send letters when service is in trial mode")


class LetterForbiddenError(BadRequestError):
    """This key, or this service, sends no letters."""

    status_code = 403


def _template_id(order: LetterOrder) -> UUID:
    if order.template_id is None:
        raise BadRequestError("Template not found")
    return order.template_id


def _address(order: LetterOrder, settings: NotifySettings) -> PostalAddress:
    try:
        return rules_for(settings.default_region).parse(
            address_lines(order.personalisation),
            allows_international=settings.allows(Permission.INTERNATIONAL_LETTERS),
        )
    except AddressError as error:
        raise ValidationError(str(error)) from error


def address_lines(personalisation: Mapping[str, Any]) -> list[str]:
    """Return the lines that clients give: ``address_line_1`` to ``address_line_7``, or to ``_6`` and ``postcode``."""
    values = Personalisation(personalisation)
    names = [f"address_line_{number}" for number in range(1, _ADDRESS_LINES + 1)]
    if not values.get(names[-1]):
        names[-1] = "postcode"
    return [str(values[name]) for name in names if values.has(name)]


def _decode(content: str) -> bytes:
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError("Cannot decode letter content (invalid base64 encoding)") from error
    check_size(data)
    return data


def check_size(data: bytes) -> None:
    """Raise BadRequestError for a PDF of more than 5 MiB."""
    if len(data) > MAX_PDF_BYTES:
        raise BadRequestError(f"Letter content is larger than {MAX_PDF_BYTES} bytes")
