"""Sending spreadsheets: the upload, how far it is, stopping it, and what became of each row."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.audit.services import record
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership
from gaap_notify.console.forms.jobs import SpreadsheetForm
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import Job
from gaap_notify.services.bulk_rows import RowsRefusedError
from gaap_notify.services.jobs import JobOrder, cancel_job, create_job_from_file, find_job
from gaap_notify.services.results import result_lines
from gaap_notify.services.service_settings import find_reply_to, find_sms_sender
from gaap_notify.services.spreadsheets import SpreadsheetError
from gaap_notify.services.templates import current_version
from gaap_notify.states import JOB, JOB_CANCELLED

CASEWORKER = Membership.Role.CASEWORKER
NEWEST = 50


@require_safe
@service_page(CASEWORKER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the newest spreadsheets."""
    jobs = Job.objects.for_service(request.service.pk)[:NEWEST]
    return render_service_page(request, "gaap_notify/console/jobs.html", {"jobs": jobs})


@require_http_methods(["GET", "POST"])
@service_page(CASEWORKER)
def create(request: ServiceRequest) -> HttpResponse:
    """Take a spreadsheet, or show which of its rows are faulty."""
    form = SpreadsheetForm(request.POST or None, request.FILES or None, service=request.service)
    refusal: RowsRefusedError | None = None
    if form.is_valid():
        try:
            job = create_job_from_file(_order(request, form), form.cleaned_data["file"].file, by=current_actor())
        except RowsRefusedError as error:
            refusal = error
            form.add_error("scheduled_for" if "7" in str(error) and not error.count else "file", str(error))
        except SpreadsheetError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("The spreadsheet is taken."))
            return redirect("notify-console-job", request.service.pk, job.pk)
    return render_service_page(request, "gaap_notify/console/job_form.html", {"form": form, "refusal": refusal})


@require_safe
@service_page(CASEWORKER)
def show_one(request: ServiceRequest, job_id: UUID) -> HttpResponse:
    """Show how far a spreadsheet is."""
    job = job_or_404(request, job_id)
    context = {"job": job, "can_cancel": JOB.can_move(job.status, JOB_CANCELLED)}
    return render_service_page(request, "gaap_notify/console/job.html", context)


@require_POST
@service_page(CASEWORKER)
def cancel(request: ServiceRequest, job_id: UUID) -> HttpResponse:
    """Send no more of it."""
    if cancel_job(job_or_404(request, job_id), by=current_actor()):
        messages.success(request, _("Nothing more of it is sent."))
    return redirect("notify-console-job", request.service.pk, job_id)


@require_safe
@service_page(CASEWORKER)  # type: ignore[arg-type]
def results(request: ServiceRequest, job_id: UUID) -> StreamingHttpResponse:
    """Hand out what became of each row."""
    job = job_or_404(request, job_id)
    record("job_results_downloaded", target=job, service=request.service, by=current_actor())
    answer = StreamingHttpResponse(result_lines(job), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="results-{job.pk}.csv"'
    return answer


def job_or_404(request: ServiceRequest, job_id: UUID) -> Job:
    """Return one of the service's jobs; raises Http404."""
    try:
        return find_job(request.service.pk, job_id)
    except NoResultFoundError as error:
        raise Http404 from error


def _order(request: ServiceRequest, form: SpreadsheetForm) -> JobOrder:
    version = current_version(form.cleaned_data["template"])
    find = find_reply_to if version.template.type == "email" else find_sms_sender
    return JobOrder(
        service=request.service,
        version=version,
        name=form.cleaned_data["file"].name,
        key_type=ApiKey.Type.LIVE if request.service.is_live else ApiKey.Type.TEAM,
        sender=find(request.service.pk, None),
        scheduled_for=form.cleaned_data["scheduled_for"],
    )
