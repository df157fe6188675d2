"""The programs of a service that sign citizens in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gaap.actors import current_actor
from gaap.conf import conf
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_identity.console.first_sign_in import first_sign_in
from gaap_identity.console.forms import ChangeClientForm, NewClientForm
from gaap_identity.models import Client
from gaap_identity.services.clients import audited_facts, save_client
from gaap_identity.services.team_clients import RegisteredClient, register_client, replace_secret

DEVELOPER = Membership.Role.DEVELOPER


@require_safe
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the service's clients."""
    clients = Client.objects.filter(service=request.service).order_by("client_id")
    return render_service_page(request, "gaap_identity/console/clients.html", {"clients": clients})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def create(request: ServiceRequest) -> HttpResponse:
    """Register a client, and show its secret this once."""
    form = NewClientForm(request.POST or None)
    if form.is_valid():
        try:
            return _registered(request, _register(request, form))
        except ValidationError as error:
            form.add_error("redirect_uris", error.messages)
    return render_service_page(request, "gaap_identity/console/new_client.html", {"form": form})


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def change(request: ServiceRequest, client_pk: int) -> HttpResponse:
    """Change what the team itself decides about a client."""
    client = get_object_or_404(Client, pk=client_pk, service=request.service)
    before = audited_facts(client)
    form = ChangeClientForm(request.POST or None, instance=client)
    if form.is_valid():
        save_client(form.save(commit=False), before=before, by=current_actor())
        messages.success(request, _("Saved"))
        return HttpResponseRedirect(reverse("identity-console-clients", args=[request.service.pk]))
    return render_service_page(request, "gaap_identity/console/change_client.html", {"form": form, "client": client})


@require_POST
@service_page(DEVELOPER)
def renew_secret(request: ServiceRequest, client_pk: int) -> HttpResponse:
    """Replace a client's secret, and show the new one this once. The old one is dead at once."""
    secrets_only = Client.objects.filter(service=request.service, auth_method=Client.AuthMethod.CLIENT_SECRET_POST)
    client = get_object_or_404(secrets_only, pk=client_pk)
    renewed = replace_secret(client, by=current_actor())
    context = {"client": renewed.client, "secret": renewed.secret, "snippets": []}
    return render_service_page(request, "gaap_identity/console/client_created.html", context)


def _register(request: ServiceRequest, form: NewClientForm) -> RegisteredClient:
    return register_client(
        request.service,
        redirect_uris=form.cleaned_data["redirect_uris"],
        public_key=form.cleaned_data["public_key"],
        by=current_actor(),
    )


def _registered(request: ServiceRequest, made: RegisteredClient) -> HttpResponse:
    title = _("Sign somebody in (Python, no library)")
    program = first_sign_in(made.client, secret=made.secret, base_url=conf.base_url, title=title)
    context = {"client": made.client, "secret": made.secret, "snippets": [program] if program and made.secret else []}
    return render_service_page(request, "gaap_identity/console/client_created.html", context)
