"""Giving money back, and the second person above the service's limit."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments import states
from gaap_payments.console.forms.transactions import RefundForm
from gaap_payments.console.views.transactions import payment_or_404
from gaap_payments.errors import (
    AccountDisabledError,
    OwnRefundRequestError,
    PaymentsError,
    RefundDisputedError,
    RefundRequestClosedError,
    RefundUnavailableError,
)
from gaap_payments.models import Refund, RefundRequest
from gaap_payments.money import Money
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.refund_requests import agree_to_refund, refund_by_person, reject_refund
from gaap_payments.services.refunds import refund_status

CASEWORKER = Membership.Role.CASEWORKER
NEWEST = 50


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def create(request: ServiceRequest, payment_id: str) -> HttpResponse:
    """Ask how much, and give it back or ask a colleague to agree."""
    payment = payment_or_404(request, payment_id)
    form = RefundForm(payment, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = refund_by_person(payment, user=request.user, **form.cleaned_data)
        except PaymentsError as error:
            form.add_error(None, refusal(error))
        else:
            messages.success(request, _said(made))
            return redirect("payments-console-transaction", request.service.pk, payment.pk)
    limit = settings_of(payment.service).refund_limit
    context = {
        "form": form,
        "payment": payment,
        "left": Money(payment.refundable_amount, payment.currency),
        "limit": None if limit is None else Money(limit, payment.currency),
        "is_possible": refund_status(payment) == "available" and not payment.is_disputed,
    }
    return render_service_page(request, "gaap_payments/console/refund.html", context)


@require_safe
@service_page(CASEWORKER)
def show_requests(request: ServiceRequest) -> HttpResponse:
    """List the refunds that wait for a second person, and the newest that were decided."""
    found = RefundRequest.objects.filter(service=request.service)
    found = found.select_related("payment", "requested_by", "decided_by")
    waiting = found.filter(status=states.WAITING)
    context = {
        "waiting": waiting.order_by("pk"),
        "decided": found.exclude(status=states.WAITING)[:NEWEST],
        "user_id": request.user.pk,
    }
    return render_service_page(request, "gaap_payments/console/refund_requests.html", context)


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def decide(request: ServiceRequest, request_id: int) -> HttpResponse:
    """Show a refund that waits, and approve or decline it."""
    found = _request_or_404(request, request_id)
    is_own = found.requested_by_id == request.user.pk
    refused = ""
    if request.method == "POST":
        try:
            messages.success(request, _decide(request, found))
            return redirect("payments-console-refund-requests", request.service.pk)
        except PaymentsError as error:
            refused = refusal(error)
            found = _request_or_404(request, request_id)
    can_decide = found.status == states.WAITING and not is_own
    context = {"found": found, "is_own": is_own, "can_decide": can_decide, "refused": refused}
    return render_service_page(request, "gaap_payments/console/refund_request.html", context)


def refusal(error: PaymentsError) -> str:
    """Return in words for the team why money is not given back."""
    if isinstance(error, RefundDisputedError):
        return _("The payer's bank wants this payment back, so it cannot be refunded.")
    if isinstance(error, AccountDisabledError):
        return _("The account with the payment provider is switched off.")
    if isinstance(error, OwnRefundRequestError):
        return _("You asked for this refund yourself. A colleague has to decide.")
    if isinstance(error, RefundRequestClosedError):
        return _("Somebody has decided on this refund already.")
    if isinstance(error, RefundUnavailableError):
        return _("This payment cannot be refunded, or not by as much.")
    return _("Something else was refunded or asked for meanwhile. Look at the payment again.")


def _decide(request: ServiceRequest, found: RefundRequest) -> str:
    if request.POST.get("decision") == "approve":
        agree_to_refund(found, user=request.user)
        return _("The refund is approved and on its way.")
    if request.POST.get("decision") == "decline":
        reject_refund(found, user=request.user)
        return _("The refund is declined.")
    raise Http404


def _said(made: Refund | RefundRequest) -> str:
    if isinstance(made, Refund):
        return _("%(amount)s is being given back.") % {"amount": made.money}
    return _("A colleague has to approve the refund of %(amount)s.") % {"amount": made.money}


def _request_or_404(request: ServiceRequest, request_id: int) -> RefundRequest:
    found = RefundRequest.objects.filter(service=request.service, pk=request_id)
    related = ("payment__gateway_account", "payment__service", "requested_by", "decided_by")
    known = found.select_related(*related).first()
    if known is None:
        raise Http404
    return known
