"""What a team may choose for itself to send from, to be answered at, and to head its letters with."""

import re
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_notify.conf import conf
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import ContactBlock, InboundNumber, ReplyTo, SmsSender
from gaap_notify.services.service_settings import forget_setup

Owned = SmsSender | ReplyTo | ContactBlock

#: Names that say nothing of who writes, and that people who deceive like to use (spec C.1).
GENERIC_NAMES = frozenset(
    {
        *("ALERT", "ALERTS", "AUTHMSG", "BANK", "CODE", "HELP", "INFO", "MESSAGE", "MSG", "NOTICE", "NOTIFY"),
        *("OTP", "PAYMENT", "SECURITY", "SERVICE", "SMS", "SUPPORT", "TEXT", "UNKNOWN", "UPDATE", "VERIFY", "WARNING"),
    }
)
_NAME = re.compile(r"(?!00)[A-Za-z0-9 &._-]{3,11}")
_REMOVED = {SmsSender: "sms_sender_removed", ReplyTo: "reply_to_removed", ContactBlock: "contact_block_removed"}
_TEXTS = {SmsSender: "sender", ReplyTo: "email", ContactBlock: "text"}


class SenderError(Exception):
    """It cannot be so.

    ``code`` is ``form``, ``generic``, ``foreign`` (another organisation's name), ``number`` (not the service's own),
    ``taken`` or ``used``; of an address for answers also ``waiting`` (it is being asked), ``full``
    (too many are) or ``often`` (too many emails today).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_sms_sender(text: str, *, service: Service) -> str:
    """Return ``text`` as a name or number that the service may send from; raises SenderError (spec C.1).

    A name has 3 to 11 letters, digits, spaces or ``& . - _``. A number has to be one of the service's own, or answers
    would reach somebody else.
    """
    sender = " ".join(text.split())
    digits = re.sub(r"[\s()+-]", "", sender)
    if digits.isdecimal():
        if not InboundNumber.objects.filter(service=service, number=digits).exists():
            raise SenderError("number")
        return digits
    if not _NAME.fullmatch(sender) or not re.search("[A-Za-z]", sender):
        raise SenderError("form")
    if re.sub("[^A-Z]", "", sender.upper()) in GENERIC_NAMES:
        raise SenderError("generic")
    if _is_of_others(sender, service):
        raise SenderError("foreign")
    return sender


def check_untaken(model: type[Owned], text: str, *, service: Service, besides: UUID | None) -> None:
    """Raise SenderError when the service has ``text`` already, on another row than ``besides``."""
    same = model._default_manager.filter(service=service, **{f"{_TEXTS[model]}__iexact": text})
    if any(found != besides for found in same.values_list("pk", flat=True)):
        raise SenderError("taken")


def find_owned(model: type[Owned], service_id: UUID, row_id: UUID) -> Owned:
    """Return the service's row; raises NoResultFoundError, also for another service's."""
    found = model._default_manager.filter(service_id=service_id, pk=row_id).select_related("service").first()
    if found is None:
        raise NoResultFoundError
    return found


@transaction.atomic
def remove_owned(row: Owned, *, by: Actor) -> bool:
    """Remove a sender, a reply-to address or a contact block; returns False when it is gone already.

    Raises SenderError for a contact block that stands in a version of a template: letters of that version show it.
    """
    model = type(row)
    before = {_TEXTS[model]: getattr(row, _TEXTS[model]), "is_default": row.is_default}
    try:
        with transaction.atomic():
            deleted = model._default_manager.filter(pk=row.pk).delete()[0]
    except (ProtectedError, IntegrityError) as error:
        raise SenderError("used") from error
    if deleted:
        forget_setup(row.service_id)
        record(_REMOVED[model], target=row, service=row.service, by=by, before=before)
    return bool(deleted)


def _is_of_others(sender: str, service: Service) -> bool:
    if sender.casefold() == conf.sms_sender.casefold():
        return False
    others = SmsSender.objects.filter(sender__iexact=sender)
    return others.exclude(service__organisation_id=service.organisation_id).exists()
