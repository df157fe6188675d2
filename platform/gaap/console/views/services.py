"""A new service, and the overview of one."""

from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaap.console.access import ConsoleRequest, ServiceRequest, console_page, service_page
from gaap.console.forms.services import NewServiceForm
from gaap.console.pages import render_service_page
from gaap.console.services.trials import start_trial
from gaap.console.snippets import snippets_for


@require_http_methods(["GET", "POST"])
@console_page
def create(request: ConsoleRequest) -> HttpResponse:
    """Create a trial service and show its first key, this once, with code that carries it."""
    form = NewServiceForm(request.POST or None, user=request.user)
    if form.is_valid():
        organisation = form.cleaned_data.get("organisation") or form.cleaned_data["new_organisation"]
        try:
            trial = start_trial(form.cleaned_data["name"], organisation=organisation, user=request.user)
        except IntegrityError:
            form.add_error("name", _("Somebody has just taken this name"))
        else:
            snippets = snippets_for(trial.service, key=trial.key.text)
            context = {"service": trial.service, "issued": trial.key, "snippets": snippets}
            return render(request, "gaap/console/service_created.html", context)
    return render(request, "gaap/console/new_service.html", {"form": form})


@require_safe
@service_page()
def show(request: ServiceRequest) -> HttpResponse:
    """Show what the service is, and how to make a first call."""
    return render_service_page(request, "gaap/console/service.html", {"snippets": snippets_for(request.service)})
