"""The citizen's side of unsubscribing: one question, one button, and a way back.

Programs that look through mail open links before people do, so opening changes nothing. A mail program's own button
posts here without a page and without a cookie (RFC 8058); the address of the link is all that either needs.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from gaap_notify.models import Suppression
from gaap_notify.services.unsubscribing.requests import (
    Subscriber,
    find_subscriber,
    subscribe_again,
    suppression_of,
    unsubscribe,
)
from gaap_notify.web.contacts import contact_of
from gaap_notify.web.private import keep_private

#: What a mail program posts (RFC 8058, 3.1).
ONE_CLICK = ("List-Unsubscribe", "One-Click")


class SubscriberView(View):
    """Finds whom a link belongs to, and says so when it belongs to nobody."""

    subscriber: Subscriber
    link: dict[str, object]

    def dispatch(self, request: HttpRequest, notification_id: UUID, token: str) -> HttpResponseBase:
        """Answer for a link of ours; any other is told apart by nothing."""
        self.link = {"notification_id": notification_id, "token": token}
        found = find_subscriber(notification_id, token)
        if found is None:
            return keep_private(render(request, "gaap_notify/unsubscribe_unknown.html", status=404))
        self.subscriber = found
        return keep_private(super().dispatch(request))

    def to_page(self, query: str = "") -> HttpResponse:
        """Return a redirect to the page of this link."""
        response = HttpResponseRedirect(reverse("notify-unsubscribe", kwargs=self.link) + query)
        response.status_code = 303
        return response


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(SubscriberView):
    """Asks whether to unsubscribe, does so, and says how it stands."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask; whoever has unsubscribed already is told so."""
        found = suppression_of(self.subscriber)
        service = self.subscriber.notification.service
        context = {
            "service": service,
            "contact": contact_of(service),
            "is_again": found is None and "again" in request.GET,
            "can_undo": found is not None and found.reason == Suppression.Reason.UNSUBSCRIBED,
            "undo": reverse("notify-subscribe-again", kwargs=self.link),
        }
        return render(request, f"gaap_notify/{'unsubscribed' if found else 'unsubscribe'}.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Unsubscribe. A second time changes nothing and is answered alike (spec A.15)."""
        unsubscribe(self.subscriber)
        name, value = ONE_CLICK
        if request.POST.get(name) == value:
            return HttpResponse(content_type="text/plain")
        return self.to_page()


class SubscribeAgainView(SubscriberView):
    """Takes it back."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page of the link: only its button takes anything back."""
        return self.to_page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the emails come again."""
        is_again = subscribe_again(self.subscriber)
        return self.to_page("?again=1" if is_again else "")
