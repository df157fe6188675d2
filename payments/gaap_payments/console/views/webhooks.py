"""The service's webhooks as the payments contract has them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.models import Subscription
from gaap.webhooks.services.secrets import usable_secrets
from gaap_payments.console.forms.webhooks import PaymentWebhookForm
from gaap_payments.models import PaymentWebhook
from gaap_payments.services.webhooks import change_webhook, create_webhook, renew_secret, webhooks_of

DEVELOPER = Membership.Role.DEVELOPER


@require_safe
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the webhooks that speak the payments contract."""
    context = {"webhooks": webhooks_of(request.service.pk)}
    return render_service_page(request, "gaap_payments/console/webhooks.html", context)


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest) -> HttpResponse:
    """Add a webhook and show its secret, this once."""
    form = PaymentWebhookForm(request.POST or None)
    if form.is_valid():
        try:
            webhook = create_webhook(request.service, by=current_actor(), **form.facts)
        except WebhookError as error:
            form.add_error("url", str(error))
        else:
            return _show_secret(request, webhook, usable_secrets(webhook.subscription)[0])
    return render_service_page(request, "gaap_payments/console/webhook_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Change where and what is sent."""
    webhook = _webhook_or_404(request, webhook_id)
    form = PaymentWebhookForm(request.POST or None, webhook=webhook)
    if form.is_valid():
        try:
            change_webhook(webhook, by=current_actor(), **form.facts)
        except WebhookError as error:
            form.add_error("url", str(error))
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("payments-console-webhooks", request.service.pk)
    context = {"form": form, "webhook": webhook}
    return render_service_page(request, "gaap_payments/console/webhook_form.html", context)


@require_POST
@service_page(DEVELOPER)
def renew(request: ServiceRequest, webhook_id: UUID) -> HttpResponse:
    """Make a new secret, which replaces the old one at once, and show it this once."""
    webhook = _webhook_or_404(request, webhook_id)
    try:
        secret = renew_secret(webhook, by=current_actor())
    except WebhookError as error:
        messages.error(request, str(error))
        return redirect("payments-console-webhooks", request.service.pk)
    return _show_secret(request, webhook, secret)


def _show_secret(request: ServiceRequest, webhook: PaymentWebhook, secret: str) -> HttpResponse:
    context = {"webhook": webhook, "secret": secret}
    return render_service_page(request, "gaap_payments/console/webhook_secret.html", context)


def _webhook_or_404(request: ServiceRequest, webhook_id: UUID) -> PaymentWebhook:
    known = Subscription.objects.for_service(request.service.pk)
    webhooks = PaymentWebhook.objects.filter(subscription__in=known).select_related("subscription")
    found = webhooks.filter(pk=webhook_id).first()
    if found is None:
        raise Http404
    return found
