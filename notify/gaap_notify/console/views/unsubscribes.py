"""Who unsubscribed from the service's emails, in reports for its team."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import UnsubscribeReport
from gaap_notify.services.unsubscribing.reports import (
    NothingToReportError,
    find_report,
    make_report,
    report_lines,
    reports_of,
    set_completed,
    unreported,
)

CASEWORKER = Membership.Role.CASEWORKER
PAGE = "notify-console-unsubscribes"
PAGE_SIZE = 50


@require_safe
@service_page(CASEWORKER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the reports, and say how many people are in none yet."""
    page = Paginator(reports_of(request.service.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "query": "", "waiting": unreported(request.service.pk)}
    return render_service_page(request, "gaap_notify/console/unsubscribes.html", context)


@require_POST
@service_page(CASEWORKER)
def create(request: ServiceRequest) -> HttpResponse:
    """Make a report of everybody who is in none yet."""
    try:
        make_report(request.service, by=current_actor())
    except NothingToReportError:
        messages.info(request, _("Nobody has unsubscribed since the last report."))
    else:
        messages.success(request, _("The report is made."))
    return redirect(PAGE, request.service.pk)


@require_safe
@service_page(CASEWORKER)  # type: ignore[arg-type]
def download(request: ServiceRequest, report_id: UUID) -> StreamingHttpResponse:
    """Hand a report out as CSV."""
    report = report_or_404(request, report_id)
    lines = report_lines(report, by=current_actor())
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="unsubscribes-{report.created_at:%Y-%m-%d}.csv"'
    return answer


@require_POST
@service_page(CASEWORKER)
def complete(request: ServiceRequest, report_id: UUID) -> HttpResponse:
    """Mark a report as worked through, or open it again."""
    is_completed = request.POST.get("completed") == "yes"
    if set_completed(report_or_404(request, report_id), is_completed=is_completed, by=current_actor()):
        text = _("The report is marked as completed.") if is_completed else _("The report is open again.")
        messages.success(request, text)
    return redirect(PAGE, request.service.pk)


def report_or_404(request: ServiceRequest, report_id: UUID) -> UnsubscribeReport:
    """Return one of the service's reports; raises Http404."""
    try:
        return find_report(request.service.pk, report_id)
    except NoResultFoundError as error:
        raise Http404 from error
