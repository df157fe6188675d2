"""The service's agreements on recurring payments."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.actors import current_actor
from gaap.audit.services import record
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap_payments import states
from gaap_payments.console.modes import LIVE, asked_mode
from gaap_payments.console.paging import timed_page
from gaap_payments.errors import AgreementStateError
from gaap_payments.labels import AGREEMENT_LABELS
from gaap_payments.models import Agreement
from gaap_payments.services.actor_names import actor_names
from gaap_payments.services.agreements import cancel_agreement

VIEWER, CASEWORKER = Membership.Role.VIEWER, Membership.Role.CASEWORKER
NEWEST_PAYMENTS = 50


@require_safe
@service_page(VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the agreements, newest first; ``?mode=`` and ``?reference=`` narrow them."""
    mode, reference = asked_mode(request), request.GET.get("reference", "").replace("\0", "").strip()
    among = Agreement.objects.filter(service=request.service)
    found = among.filter(is_live=mode == LIVE)
    found = found.filter(reference__iexact=reference) if reference else found
    page = timed_page(request, found, among=among)
    rows = [{"agreement": row, "label": AGREEMENT_LABELS[row.status]} for row in page.rows]
    context = {"page": page, "rows": rows, "mode": mode, "reference": reference}
    return render_service_page(request, "gaap_payments/console/agreements.html", context)


@require_safe
@service_page(VIEWER)
def show_one(request: ServiceRequest, agreement_id: str) -> HttpResponse:
    """Show one agreement with its newest payments. That somebody looked is kept in the audit."""
    agreement = _agreement_or_404(request, agreement_id)
    record("agreement_viewed", target=agreement, by=current_actor())
    can_cancel = states.AGREEMENT.can_move(agreement.status, states.CANCELLED)
    names = actor_names([agreement.created_by, agreement.cancelled_by])
    context = {
        "agreement": agreement,
        "label": AGREEMENT_LABELS[agreement.status],
        "created_by": names.get(agreement.created_by, ""),
        "cancelled_by": names.get(agreement.cancelled_by, ""),
        "payments": agreement.payments.all()[:NEWEST_PAYMENTS],
        "may_cancel": can_cancel and request.membership.includes(CASEWORKER),
    }
    return render_service_page(request, "gaap_payments/console/agreement.html", context)


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def cancel(request: ServiceRequest, agreement_id: str) -> HttpResponse:
    """End an agreement for good, after asking once."""
    agreement = _agreement_or_404(request, agreement_id)
    if request.method == "POST":
        try:
            cancel_agreement(agreement, by=current_actor())
        except AgreementStateError:
            messages.info(request, _("The agreement is not active any more."))
        else:
            messages.success(request, _("The agreement is cancelled."))
        return redirect("payments-console-agreement", request.service.pk, agreement.pk)
    return confirm_page(
        request,
        title=_("Cancel this agreement?"),
        text=_("No more payments can be taken under %(reference)s. This cannot be undone.")
        % {"reference": agreement.reference},
        button=_("Cancel the agreement"),
        back="payments-console-agreements",
    )


def _agreement_or_404(request: ServiceRequest, agreement_id: str) -> Agreement:
    found = Agreement.objects.filter(service=request.service, pk=agreement_id).first()
    if found is None:
        raise Http404
    return found
