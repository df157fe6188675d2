"""What became of the service's messages, what they cost, and what it may still send."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.csv_lines import csv_line
from gaap.organisations.models import Membership
from gaap_notify.console.forms.report import PeriodForm, usual_period
from gaap_notify.models.channels import Channel
from gaap_notify.services.reporting import allowance_of, report_cells, report_of
from gaap_notify.states import STATUS_LABELS

VIEWER = Membership.Role.VIEWER


@require_safe
@service_page(VIEWER)
def show(request: ServiceRequest) -> HttpResponse:
    """Show the figures of a period."""
    form = _form(request)
    report = report_of(request.service.pk, form.period)
    context: dict[str, Any] = {
        "form": form,
        "period": form.period,
        "whole": report.whole,
        "channels": [(Channel(channel).label, figures) for channel, figures in report.by_channel.items()],
        "templates": [(row, Channel(row.type).label, figures) for row, figures in report.by_template],
        "days": report.by_day,
        "failures": [
            (Channel(channel).label, STATUS_LABELS[status], count) for channel, status, count in report.by_failure
        ],
        "allowance": allowance_of(request.service.pk),
        "has_errors": bool(form.errors),
    }
    return render_service_page(request, "gaap_notify/console/report.html", context)


@require_safe
@service_page(VIEWER)
def download(request: ServiceRequest) -> HttpResponse:
    """Hand out the figures of a period as CSV; a faulty period gives the usual one."""
    period = _form(request).period
    lines = [csv_line(cells) for cells in report_cells(report_of(request.service.pk, period))]
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="messages-{period.since}-{period.until}.csv"'
    return answer


def _form(request: ServiceRequest) -> PeriodForm:
    usual = usual_period()
    asked = request.GET if {"since", "until"} & set(request.GET) else None
    return PeriodForm(asked, initial={"since": usual.since, "until": usual.until})
