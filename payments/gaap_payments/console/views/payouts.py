"""What the provider paid into the service's bank account, and what each transfer was made of."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.console.paging import row_page
from gaap_payments.console.downloads import ledger_answer
from gaap_payments.console.modes import LIVE, asked_mode
from gaap_payments.console.paging import timed_page
from gaap_payments.labels import PAYOUT_LABELS
from gaap_payments.models import Payout, PayoutItem
from gaap_payments.money import Money
from gaap_payments.services.ledger_export import select_payout


@require_safe
@service_page()
def show(request: ServiceRequest) -> HttpResponse:
    """List the payouts, newest first."""
    mode = asked_mode(request)
    among = Payout.objects.filter(gateway_account__service=request.service)
    page = timed_page(request, among.filter(gateway_account__is_live=mode == LIVE), among=among)
    rows = [{"payout": payout, "label": PAYOUT_LABELS[payout.status]} for payout in page.rows]
    context = {"page": page, "rows": rows, "mode": mode}
    return render_service_page(request, "gaap_payments/console/payouts.html", context)


@require_safe
@service_page()
def show_one(request: ServiceRequest, payout_id: int) -> HttpResponse:
    """Show what a payout is made of."""
    payout = _payout_or_404(request, payout_id)
    page = row_page(request, PayoutItem.objects.filter(payout=payout).select_related("payment"))
    context = {
        "payout": payout,
        "label": PAYOUT_LABELS[payout.status],
        "page": page,
        "rows": [_row(item, payout.currency) for item in page.rows],
    }
    return render_service_page(request, "gaap_payments/console/payout.html", context)


@require_safe
@service_page()
def export(request: ServiceRequest, payout_id: int) -> HttpResponse:
    """Hand out the payout's part of the ledger; ``?format=`` is ``csv`` or ``xml``."""
    selection = select_payout(_payout_or_404(request, payout_id))
    return ledger_answer(selection, file_format=request.GET.get("format", "csv"))


def _row(item: PayoutItem, currency: str) -> dict[str, Any]:
    return {
        "item": item,
        "amount": Money(item.amount, currency),
        "fee": Money(item.fee, currency),
        "net": Money(item.net, currency),
    }


def _payout_or_404(request: ServiceRequest, payout_id: int) -> Payout:
    found = Payout.objects.filter(gateway_account__service=request.service, pk=payout_id)
    payout = found.select_related("gateway_account__service").first() if payout_id < 2**63 else None
    if payout is None:
        raise Http404
    return payout
