"""Security events: each service that knows a citizen hears of it, again and again until it takes the token.

A security event token (RFC 8417) with a type of OpenID RISC or CAEP, pushed as RFC 8935 says.
"""

import uuid
from collections.abc import Iterable, Mapping

from celery import current_app
from django.db import transaction
from django.db.models import Q

from gaap import http
from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.states import move
from gaap.work import claim, held, wake
from gaap_identity.models import Account, Client, Consent, SecurityNotice, SignIn
from gaap_identity.services.logout_notices import LEASE, TIMEOUT_SECONDS, WAITS
from gaap_identity.services.subjects import subject_of
from gaap_identity.services.tokens import mint_security_event
from gaap_identity.states import SECURITY_NOTICE

TASK = "gaap_identity.tasks.send_security_notice"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
TYPES: Mapping[str, str] = {
    kind: (CAEP if kind == SecurityNotice.Kind.SESSIONS else RISC) + kind for kind in SecurityNotice.Kind.values
}
#: The receiver took the token (RFC 8935, 2.2).
TAKEN = 202
HEADERS = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}


def queue_security_notices(account: Account, *, kinds: Iterable[str], reason: str = "") -> None:
    """Queue a notice of each of ``kinds`` for each client that knows ``account`` and wants to hear of it.

    ``reason`` goes with ``account-disabled``: ``hijacking`` or empty. In the transaction that does what is told, and
    before the account is gone.
    """
    for client in _clients_that_know(account):
        subject = subject_of(account, client=client)
        for kind in kinds:
            notice = SecurityNotice.objects.create(
                client=client,
                service_id=client.service_id,
                subject=subject,
                kind=kind,
                reason=reason if kind == SecurityNotice.Kind.DISABLED else "",
                due_at=now(),
            )
            wake(current_app.tasks[TASK], str(notice.pk))


def send_security_notice(notice_id: uuid.UUID) -> None:
    """Push the token of a notice that is due, and note what the client answered."""
    notice = SecurityNotice.objects.select_related("client").filter(pk=notice_id).first()
    if notice is None or not claim(notice, lease=LEASE):
        return
    answered = _push(notice)
    if answered == TAKEN:
        _finish(notice, "delivered", answered=answered)
    elif notice.attempts > len(WAITS):
        _finish(notice, "failed", answered=answered)
    else:
        held(notice).update(due_at=now() + WAITS[notice.attempts - 1], answered=answered)


def _clients_that_know(account: Account) -> list[Client]:
    """Return the clients of services that the citizen signed in to or shared something with.

    Sign-ins are forgotten after a while; what was shared is remembered as long as the account.
    """
    signed_in = SignIn.objects.filter(account=account, status="completed").values("client")
    shared = Consent.objects.filter(account=account).values("service")
    known = Client.objects.filter(Q(pk__in=signed_in) | Q(service__in=shared), is_active=True)
    return list(known.exclude(security_events_uri="").order_by("pk"))


def _push(notice: SecurityNotice) -> int | None:
    """Return the HTTP status that the client answers with, None when it does not answer.

    The token keeps its ``jti`` and its time, by which a client knows what it has heard before (RFC 8417, 2.2).
    """
    token = mint_security_event(
        notice.client,
        subject=notice.subject,
        jti=str(notice.pk),
        happened_at=notice.created_at,
        event={TYPES[notice.kind]: _details(notice)},
    )
    try:
        return http.call(
            "POST",
            notice.client.security_events_uri,
            headers=HEADERS,
            body=token.encode(),
            timeout=TIMEOUT_SECONDS,
            is_cut=True,
        ).status
    except http.OutgoingError:
        return None


def _details(notice: SecurityNotice) -> dict[str, str | int]:
    if notice.kind == SecurityNotice.Kind.SESSIONS:
        return {"event_timestamp": int(notice.created_at.timestamp()), "initiating_entity": "admin"}
    return {"reason": notice.reason} if notice.reason else {}


@transaction.atomic
def _finish(notice: SecurityNotice, status: str, *, answered: int | None) -> None:
    if not held(notice).select_for_update().exists():
        return
    changes = {"answered": answered, "finished_at": now(), "due_at": None}
    data = {"client_id": notice.client.client_id, "kind": notice.kind}
    move(notice, status, table=SECURITY_NOTICE, by=SYSTEM, changes=changes, data=data)
