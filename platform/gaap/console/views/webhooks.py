"""The service's webhooks: where its events are sent."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.webhooks import ReplayForm, WebhookForm
from gaap.console.pages import confirm_page, render_service_page
from gaap.console.paging import row_page
from gaap.organisations.models import Membership
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Delivery, Subscription
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.services.subscriptions import change_subscription, create_subscription, delete_subscription

DEVELOPER = Membership.Role.DEVELOPER


@require_safe
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the webhooks."""
    found = Subscription.objects.for_service(request.service.pk)
    return render_service_page(request, "gaap/console/webhooks.html", {"webhooks": found})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest) -> HttpResponse:
    """Add a webhook and show its secret, this once."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            subscription = create_subscription(request.service, by=current_actor(), **form.facts)
        except WebhookError as error:
            form.add_error(None, str(error))
        else:
            return show_secret(request, subscription)
    return render_service_page(request, "gaap/console/webhook_form.html", {"form": form})


@require_safe
@service_page(DEVELOPER)
def show_one(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Show a webhook and what was sent to it, with every attempt."""
    subscription = webhook_or_404(request, webhook_id)
    deliveries = Delivery.objects.filter(subscription=subscription).prefetch_related("tries")
    context = {"webhook": subscription, "page": row_page(request, deliveries), "replay_form": ReplayForm()}
    return render_service_page(request, "gaap/console/webhook.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Change where and what is sent."""
    subscription = webhook_or_404(request, webhook_id)
    form = WebhookForm(request.POST or None, subscription=subscription)
    if form.is_valid():
        try:
            change_subscription(subscription, by=current_actor(), **form.facts)
        except WebhookError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("gaap-console-webhook", request.service.pk, subscription.pk)
    return render_service_page(request, "gaap/console/webhook_form.html", {"form": form, "webhook": subscription})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def delete(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Close a webhook for good, after asking once."""
    subscription = webhook_or_404(request, webhook_id)
    if request.method == "POST":
        delete_subscription(subscription, by=current_actor())
        messages.success(request, _("The webhook is deleted."))
        return redirect("gaap-console-webhooks", request.service.pk)
    return confirm_page(
        request,
        title=_("Delete this webhook?"),
        text=_("Nothing more is sent to %(url)s. This cannot be undone.") % {"url": subscription.url},
        button=_("Delete the webhook"),
        back="gaap-console-webhooks",
    )


def show_secret(request: ServiceRequest, subscription: Subscription) -> HttpResponse:
    """Show the newest secret of a webhook."""
    context = {"webhook": subscription, "secret": usable_secrets(subscription)[0]}
    return render_service_page(request, "gaap/console/webhook_secret.html", context)


def webhook_or_404(request: ServiceRequest, webhook_id: UUID) -> Subscription:
    """Return one of the service's webhooks; raises Http404."""
    found = Subscription.objects.for_service(request.service.pk).filter(pk=webhook_id).first()
    if found is None:
        raise Http404
    return found
