"""From trial to live: the team asks, a second person decides."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.console.models import GoLiveRequest
from gaap.console.services.messages import send_decision
from gaap.console.states import APPROVED, GO_LIVE, REFUSED, WAITING, WITHDRAWN
from gaap.contributions import ChecklistItem, contributions
from gaap.organisations.models import Membership, Service
from gaap.organisations.services import change_service
from gaap.outbox.services import emit
from gaap.states import move


class GoLiveError(ValueError):
    """The service cannot go live that way; the text says why to the person who tries."""


def checklist(service: Service) -> Iterator[ChecklistItem]:
    """Yield what should be in order before ``service`` goes live: the console's items, then each component's."""
    administrators = service.memberships.filter(role=Membership.Role.ADMIN).count()
    yield ChecklistItem(
        title=_("Two administrators"),
        is_done=administrators >= 2,
        hint=_("So that somebody can act when one is away. Invite a colleague."),
    )
    yield ChecklistItem(
        title=_("A key that has been used"),
        is_done=service.api_keys.filter(last_used_at__isnull=False).exists(),
        hint=_("Try your service out with a test key first."),
    )
    for contribution in contributions():
        yield from contribution.checklist(service)


@transaction.atomic
def request_go_live(service: Service, *, note: str, user: User) -> GoLiveRequest:
    """Ask that ``service`` goes live; raises GoLiveError while something required is missing, or an answer is due."""
    if service.is_live:
        raise GoLiveError(_("The service is live already"))
    if any(item.is_required and not item.is_done for item in checklist(service)):
        raise GoLiveError(_("Something on the list is still missing"))
    request = _create(service, note=note, user=user)
    record("go_live_requested", target=request, by=Actor.for_user(user))
    emit("go_live_requested", service_id=service.pk, subject=_subject(request), data={"status": WAITING})
    return request


def withdraw_request(request: GoLiveRequest, *, by: Actor) -> bool:
    """Take the wish back; returns False when somebody decided first."""
    return move(request, WITHDRAWN, table=GO_LIVE, by=by) if request.status == WAITING else False


@transaction.atomic
def approve(request: GoLiveRequest, *, user: User) -> bool:
    """Let the service go live; returns False when somebody decided first. Raises GoLiveError for one's own service."""
    _want_second_person(request, user)
    by = Actor.for_user(user)
    if not _decide(request, APPROVED, user=user, answer=""):
        return False
    change_service(request.service, by=by, is_live=True)
    send_decision(request)
    return True


@transaction.atomic
def refuse(request: GoLiveRequest, *, answer: str, user: User) -> bool:
    """Leave the service in trial mode and tell the team why; returns False when somebody decided first."""
    _want_second_person(request, user)
    if not _decide(request, REFUSED, user=user, answer=answer):
        return False
    send_decision(request)
    return True


def may_decide(request: GoLiveRequest, user: User) -> bool:
    """Tell whether ``user`` is a second person: not the one who asked, nor of the service's team."""
    is_member = Membership.objects.filter(service_id=request.service_id, user=user).exists()
    return request.requested_by_id != user.pk and not is_member


def _want_second_person(request: GoLiveRequest, user: User) -> None:
    if not may_decide(request, user):
        raise GoLiveError(_("Somebody outside the service's team must decide"))


def _create(service: Service, *, note: str, user: User) -> GoLiveRequest:
    try:
        with transaction.atomic():
            return GoLiveRequest.objects.create(service=service, note=note, requested_by=user)
    except IntegrityError:
        raise GoLiveError(_("You have asked already; the answer comes by email")) from None


def _decide(request: GoLiveRequest, status: str, *, user: User, answer: str) -> bool:
    if request.status != WAITING:
        return False
    changes = {"decided_by": user, "decided_at": now(), "answer": answer}
    return move(request, status, table=GO_LIVE, by=Actor.for_user(user), changes=changes)


def _subject(request: GoLiveRequest) -> str:
    return f"{GO_LIVE.noun}/{request.pk}"
