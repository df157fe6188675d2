"""The transactions of every service that a person belongs to, in one list and one file."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gaap.actors import current_actor
from gaap.console.access import ConsoleRequest, console_page
from gaap.organisations.models import Membership, Service
from gaap_payments.console.forms.transactions import AllTransactionsForm
from gaap_payments.console.modes import default_mode_of
from gaap_payments.console.paging import changed_query, timed_page
from gaap_payments.console.views.transactions import csv_answer, listing
from gaap_payments.models import Payment
from gaap_payments.services.transactions import TransactionSearch, export_transactions, find_transactions


@require_safe
@console_page
def show(request: ConsoleRequest) -> HttpResponse:
    """List the payments that fit, newest first, whichever of the person's services they are of."""
    form, chosen = _asked(request)
    is_readable = form.is_valid() or not form.is_bound
    search = form.search if form.is_bound and is_readable else TransactionSearch()
    found = find_transactions(*_keys(chosen), is_live=form.is_live, search=search)
    found = found if is_readable else found.none()
    page = timed_page(
        request,
        found.select_related("service"),
        among=Payment.objects.filter(service__in=_keys(chosen)),
        parts=[Q(service=service) for service in chosen],
    )
    context = {
        **listing(request, form, found=found, page=page, search=search),
        "is_live": form.is_live,
        "csv_query": changed_query(request, mode="live" if form.is_live else "test"),
        "shows_service": True,
    }
    return render(request, "gaap_payments/console/all_transactions.html", context)


@require_safe
@console_page  # type: ignore[arg-type]
def export(request: ConsoleRequest) -> HttpResponse | StreamingHttpResponse:
    """Hand out all that fit as CSV; a search that cannot be understood is shown with its mistakes instead."""
    form, chosen = _asked(request)
    if form.is_bound and not form.is_valid():
        return show(request)
    search = form.search if form.is_bound else TransactionSearch()
    return csv_answer(export_transactions(*chosen, is_live=form.is_live, search=search, by=current_actor()))


def _asked(request: ConsoleRequest) -> tuple[AllTransactionsForm, Sequence[Service]]:
    """Return the form, and the services that it asks about: one of the person's, or all."""
    members = Membership.objects.filter(user=request.user, service__archived_at__isnull=True)
    services = [member.service for member in members.select_related("service").order_by("service__name")]
    form = AllTransactionsForm(request.GET or None, services=services, mode=default_mode_of(services))
    return form, form.chosen


def _keys(services: Sequence[Service]) -> list[UUID]:
    return [service.pk for service in services]
