"""What is done to a webhook by pressing one button."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gaap.actors import current_actor
from gaap.clock import now
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.webhooks import ReplayForm
from gaap.console.views.webhooks import DEVELOPER, show_secret, webhook_or_404
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.queueing import queue_test
from gaap.webhooks.services.replays import replay_delivery, replay_range
from gaap.webhooks.services.secrets import rotate_secret
from gaap.webhooks.services.subscriptions import disable_subscription, enable_subscription

OVERLAP = timedelta(days=1)


@require_POST
@service_page(DEVELOPER)
def test(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test event."""
    if queue_test(webhook_or_404(request, webhook_id)):
        messages.success(request, _("A test event is on its way. Load this page again to see how it went."))
    else:
        messages.error(request, _("The webhook is not active."))
    return redirect("gaap-console-webhook", request.service.pk, webhook_id)


@require_POST
@service_page(DEVELOPER)
def switch(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Disable an active webhook, or enable a disabled one."""
    subscription = webhook_or_404(request, webhook_id)
    if subscription.status == Subscription.Status.ACTIVE:
        disable_subscription(subscription, reason=Subscription.Reason.REQUESTED, by=current_actor())
    else:
        enable_subscription(subscription, by=current_actor())
    return redirect("gaap-console-webhook", request.service.pk, webhook_id)


@require_POST
@service_page(DEVELOPER)
def rotate(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Make a new secret and show it, this once; the old ones sign beside it for a day."""
    subscription = webhook_or_404(request, webhook_id)
    try:
        rotate_secret(subscription, overlap=OVERLAP, by=current_actor())
    except WebhookError as error:
        messages.error(request, str(error))
        return redirect("gaap-console-webhook", request.service.pk, webhook_id)
    return show_secret(request, subscription)


@require_POST
@service_page(DEVELOPER)
def replay_missed(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Send again what did not get through."""
    subscription = webhook_or_404(request, webhook_id)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return redirect("gaap-console-webhook", request.service.pk, webhook_id)
    moment = now()
    try:
        queued = replay_range(
            subscription, since=moment - form.period, until=moment, is_missed_only=True, by=current_actor()
        )
    except WebhookError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(number)d event is sent again.", "%(number)d events are sent again.", queued)
        messages.success(request, text % {"number": queued})
    return redirect("gaap-console-webhook", request.service.pk, webhook_id)


@require_POST
@service_page(DEVELOPER)
def replay_one(request: ServiceRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Send one delivery again."""
    subscription = webhook_or_404(request, webhook_id)
    delivery = Delivery.objects.filter(subscription=subscription, id=delivery_id).first()
    if delivery is None:
        raise Http404
    try:
        replay_delivery(delivery, by=current_actor())
    except WebhookError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is sent again, under the same id."))
    return redirect("gaap-console-webhook", request.service.pk, webhook_id)
