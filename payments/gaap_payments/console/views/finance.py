"""The ledger for the service's finance system."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gaap.clock import now
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap_payments.console.downloads import ledger_answer
from gaap_payments.console.forms.finance import LedgerForm
from gaap_payments.console.modes import LIVE, default_mode
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.ledger_export import select_days


@require_safe
@service_page()
def show(request: ServiceRequest) -> HttpResponse:
    """Ask for which days, yesterday at first."""
    yesterday = timezone.localdate(now()) - timedelta(days=1)
    initial = {"mode": default_mode(request), "from_date": yesterday, "to_date": yesterday, "format": "csv"}
    return _page(request, LedgerForm(initial=initial))


@require_safe
@service_page()
def export(request: ServiceRequest) -> HttpResponse:
    """Hand out the ledger of the days asked for, or show what was wrong with them."""
    form = LedgerForm(request.GET)
    if not form.is_valid():
        return _page(request, form)
    asked = form.cleaned_data
    selection = select_days(
        request.service, is_live=asked["mode"] == LIVE, first_day=asked["from_date"], last_day=asked["to_date"]
    )
    return ledger_answer(selection, file_format=asked["format"])


def _page(request: ServiceRequest, form: LedgerForm) -> HttpResponse:
    context = {"form": form, "settings": settings_of(request.service)}
    return render_service_page(request, "gaap_payments/console/finance.html", context)
