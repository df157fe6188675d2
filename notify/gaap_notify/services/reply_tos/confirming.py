"""What pressing the button behind the link does: from then on the service's emails can be answered there."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.organisations.models import Service
from gaap_notify.models import ReplyTo, WaitingReplyTo
from gaap_notify.services.reply_tos.links import Link, read_link
from gaap_notify.services.service_settings import recipient_digest
from gaap_notify.services.setup import lock_setup, set_reply_to


@dataclass(frozen=True)
class Question:
    """What a link asks of the readers of a mailbox."""

    service: Service
    email: str = field(repr=False)
    waiting_id: UUID
    is_confirmed: bool

    @property
    def actor(self) -> Actor:
        """Who acts: somebody who reads the mailbox, without their address."""
        return Actor("citizen", str(self.waiting_id), "reader of the mailbox")


def find_question(token: str) -> Question | None:
    """Return what a link asks; None when it is forged or over, or nobody wants the address any more."""
    link = read_link(token)
    return (_waiting(link) or _confirmed(link)) if link else None


@transaction.atomic
def confirm_reply_to(question: Question) -> bool:
    """Put the address to use; returns False when that is done already, or the wish was dropped meanwhile.

    However many confirm at once, one of them does it.
    """
    lock_setup(question.service)
    waiting = WaitingReplyTo.objects.filter(pk=question.waiting_id).first()
    if waiting is None:
        return False
    same = ReplyTo.objects.filter(service=question.service, email__iexact=waiting.email).first()
    is_default = waiting.wants_default or (same is not None and same.is_default)
    id = same.pk if same else waiting.replaced_id or waiting.pk
    record("reply_to_confirmed", target=waiting, service=question.service, by=question.actor)
    set_reply_to(question.service, waiting.email, is_default=is_default, id=id, by=question.actor)
    return True


def _waiting(link: Link) -> Question | None:
    rows = WaitingReplyTo.objects.select_related("service__organisation")
    found = rows.filter(pk=link.waiting_id, service_id=link.service_id, email_digest=link.email_digest).first()
    return Question(found.service, found.email, found.pk, is_confirmed=False) if found else None


def _confirmed(link: Link) -> Question | None:
    rows = ReplyTo.objects.filter(service_id=link.service_id).select_related("service__organisation")
    found = next((row for row in rows if recipient_digest(row.email.lower()) == link.email_digest), None)
    return Question(found.service, found.email, link.waiting_id, is_confirmed=True) if found else None
