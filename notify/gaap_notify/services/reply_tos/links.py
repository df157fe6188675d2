"""The link with which somebody who reads a mailbox confirms that a service's answers may come there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core import signing

from gaap.clock import now
from gaap.conf import conf as kernel_conf
from gaap_notify.models import WaitingReplyTo
from gaap_notify.models.waiting_reply_tos import LINK_KEPT

_SALT = "gaap_notify.reply_to"


@dataclass(frozen=True)
class Link:
    """What a link of ours says: which wish of which service it confirms, and the digest of the address."""

    waiting_id: UUID
    service_id: UUID
    email_digest: str


def confirmation_url(waiting: WaitingReplyTo) -> str:
    """Return the absolute address of the page that confirms ``waiting``; good for ``LINK_KEPT`` from its last email."""
    return f"{kernel_conf.base_url}reply-to/{sign_link(waiting)}"


def sign_link(waiting: WaitingReplyTo) -> str:
    """Return the token of the link: signed, and with its own end."""
    until = int((waiting.asked_at + LINK_KEPT).timestamp())
    return _signer().sign_object([str(waiting.pk), str(waiting.service_id), waiting.email_digest, until])


def read_link(token: str) -> Link | None:
    """Return what the token says; None when it is not ours as it was signed, or its time is over."""
    try:
        waiting_id, service_id, email_digest, until = _signer().unsign_object(token)
    except signing.BadSignature:
        return None
    if datetime.fromtimestamp(until, tz=now().tzinfo) <= now():
        return None
    return Link(UUID(waiting_id), UUID(service_id), email_digest)


def _signer() -> signing.Signer:
    # Mail programs that look for links in plain text can stop at a colon.
    return signing.Signer(salt=_SALT, sep=".")
