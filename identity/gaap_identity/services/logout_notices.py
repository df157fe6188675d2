"""Back-channel logout: each service a citizen signed in to is told, again and again until it answers (contract A.7)."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode

from celery import current_app
from django.db import transaction
from django.db.models import QuerySet

from gaap import http
from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.states import move
from gaap.work import claim, held, wake
from gaap_identity.models import Account, BrowserSession, Client, LogoutNotice, Power, SignIn
from gaap_identity.services.subjects import subject_of
from gaap_identity.services.tokens import mint_logout_token
from gaap_identity.states import LOGOUT_NOTICE

TASK = "gaap_identity.tasks.send_logout_notice"
TIMEOUT_SECONDS = 15.0
#: Longer than a call can take, so that nobody else tries meanwhile.
LEASE = timedelta(seconds=60)
#: How long to wait after each try that failed; after the last one it is given up.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
#: A service says with either that it closed the citizen's sessions (OpenID Connect Back-Channel Logout, 2.8).
DONE = (200, 204)


def queue_logout_notices(account: Account, *, sessions: Iterable[BrowserSession]) -> None:
    """Queue a notice for each client that ``account`` signed in to in ``sessions``; call it before they are gone.

    In the transaction that ends the sessions.
    """
    signed_in = SignIn.objects.filter(session__in=sessions, account=account, status="completed")
    _queue(signed_in, account=account)


def queue_power_notices(power: Power) -> None:
    """Queue a notice for each client that somebody signed in to with ``power``, which ends in this transaction."""
    if power.actor is not None:
        _queue(SignIn.objects.filter(power=power, account=power.actor, status="completed"), account=power.actor)


def _queue(signed_in: "QuerySet[SignIn]", *, account: Account) -> None:
    told = signed_in.filter(client__is_active=True).exclude(client__back_channel_logout_uri="")
    pairs: list[tuple[int, uuid.UUID | None]] = list(told.order_by().values_list("client", "power").distinct())
    clients = Client.objects.in_bulk([client for client, _power in pairs])
    powers = Power.objects.select_related("giver", "company").in_bulk(
        [power for _client, power in pairs if power is not None]
    )
    for client, power in pairs:
        _queue_one(clients[client], account=account, power=None if power is None else powers.get(power))


def _queue_one(client: Client, *, account: Account, power: Power | None) -> None:
    notice = LogoutNotice.objects.create(
        client=client,
        service_id=client.service_id,
        subject=subject_of(power.represented if power else account, client=client),
        actor_subject=subject_of(account, client=client) if power else "",
        due_at=now(),
    )
    wake(current_app.tasks[TASK], str(notice.pk))


def send_logout_notice(notice_id: uuid.UUID) -> None:
    """Tell the client of a notice that is due, and note what it answered."""
    notice = LogoutNotice.objects.select_related("client").filter(pk=notice_id).first()
    if notice is None or not claim(notice, lease=LEASE):
        return
    answered = _post(notice)
    if answered in DONE:
        _finish(notice, "delivered", answered=answered)
    elif notice.attempts > len(WAITS):
        _finish(notice, "failed", answered=answered)
    else:
        held(notice).update(due_at=now() + WAITS[notice.attempts - 1], answered=answered)


def _post(notice: LogoutNotice) -> int | None:
    """Return the HTTP status that the client answers with, None when it does not answer.

    Every try has a token of its own, because a client refuses a ``jti`` that it has seen.
    """
    token = mint_logout_token(
        notice.client, subject=notice.subject, jti=str(new_uuid()), actor_subject=notice.actor_subject
    )
    try:
        return http.call(
            "POST",
            notice.client.back_channel_logout_uri,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"logout_token": token}).encode(),
            timeout=TIMEOUT_SECONDS,
            is_cut=True,
        ).status
    except http.OutgoingError:
        return None


@transaction.atomic
def _finish(notice: LogoutNotice, status: str, *, answered: int | None) -> None:
    if not held(notice).select_for_update().exists():
        return
    changes = {"answered": answered, "finished_at": now(), "due_at": None}
    data = {"client_id": notice.client.client_id}
    move(notice, status, table=LOGOUT_NOTICE, by=SYSTEM, changes=changes, data=data)
