"""What a program may ask citizens for: the page on which its team sees it, and asks for more or less."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import render_service_page
from gaap.organisations.models import Membership
from gaap_identity.models import Client
from gaap_identity.openid.claims import ADDRESS, CORE_IDENTITY, DRIVING_PERMIT, PASSPORT, RETURN_CODE
from gaap_identity.services.permissions import (
    PermissionRefusedError,
    Wish,
    ask_permission,
    latest_request,
    withdraw_permission,
)

DEVELOPER = Membership.Role.DEVELOPER
PAGE = "identity-console-client-permissions"

LEVELS = (
    ("P1", gettext_lazy("P1: low confidence")),
    ("P2", gettext_lazy("P2: medium confidence")),
    ("P3", gettext_lazy("P3: high confidence")),
)
CLAIMS = (
    (CORE_IDENTITY, gettext_lazy("Name and date of birth")),
    (ADDRESS, gettext_lazy("Address")),
    (PASSPORT, gettext_lazy("Passport")),
    (DRIVING_PERMIT, gettext_lazy("Driving licence")),
    (RETURN_CODE, gettext_lazy("Reasons when nothing is proven")),
)


class PermissionForm(forms.Form):
    """Asks what the program is to have, and why."""

    levels = forms.MultipleChoiceField(
        label=gettext_lazy("Levels of identity"),
        help_text=gettext_lazy("Ask for the lowest that will do: every level keeps some people out."),
        choices=LEVELS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    claims = forms.MultipleChoiceField(
        label=gettext_lazy("What you want to know of citizens"),
        choices=CLAIMS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why does your service need this?"),
        help_text=gettext_lazy("Name the law or the task, and what would go wrong without it."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": gettext_lazy("Say why your service needs this")},
    )


@require_http_methods(["GET", "POST"])
@service_page(DEVELOPER)
def show(request: ServiceRequest, client_pk: int) -> HttpResponse:
    """Show what the program may ask for, and take a wish for something else."""
    client = _find(request, client_pk)
    form = PermissionForm(
        request.POST or None, initial={"levels": client.granted_levels, "claims": client.granted_claims}
    )
    if form.is_valid():
        try:
            ask_permission(client, wish=Wish(**form.cleaned_data), user=request.user)
        except PermissionRefusedError as error:
            form.add_error("levels", str(error))
        else:
            messages.success(request, _("You have asked. The answer comes by email."))
            return _back(client)
    return render_service_page(request, "gaap_identity/console/permissions.html", {"form": form, **_details(client)})


@require_POST
@service_page(DEVELOPER)
def withdraw(request: ServiceRequest, client_pk: int) -> HttpResponse:
    """Take the wish back."""
    latest = latest_request(_find(request, client_pk))
    if latest is None or latest.status != "waiting":
        raise Http404
    withdraw_permission(latest, by=current_actor())
    return _back(latest.client)


def _details(client: Client) -> dict[str, Any]:
    latest = latest_request(client)
    return {
        "client": client,
        "latest": latest,
        "asked": _words(latest.levels, latest.claims) if latest else [],
        "granted": _words(
            client.levels if client.granted_levels is None else client.granted_levels,
            client.claims if client.granted_claims is None else client.granted_claims,
        ),
    }


def _words(levels: list[str], claims: list[str]) -> list[str]:
    """Return the names of levels and claims for reading; signing in alone is what is left without any."""
    known = [text for name, text in (*LEVELS, *CLAIMS) if name in levels or name in claims]
    return [str(text) for text in known]


def _find(request: ServiceRequest, client_pk: int) -> Client:
    return get_object_or_404(Client.objects.select_related("service"), pk=client_pk, service=request.service)


def _back(client: Client) -> HttpResponse:
    return HttpResponseRedirect(reverse(PAGE, args=[client.service_id, client.pk]))
