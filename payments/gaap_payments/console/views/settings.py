"""How the service's payment pages behave."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments.console.forms.settings import PaymentSettingsForm
from gaap_payments.services.accounts import accounts_of, save_settings, settings_of

ADMIN = Membership.Role.ADMIN
FALLBACK = "GBP"


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change(request: ServiceRequest) -> HttpResponse:
    """Show the settings, and change them."""
    accounts = accounts_of(request.service)
    code = accounts[0].currency if accounts else FALLBACK
    data = request.POST if request.method == "POST" else None
    form = PaymentSettingsForm(settings_of(request.service), data, currency_code=code)
    if form.is_valid():
        save_settings(request.service, by=current_actor(), **form.cleaned_data)
        messages.success(request, _("The settings are saved."))
        return redirect("payments-console-settings", request.service.pk)
    context = {"form": form, "accounts": accounts, "currency": code}
    return render_service_page(request, "gaap_payments/console/settings.html", context)
