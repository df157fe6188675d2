"""Payments by telephone: taking one, and who may."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments.console.forms.telephone import TelephonePaymentForm, TelephoneTeamForm
from gaap_payments.errors import TelephoneDraftError
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.telephone import (
    may_take_payments,
    new_draft,
    permit_members,
    permitted_ids,
    take_payment,
    telephone_accounts,
)
from gaap_payments.services.tokens import mint_token

ADMIN = Membership.Role.ADMIN


@require_http_methods(["GET", "POST"])
@service_page(ADMIN, also=may_take_payments)
def take(request: ServiceRequest) -> HttpResponse:
    """Ask what is paid, and lead to the page for the card; from there the way back is the payment's own page."""
    settings, accounts = settings_of(request.service), telephone_accounts(request.service)
    if not (settings.allows_moto and accounts):
        return _refuse(request, is_allowed=settings.allows_moto)
    draft = new_draft(request.service, user=request.user)
    form = TelephonePaymentForm(accounts, request.POST or None, settings=settings, draft=draft)
    if form.is_valid():
        try:
            payment = take_payment(form.account, order=form.order, draft=form.cleaned_data["draft"], user=request.user)
        except TelephoneDraftError:
            form.renew(draft)
            form.add_error(None, _("This form was sent before or is too old. Check it, and send it again."))
        else:
            return redirect("payments-secure", mint_token(payment))
    return render_service_page(request, "gaap_payments/console/telephone.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change_team(request: ServiceRequest) -> HttpResponse:
    """Show who may take payments by telephone, and change it."""
    members = Membership.objects.filter(service=request.service).exclude(role=ADMIN)
    members = members.select_related("user").order_by("user__email")
    data = request.POST if request.method == "POST" else None
    form = TelephoneTeamForm(members, data, permitted=permitted_ids(request.service))
    if form.is_valid():
        permit_members(request.service, membership_ids=form.membership_ids, by=current_actor())
        messages.success(request, _("It is saved who may take telephone payments."))
        return redirect("payments-console-settings", request.service.pk)
    context = {"form": form, "has_members": bool(members), "allows_moto": settings_of(request.service).allows_moto}
    return render_service_page(request, "gaap_payments/console/telephone_team.html", context)


def _refuse(request: ServiceRequest, *, is_allowed: bool) -> HttpResponse:
    context = {"is_allowed": is_allowed, "may_allow": request.membership.includes(ADMIN)}
    status = 409 if request.method == "POST" else 200
    answer = render_service_page(request, "gaap_payments/console/telephone_closed.html", context)
    answer.status_code = status
    return answer
