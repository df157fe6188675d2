"""The disputes about a service's payments, with the time by which evidence is due."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from gaap.clock import now
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap_payments import states
from gaap_payments.console.modes import LIVE, asked_mode
from gaap_payments.console.paging import timed_page
from gaap_payments.labels import DISPUTE, REASON_LABELS, STATE_LABELS, state_kind
from gaap_payments.models import Dispute


@require_safe
@service_page()
def show(request: ServiceRequest) -> HttpResponse:
    """List the disputes, newest first; above them how many wait for evidence."""
    mode = asked_mode(request)
    among = Dispute.objects.filter(service=request.service)
    found = among.filter(is_live=mode == LIVE)
    page = timed_page(request, found.select_related("payment"), among=among)
    context = {
        "page": page,
        "rows": [_row(dispute) for dispute in page.rows],
        "waiting": found.filter(status=states.NEEDS_RESPONSE).count(),
        "mode": mode,
    }
    return render_service_page(request, "gaap_payments/console/disputes.html", context)


def _row(dispute: Dispute) -> dict[str, object]:
    group, due = f"{DISPUTE}{dispute.status}", dispute.evidence_due_at
    waits = dispute.status == states.NEEDS_RESPONSE
    return {
        "dispute": dispute,
        "label": STATE_LABELS[group],
        "kind": state_kind(group),
        "reason": REASON_LABELS.get(dispute.reason, REASON_LABELS["other"]),
        "is_late": bool(waits and due and due < now()),
        "due": due if waits else None,
    }
