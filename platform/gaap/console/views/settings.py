"""A service's name and languages, and its way from trial to live."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.forms.services import GoLiveForm, ServiceSettingsForm
from gaap.console.models import GoLiveRequest
from gaap.console.pages import render_service_page
from gaap.console.services.going_live import GoLiveError, checklist, request_go_live, withdraw_request
from gaap.console.states import WAITING
from gaap.organisations.models import Membership
from gaap.organisations.services import change_service

ADMIN = Membership.Role.ADMIN


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def change(request: ServiceRequest) -> HttpResponse:
    """Change the service's name and languages."""
    form = ServiceSettingsForm(request.POST or None, service=request.service)
    if form.is_valid():
        try:
            change_service(request.service, by=current_actor(), **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("Somebody has just taken this name"))
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("gaap-console-settings", request.service.pk)
    return render_service_page(request, "gaap/console/settings.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(ADMIN)
def go_live(request: ServiceRequest) -> HttpResponse:
    """Show the list of what should be in order, and ask to go live."""
    form = GoLiveForm(request.POST or None)
    if form.is_valid():
        try:
            request_go_live(request.service, note=form.cleaned_data["note"], user=request.user)
        except GoLiveError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("You have asked to go live. The answer comes by email."))
            return redirect("gaap-console-go-live", request.service.pk)
    context = {"form": form, "items": list(checklist(request.service)), "latest": _latest(request)}
    return render_service_page(request, "gaap/console/go_live.html", context)


@require_POST
@service_page(ADMIN)
def withdraw(request: ServiceRequest) -> HttpResponse:
    """Take the wish to go live back."""
    latest = _latest(request)
    if latest is None or latest.status != WAITING:
        raise Http404
    withdraw_request(latest, by=current_actor())
    return redirect("gaap-console-go-live", request.service.pk)


def _latest(request: ServiceRequest) -> GoLiveRequest | None:
    return GoLiveRequest.objects.filter(service=request.service).order_by("-requested_at").first()
