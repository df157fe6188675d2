"""The disputes about a service's payments, with the time by which evidence is due."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.clock import now
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_payments import states
from gaap_payments.console.forms.evidence import EvidenceForm
from gaap_payments.console.modes import LIVE, asked_mode
from gaap_payments.console.paging import timed_page
from gaap_payments.errors import EvidenceClosedError
from gaap_payments.labels import CLOSED_LABELS, DISPUTE, EVIDENCE_LABELS, REASON_LABELS, STATE_LABELS, state_kind
from gaap_payments.models import Dispute, DisputeEvidence
from gaap_payments.services.actor_names import actor_names
from gaap_payments.services.evidence import enter_evidence, reason_closed


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


@require_http_methods(["GET", "POST"])
@service_page()
def show_one(request: ServiceRequest, dispute_id: str) -> HttpResponse:
    """Show a dispute with what was said about it, and take evidence from those who may give money back."""
    disputes = Dispute.objects.filter(service=request.service).select_related("payment__gateway_account")
    dispute = disputes.filter(pk=dispute_id).first()
    if dispute is None:
        raise Http404
    may_answer = request.membership.includes(Membership.Role.CASEWORKER)
    if request.method == "POST" and not may_answer:
        raise PermissionDenied
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            enter_evidence(dispute, by=current_actor(), **form.cleaned_data)
        except EvidenceClosedError as error:
            form.add_error(None, str(CLOSED_LABELS[error.reason]))
        else:
            messages.success(request, _("Your evidence is on its way to the payment provider."))
            return redirect("payments-console-dispute", request.service.pk, dispute.pk)
    reason = reason_closed(dispute)
    evidence = DisputeEvidence.objects.filter(dispute=dispute).first()
    context = {
        **_row(dispute),
        "form": form if may_answer and not reason else None,
        "problems": form.non_field_errors(),
        "closed": CLOSED_LABELS.get(reason, ""),
        "may_answer": may_answer,
        "evidence": evidence,
        "evidence_label": EVIDENCE_LABELS[evidence.status] if evidence else "",
        "entered_by": actor_names([evidence.created_by]).get(evidence.created_by, "") if evidence else "",
    }
    return render_service_page(request, "gaap_payments/console/dispute.html", context)


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
