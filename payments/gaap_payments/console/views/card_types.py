"""Which cards an account of the service takes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments.console.forms.card_types import CardTypesForm
from gaap_payments.models import GatewayAccount
from gaap_payments.services.accounts import accounts_of, card_brands, save_card_types


@require_http_methods(["GET", "POST"])
@service_page(Membership.Role.ADMIN)
def change(request: ServiceRequest, account_id: UUID) -> HttpResponse:
    """Show which cards are taken, and change it."""
    account = account_or_404(request, account_id)
    data = request.POST if request.method == "POST" else None
    form = CardTypesForm(data, known=account.card_types, brands=card_brands(account.provider))
    if form.is_valid():
        save_card_types(account, card_types=form.card_types, by=current_actor())
        messages.success(request, _("The cards are saved."))
        return redirect("payments-console-settings", request.service.pk)
    return render_service_page(request, "gaap_payments/console/card_types.html", {"form": form, "account": account})


def account_or_404(request: ServiceRequest, account_id: UUID) -> GatewayAccount:
    """Return one of the service's enabled accounts; raises Http404."""
    found = next((account for account in accounts_of(request.service) if account.pk == account_id), None)
    if found is None:
        raise Http404
    return found
