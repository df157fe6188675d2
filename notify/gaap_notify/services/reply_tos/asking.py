"""Asking the readers of a mailbox whether a service's answers may come there."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language, gettext

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.limits.counters import count_up
from gaap.organisations.models import Service
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import ReplyTo, WaitingReplyTo
from gaap_notify.models.waiting_reply_tos import LINK_KEPT, WISH_KEPT
from gaap_notify.services.platform_emails import PlatformEmail, send_platform_email
from gaap_notify.services.reply_tos.links import confirmation_url
from gaap_notify.services.senders import SenderError
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.setup import lock_setup, set_reply_to

#: So many addresses of a service wait at once, and so many emails ask in a day: nobody floods mailboxes from here.
MOST_WAITING = 10
MOST_ASKED = 30
#: A second press of the button within this time sends no second email.
PAUSE = timedelta(minutes=1)


def propose_reply_to(
    service: Service, email: str, *, is_default: bool, by: Actor, id: UUID | None = None
) -> ReplyTo | WaitingReplyTo:
    """Ask at ``email`` whether the service's answers may come there; whoever confirms puts it to use.

    Args:
        service: whose address it will be.
        email: as ``parse_email`` returns it.
        is_default: whether it is used where nothing else is chosen, once it is confirmed.
        by: the member of the team.
        id: of a standing address that this one replaces; that one is used until then, and its id stays.

    Returns the changed address when ``id`` has that address already, for that was confirmed before. Raises SenderError
    (``waiting``: it was asked already, ``full``: too many wait, ``often``: too many emails today), NoResultFoundError
    for an ``id`` that is not the service's, and RecipientError for an address that nothing can be sent to.
    """
    replaced = _replaced(service, id)
    if replaced and replaced.email == email:
        return set_reply_to(service, email, is_default=is_default, id=id, by=by)
    _count(service)
    with transaction.atomic():
        lock_setup(service)
        waiting = _wish(service, email, is_default=is_default, replaced=replaced)
        _send(waiting)
        record("reply_to_asked", target=waiting, service=service, by=by, after={"is_default": is_default})
    return waiting


def ask_again(waiting: WaitingReplyTo, *, by: Actor) -> bool:
    """Send the email once more, with a link that lasts anew; returns False when it was sent within the last minute.

    Raises SenderError (``often``), and NoResultFoundError when it was confirmed or removed meanwhile.
    """
    if waiting.asked_at > now() - PAUSE:
        return False
    _count(waiting.service)
    with transaction.atomic():
        lock_setup(waiting.service)
        found = find_waiting(waiting.service_id, waiting.pk)
        if found.asked_at > now() - PAUSE:
            return False
        found.asked_at = now()
        found.save(update_fields=["asked_at"])
        _send(found)
        record("reply_to_asked_again", target=found, service=found.service, by=by)
    return True


@transaction.atomic
def remove_waiting(waiting: WaitingReplyTo, *, by: Actor) -> bool:
    """Drop the wish, and with it its links; returns False when it is gone already."""
    if not WaitingReplyTo.objects.filter(pk=waiting.pk).delete()[0]:
        return False
    record("reply_to_wish_removed", target=waiting, service=waiting.service, by=by)
    return True


def find_waiting(service_id: UUID, waiting_id: UUID) -> WaitingReplyTo:
    """Return one of the service's wishes; raises NoResultFoundError, also for another service's."""
    rows = WaitingReplyTo.objects.select_related("service", "replaced")
    found = rows.filter(service_id=service_id, pk=waiting_id).first()
    if found is None:
        raise NoResultFoundError
    return found


def purge_waiting(limit: int) -> int:
    """Remove at most ``limit`` wishes that nobody has confirmed for a month; return how many."""
    old = WaitingReplyTo.objects.filter(asked_at__lt=now() - WISH_KEPT).order_by("asked_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    return WaitingReplyTo.objects.filter(pk__in=keys).delete()[0]


def _replaced(service: Service, id: UUID | None) -> ReplyTo | None:
    if id is None:
        return None
    found = ReplyTo.objects.filter(service=service, pk=id).first()
    if found is None:
        raise NoResultFoundError
    return found


def _count(service: Service) -> None:
    """Raise SenderError when the service has asked often enough today."""
    asked = count_up(f"notify:{service.pk}:reply-to:{now():%Y-%m-%d}")
    if asked is not None and asked > MOST_ASKED:
        raise SenderError("often")


def _wish(service: Service, email: str, *, is_default: bool, replaced: ReplyTo | None) -> WaitingReplyTo:
    """Keep the wish; an earlier one for the same standing address gives way."""
    digest = recipient_digest(email)
    present = WaitingReplyTo.objects.filter(service=service)
    if present.filter(email_digest=digest).exists():
        raise SenderError("waiting")
    if replaced:
        present.filter(replaced=replaced).delete()
    if present.count() >= MOST_WAITING:
        raise SenderError("full")
    return WaitingReplyTo.objects.create(
        service=service, email=email, email_digest=digest, wants_default=is_default, replaced=replaced
    )


def _send(waiting: WaitingReplyTo) -> None:
    subject, body = _text()
    given = {
        "service": waiting.service.name,
        "email": waiting.email,
        "link": confirmation_url(waiting),
        "days": str(LINK_KEPT.days),
    }
    send_platform_email(
        PlatformEmail(
            kind="reply_to",
            language=get_language() or "en",
            recipient=waiting.email,
            subject=subject,
            body=body,
            personalisation=given,
            sanitised=("service",),
        )
    )


def _text() -> tuple[str, str]:
    """Return subject and text in the language of whoever asks: of the mailbox's readers nothing is known."""
    parts = [
        gettext("((service)) sends emails, and wants answers to them to reach this address: ((email))."),
        gettext("If that is right, open this page within ((days)) days and press its button: ((link))"),
        gettext("If you know nothing of it, do nothing. Then no answers come here."),
    ]
    return gettext("May answers to ((service)) come to this address?"), "\n\n".join(parts)
