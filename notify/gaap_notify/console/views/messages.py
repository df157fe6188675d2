"""The service's messages, and what people have texted."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from gaap.actors import current_actor
from gaap.audit.services import record
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_notify.console.faults import in_short
from gaap_notify.console.forms.jobs import MessageSearchForm
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Letter, Notification, ReceivedText
from gaap_notify.models.channels import Channel
from gaap_notify.services.files.taking_back import files_of
from gaap_notify.services.letters.calendar import cut_off
from gaap_notify.services.letters.changing import can_cancel
from gaap_notify.services.notifications import find_notification
from gaap_notify.services.received import conversation
from gaap_notify.services.results import read_message, search_messages
from gaap_notify.states import PENDING_VIRUS_CHECK, STATUS_LABELS, VIRUS_SCAN_FAILED

CASEWORKER = Membership.Role.CASEWORKER
PAGE_SIZE = 50


@require_safe
@service_page(CASEWORKER)
def show(request: ServiceRequest) -> HttpResponse:
    """List messages, newest first; recipients are shown on each one's own page."""
    form = MessageSearchForm(request.GET or None, statuses=STATUS_LABELS.items())
    asked = form.cleaned_data if form.is_valid() else {}
    found = search_messages(request.service.pk, **asked)
    before = _before(request)
    if before is not None:
        found = found.older_than(before)
    rows = list(found[: PAGE_SIZE + 1])
    context = {"form": form, "rows": rows[:PAGE_SIZE], "older": _older(request, rows), "labels": STATUS_LABELS}
    return render_service_page(request, "gaap_notify/console/messages.html", context)


@require_safe
@service_page(CASEWORKER)
def show_one(request: ServiceRequest, notification_id: UUID) -> HttpResponse:
    """Show one message with its story. That somebody looked is kept in the audit."""
    try:
        found = find_notification(request.service.pk, notification_id)
    except NoResultFoundError as error:
        raise Http404 from error
    context = {
        "message": found,
        "story": read_message(found, by=current_actor()),
        "files": files_of(found),
        "label": STATUS_LABELS.get(found.status, found.status),
        **_letter(found),
    }
    return render_service_page(request, "gaap_notify/console/message.html", context)


@require_safe
@service_page(CASEWORKER)
def received(request: ServiceRequest) -> HttpResponse:
    """List what people have texted."""
    texts = ReceivedText.objects.for_service(request.service.pk)[:PAGE_SIZE]
    record("received_texts_viewed", target=request.service, service=request.service, by=current_actor())
    return render_service_page(request, "gaap_notify/console/received.html", {"texts": texts})


@require_safe
@service_page(CASEWORKER)
def show_conversation(request: ServiceRequest, text_id: UUID) -> HttpResponse:
    """Show what a person and the service have texted each other."""
    text = ReceivedText.objects.for_service(request.service.pk).filter(pk=text_id).first()
    if text is None:
        raise Http404
    record("conversation_viewed", target=text, service=request.service, by=current_actor())
    context = {"text": text, "lines": conversation(text)}
    return render_service_page(request, "gaap_notify/console/conversation.html", context)


def _letter(notification: Notification) -> dict[str, Any]:
    """Return what the page shows of a letter besides: nothing of other messages."""
    if notification.type != Channel.LETTER:
        return {}
    letter = Letter.objects.select_related("notification").get(pk=notification.pk)
    return {
        "letter": letter,
        "fault": in_short(letter.fault),
        "has_pdf": letter.file_id and notification.status not in (PENDING_VIRUS_CHECK, VIRUS_SCAN_FAILED),
        "until": cut_off(notification.created_at) if can_cancel(letter) else None,
    }


def _before(request: ServiceRequest) -> Notification | None:
    try:
        return find_notification(request.service.pk, UUID(request.GET.get("before", "")))
    except (ValueError, NoResultFoundError):
        return None


def _older(request: ServiceRequest, rows: list[Notification]) -> str:
    if len(rows) <= PAGE_SIZE:
        return ""
    query = request.GET.copy()
    query["before"] = str(rows[PAGE_SIZE - 1].pk)
    return f"?{query.urlencode()}"
