"""The outbox: only on an embedded instance, where nothing that was sent has left the machine."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.constants import SELF
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from gaap.conf import conf
from gaap_notify.services.letters.changing import letter_pdf
from gaap_notify.services.outbox import OutboxEntry, as_entries, find_entry, messages_to
from gaap_notify.web.forms import OutboxFilterForm

PAGE_SIZE = 25
MOST_IN_JSON = 1000
#: An email's HTML is a stranger here: no script, no form, no other host, not even its own origin.
EMAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

View = Callable[..., HttpResponse]


def embedded_only(view: View) -> View:
    """Decorate a view so that it does not exist where real people are served."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not conf.is_embedded or conf.is_production:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@embedded_only
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what was sent, newest first; ``?to=`` narrows it to one recipient."""
    form = OutboxFilterForm(request.GET)
    wanted = form.cleaned_data["to"] if form.is_valid() else ""
    page = Paginator(messages_to(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "entries": as_entries(page.object_list),
        "query": urlencode({"to": wanted}) + "&" if wanted else "",
        "is_filtered": bool(wanted),
    }
    return render(request, "gaap_notify/outbox.html", context)


@embedded_only
@require_safe
def outbox_json(request: HttpRequest) -> JsonResponse:
    """Return the newest 1,000 messages for programs; ``?to=`` narrows them to one recipient."""
    entries = as_entries(messages_to(request.GET.get("to", ""))[:MOST_IN_JSON])
    return JsonResponse({"messages": [_as_json(entry) for entry in entries]})


@embedded_only
@require_safe
def outbox_message(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Show one message, an email as its recipient sees it."""
    response = render(request, "gaap_notify/outbox_message.html", {"entry": _entry_or_404(notification_id)})
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]
    return response


@embedded_only
@require_safe
@xframe_options_sameorigin
def outbox_html(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Serve an email's HTML under a policy of its own."""
    response = HttpResponse(_entry_or_404(notification_id).message.html)
    response["Content-Security-Policy"] = EMAIL_POLICY
    return response


@embedded_only
@require_safe
def outbox_pdf(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Serve a letter as it was printed."""
    notification = _entry_or_404(notification_id).notification
    if notification is None or notification.type != "letter":
        raise Http404
    return HttpResponse(letter_pdf(notification), content_type="application/pdf")


def _entry_or_404(notification_id: UUID) -> OutboxEntry:
    entry = find_entry(notification_id)
    if entry is None:
        raise Http404
    return entry


def _as_json(entry: OutboxEntry) -> dict[str, Any]:
    message = entry.message
    is_email = message.channel == "email"
    return {
        "id": str(message.notification_id),
        "type": message.channel,
        "to": entry.to,
        "from": message.sender,
        "subject": None if message.channel == "sms" else message.subject,
        "body": message.body,
        "html": message.html if is_email else None,
        "pdf": reverse("notify-outbox-pdf", args=[message.notification_id]) if message.channel == "letter" else None,
        "headers": message.headers,
        "template": entry.template,
        "status": entry.status,
        "provider_id": message.provider_id,
        "repeats": message.repeats,
        "created_at": message.created_at.isoformat(),
    }
