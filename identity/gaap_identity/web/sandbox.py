"""The sandbox's own page, standing in for an evidence provider's: the citizen picks a persona."""

from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gaap.theme.fields import HintedRadioSelect
from gaap_identity.providers.personas import PERSONAS
from gaap_identity.services.sources import sandbox_is_offered


class PersonaForm(forms.Form):
    """Whom to be."""

    persona = forms.ChoiceField(
        label=_("Who do you want to be?"),
        choices=[(persona.identifier, persona.name) for persona in PERSONAS],
        widget=HintedRadioSelect(hints={persona.identifier: persona.shows for persona in PERSONAS}),
        error_messages={"required": _("Choose a person")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def personas(request: HttpRequest) -> HttpResponse:
    """Show the personas, and go back with the one picked as any provider does: by a redirect of the browser.

    There is no such page where another provider is in charge.
    """
    if not sandbox_is_offered():
        raise Http404
    form = PersonaForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        query = {"state": request.GET.get("state", ""), "persona": form.cleaned_data["persona"]}
        return HttpResponseRedirect(f"{reverse('gaap-identity-proof-return', args=['sandbox'])}?{urlencode(query)}")
    return render(request, "gaap_identity/personas.html", {"form": form})
