"""What a live service's program may ask citizens for: its team asks with a reason, an operator outside it decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.conf import conf
from gaap.organisations.models import Membership
from gaap.outbox.services import emit
from gaap.states import move
from gaap_identity.errors import IdentityError
from gaap_identity.models import Client, PermissionRequest
from gaap_identity.openid.claims import IDENTITY_CLAIMS
from gaap_identity.openid.levels import IDENTITY_LEVELS
from gaap_identity.services.clients import audited_facts, save_client
from gaap_identity.states import PERMISSION_REQUEST


class PermissionRefusedError(IdentityError, ValueError):
    """The request cannot be made or decided so; the text says why to the person who tries."""


@dataclass(frozen=True)
class Wish:
    """What a program is to have: ``levels`` and ``claims`` by their short names, and ``reason``, why it needs them."""

    levels: Sequence[str]
    claims: Sequence[str]
    reason: str


@transaction.atomic
def ask_permission(client: Client, *, wish: Wish, user: User) -> PermissionRequest:
    """Ask that ``client`` may ask for what is in ``wish`` and nothing else; raises PermissionRefusedError."""
    levels = [level for level in IDENTITY_LEVELS if level == IDENTITY_LEVELS[0] or level in wish.levels]
    claims = [claim for claim in IDENTITY_CLAIMS if claim in wish.claims]
    _check(client, levels=levels, claims=claims)
    request = _create(client, levels=levels, claims=claims, reason=wish.reason, requested_by=user)
    told = {"levels": levels, "claims": claims}
    record("permission_requested", target=request, by=Actor.for_user(user), after=told)
    data = {"client_id": client.client_id, "status": request.status}
    subject = f"{PERMISSION_REQUEST.noun}/{request.pk}"
    emit("permission_requested", service_id=client.service_id, subject=subject, data=data)
    return request


def latest_request(client: Client) -> PermissionRequest | None:
    """Return the newest request for ``client``, whatever came of it."""
    requests = PermissionRequest.objects.filter(client=client)
    return requests.select_related("requested_by", "client").first()


def withdraw_permission(request: PermissionRequest, *, by: Actor) -> bool:
    """Take the wish back; returns False when somebody decided first."""
    return request.status == "waiting" and _move(request, "withdrawn", by=by)


@transaction.atomic
def grant_permission(request: PermissionRequest, *, user: User) -> bool:
    """Let the client ask for what was asked for, and tell the team; False when somebody decided first.

    Raises PermissionRefusedError for one's own request, or a client that has changed so that it may not have it.
    """
    _want_second_person(request, user)
    client = request.client
    _check(client, levels=request.levels, claims=request.claims)
    if not _decide(request, "granted", user=user, answer=""):
        return False
    before = audited_facts(client)
    client.granted_levels, client.granted_claims = list(request.levels), list(request.claims)
    client.levels = [level for level in IDENTITY_LEVELS if level in (*client.levels, *request.levels)]
    client.claims = [claim for claim in IDENTITY_CLAIMS if claim in (*client.claims, *request.claims)]
    save_client(client, before=before, by=Actor.for_user(user))
    _tell(request)
    return True


@transaction.atomic
def refuse_permission(request: PermissionRequest, *, answer: str, user: User) -> bool:
    """Leave the client as it is and tell the team why; False when somebody decided first.

    Raises PermissionRefusedError for one's own request.
    """
    _want_second_person(request, user)
    if not _decide(request, "refused", user=user, answer=answer):
        return False
    _tell(request)
    return True


def _check(client: Client, *, levels: Sequence[str], claims: Sequence[str]) -> None:
    proves = set(levels) - {IDENTITY_LEVELS[0]}
    if (proves or claims) and client.auth_method != Client.AuthMethod.PRIVATE_KEY_JWT:
        raise PermissionRefusedError(_("A program with a secret may only sign in: register one with a key"))
    if claims and not proves:
        raise PermissionRefusedError(_("Choose the level of identity that the claims come with"))


def _create(client: Client, **values: Any) -> PermissionRequest:
    try:
        with transaction.atomic():
            return PermissionRequest.objects.create(client=client, service=client.service, **values)
    except IntegrityError:
        raise PermissionRefusedError(_("You have asked already; the answer comes by email")) from None


def _want_second_person(request: PermissionRequest, user: User) -> None:
    is_member = Membership.objects.filter(service_id=request.service_id, user=user).exists()
    if is_member or request.requested_by_id == user.pk:
        raise PermissionRefusedError(_("Somebody outside the service's team must decide"))


def _decide(request: PermissionRequest, status: str, *, user: User, answer: str) -> bool:
    if request.status != "waiting":
        return False
    changes = {"decided_by": user, "decided_at": now(), "answer": answer}
    return _move(request, status, by=Actor.for_user(user), **changes)


def _move(request: PermissionRequest, status: str, *, by: Actor, **changes: Any) -> bool:
    data = {"client_id": request.client.client_id}
    return move(request, status, table=PERMISSION_REQUEST, by=by, changes=changes, data=data)


def _tell(request: PermissionRequest) -> None:
    """Write to who asked, in the first of the service's languages that we speak; without a console nobody asked."""
    if not apps.is_installed("gaap.console"):
        return
    from gaap.console.services.emails import queue_email

    spoken = [code for code, _name in conf.languages if code in request.service.languages]
    path = reverse("identity-console-client-permissions", args=[request.service_id, request.client.pk])
    words = {"request": request, "link": conf.base_url.rstrip("/") + path}
    with translation.override(spoken[0] if spoken else settings.LANGUAGE_CODE):
        subject = render_to_string("gaap_identity/console/email/permission_subject.txt", words)
        text = render_to_string("gaap_identity/console/email/permission_message.txt", words)
    queue_email(request.requested_by.email, subject=" ".join(subject.split()), text=f"{text.strip()}\n")
