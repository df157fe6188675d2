"""The service's transactions: the search, one payment with its story, and all that fit as CSV."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.console.paging import RowPage
from gaap.organisations.models import Membership
from gaap.theme.forms import summary_errors
from gaap_payments.console.forms.transactions import TransactionSearchForm
from gaap_payments.console.modes import default_mode
from gaap_payments.console.paging import changed_query, timed_page
from gaap_payments.labels import STATE_LABELS, payment_group, state_kind
from gaap_payments.models import Payment
from gaap_payments.models.payments import PaymentQuerySet
from gaap_payments.money import Money
from gaap_payments.services.refunds import refund_status
from gaap_payments.services.telephone import is_offered
from gaap_payments.services.timelines import read_transaction
from gaap_payments.services.transactions import (
    TransactionSearch,
    counted,
    export_transactions,
    find_transactions,
)

VIEWER, CASEWORKER = Membership.Role.VIEWER, Membership.Role.CASEWORKER
#: What is open on the page at first; the rest of the form unfolds.
FIRST_FIELDS = ("mode", "service", "reference", "email", "from_date", "to_date")


@require_safe
@service_page(VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the payments that fit, newest first."""
    form = TransactionSearchForm(request.GET or None, initial={"mode": default_mode(request)})
    is_readable = form.is_valid() or not form.is_bound
    search = form.search if form.is_bound and is_readable else TransactionSearch()
    is_live = mode_of(request, form) == "live"
    found = find_transactions(request.service.pk, is_live=is_live, search=search)
    found = found if is_readable else found.none()
    page = timed_page(request, found, among=Payment.objects.filter(service=request.service))
    context = {
        **listing(request, form, found=found, page=page, search=search),
        "is_live": is_live,
        "csv_query": changed_query(request, mode="live" if is_live else "test"),
        "takes_telephone": is_offered(request.membership),
    }
    return render_service_page(request, "gaap_payments/console/transactions.html", context)


@require_safe
@service_page(VIEWER)
def show_one(request: ServiceRequest, payment_id: str) -> HttpResponse:
    """Show one payment with its story. That somebody looked is kept in the audit."""
    payment = payment_or_404(request, payment_id)
    status = refund_status(payment)
    waiting = [entry for entry in payment.refund_requests.all() if entry.decided_at is None]
    group = payment_group(payment.state)
    context = {
        "payment": payment,
        "label": STATE_LABELS[group],
        "kind": state_kind(group),
        "story": read_transaction(payment, by=current_actor()),
        "refundable": Money(payment.refundable_amount, payment.currency),
        "refunded": Money(payment.refunded_amount, payment.currency) if payment.refunded_amount else None,
        "surcharge": Money(payment.corporate_surcharge, payment.currency) if payment.corporate_surcharge else None,
        "fee": None if payment.fee is None else Money(payment.fee, payment.currency),
        "waiting": waiting[0] if waiting else None,
        "may_refund": status == "available" and not payment.is_disputed and request.membership.includes(CASEWORKER),
    }
    return render_service_page(request, "gaap_payments/console/transaction.html", context)


@require_safe
@service_page(VIEWER)  # type: ignore[arg-type]
def export(request: ServiceRequest) -> HttpResponse | StreamingHttpResponse:
    """Hand out all that fit as CSV; a search that cannot be understood is shown with its mistakes instead."""
    form = TransactionSearchForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return show(request, service_id=request.service.pk)
    search = form.search if form.is_bound else TransactionSearch()
    is_live = mode_of(request, form) == "live"
    lines = export_transactions(request.service, is_live=is_live, search=search, by=current_actor())
    return csv_answer(lines)


def csv_answer(lines: Iterator[str]) -> StreamingHttpResponse:
    """Return transactions as a file that streams."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="transactions.csv"'
    return answer


def listing(
    request: HttpRequest,
    form: TransactionSearchForm,
    *,
    found: PaymentQuerySet,
    page: RowPage,
    search: TransactionSearch,
) -> dict[str, Any]:
    """Return what every list of transactions shows: the form, how many fit, and one page of them."""
    count, has_more = counted(found)
    return {
        "form": form,
        "errors": list(summary_errors(form)) if form.is_bound else [],
        "first_fields": [form[name] for name in form.fields if name in FIRST_FIELDS],
        "further_fields": [form[name] for name in form.fields if name not in FIRST_FIELDS],
        "is_unfolded": bool(set(search.named) - set(FIRST_FIELDS)),
        "count": count,
        "has_more": has_more,
        "page": page,
        "rows": [_row(payment) for payment in page.rows],
    }


def payment_or_404(request: ServiceRequest, payment_id: str) -> Payment:
    """Return one of the service's payments with what its page shows; raises Http404."""
    payments = Payment.objects.filter(service=request.service, pk=payment_id)
    related = ("refund_requests__requested_by", "refunds", "disputes")
    found = payments.select_related("gateway_account", "service__payment_settings").prefetch_related(*related).first()
    if found is None:
        raise Http404
    return found


def mode_of(request: ServiceRequest, form: Any) -> str:
    """Return ``live`` or ``test``: what the form says, else what the service has."""
    asked = form.cleaned_data.get("mode") if form.is_bound and hasattr(form, "cleaned_data") else ""
    return str(asked or default_mode(request))


def _row(payment: Payment) -> dict[str, Any]:
    group = payment_group(payment.state)
    notes = [_("partly or wholly refunded")] if payment.refunded_amount else []
    notes += [_("disputed")] if payment.is_disputed else []
    return {"payment": payment, "label": STATE_LABELS[group], "kind": state_kind(group), "notes": notes}
