"""What happened to a service: its events, what it used, and who changed what."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from gaap.audit.models import AuditEvent
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.records import EventFilterForm
from gaap.console.pages import render_service_page
from gaap.console.paging import row_page
from gaap.console.services.usage import usage_of
from gaap.organisations.models import Membership
from gaap.outbox.models import OutboxEvent


@require_safe
@service_page()
def events(request: ServiceRequest) -> HttpResponse:
    """Show the service's events, newest first; ``?type=`` and ``?subject=`` narrow them."""
    form = EventFilterForm(request.GET or None)
    found = OutboxEvent.objects.filter(service_id=request.service.pk)
    context = {"filter": form, "page": row_page(request, form.narrow(found))}
    return render_service_page(request, "gaap/console/events.html", context)


@require_safe
@service_page()
def usage(request: ServiceRequest) -> HttpResponse:
    """Show what the service used, month by month."""
    months = usage_of(request.service)
    titles = [figure.title for figure in months[0].figures]
    return render_service_page(request, "gaap/console/usage.html", {"months": months, "titles": titles})


@require_safe
@service_page(Membership.Role.ADMIN)
def history(request: ServiceRequest) -> HttpResponse:
    """Show who changed what, newest first."""
    page = row_page(request, AuditEvent.objects.filter(service_id=request.service.pk))
    return render_service_page(request, "gaap/console/history.html", {"page": page})
