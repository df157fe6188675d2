"""Test users: the pages on which a team makes invented citizens for itself, and looks at them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gaap.actors import current_actor
from gaap.console.access import ServiceRequest, service_page
from gaap.console.pages import confirm_page, render_service_page
from gaap.organisations.models import Membership
from gaap.theme.fields import HintedRadioSelect
from gaap_identity.models import Account, SandboxUser
from gaap_identity.services.sandbox_places import takes_sandbox_users
from gaap_identity.services.sandbox_users import (
    MOST,
    MadeUser,
    SandboxUserRefusedError,
    code_of,
    create_sandbox_user,
    delete_sandbox_user,
    proving_personas,
    reset_sandbox_user,
    sandbox_user,
)

DEVELOPER = Membership.Role.DEVELOPER
LIST = "identity-console-test-users"
NOBODY = "nobody"


class NewUserForm(forms.Form):
    """Asks whom the test user has proven to be."""

    persona = forms.ChoiceField(
        label=gettext_lazy("Who is the test user?"),
        initial=NOBODY,
        error_messages={
            "required": gettext_lazy("Choose who the test user is"),
            "invalid_choice": gettext_lazy("Choose who the test user is"),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer everybody of the sandbox whose identity can be confirmed, and nobody in particular."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        personas = proving_personas()
        hints = {persona.identifier: persona.shows for persona in personas}
        hints[NOBODY] = _("Identity not confirmed: you choose a person when a service asks for one")
        choices = [(NOBODY, _("Nobody yet")), *((persona.identifier, persona.name) for persona in personas)]
        self.fields["persona"].widget = HintedRadioSelect(hints=hints)
        self.fields["persona"].choices = choices  # type: ignore[attr-defined]

    def clean_persona(self) -> str:
        """Return the persona's identifier, empty for nobody."""
        chosen = str(self.cleaned_data["persona"])
        return "" if chosen == NOBODY else chosen


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(DEVELOPER)
def show(request: ServiceRequest) -> HttpResponse:
    """List the service's test users, and make another; its password is shown this once."""
    form = NewUserForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_sandbox_user(request.service, persona=form.cleaned_data["persona"], by=current_actor())
            return _made(request, made, title=_("Your test user is made"))
        except SandboxUserRefusedError:
            form.add_error("persona", _refusal(request))
    users = SandboxUser.objects.filter(service=request.service).select_related("account__core_identity")
    context = {"form": form, "users": users[:MOST], "is_open": takes_sandbox_users(request.service)}
    return render_service_page(request, "gaap_identity/console/test_users.html", context)


@require_GET
@service_page(DEVELOPER)
def show_one(request: ServiceRequest, account: UUID) -> HttpResponse:
    """Show one test user, and the security code of now."""
    user = _find(request, account)
    is_open = takes_sandbox_users(request.service)
    context = {"user_shown": user, "is_open": is_open, "code": code_of(user) if is_open else ""}
    return render_service_page(request, "gaap_identity/console/test_user.html", context)


@require_POST
@service_page(DEVELOPER)
def reset(request: ServiceRequest, account: UUID) -> HttpResponse:
    """Bring a test user back to how it was made; its new password is shown this once."""
    try:
        made = reset_sandbox_user(_find(request, account), by=current_actor())
    except SandboxUserRefusedError:
        messages.error(request, _refusal(request))
        return HttpResponseRedirect(reverse(LIST, args=[request.service.pk]))
    except Account.DoesNotExist:
        raise Http404 from None
    return _made(request, made, title=_("Your test user is as new"))


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(DEVELOPER)
def delete(request: ServiceRequest, account: UUID) -> HttpResponse:
    """Remove a test user, after asking once more."""
    user = _find(request, account)
    if request.method == "POST":
        delete_sandbox_user(user, by=current_actor())
        messages.success(request, _("Deleted"))
        return HttpResponseRedirect(reverse(LIST, args=[request.service.pk]))
    text = _("Everything that is known of %(email)s goes with it.") % {"email": user.account.email}
    return confirm_page(request, title=_("Delete a test user"), text=text, button=_("Delete"), back=LIST)


def _find(request: ServiceRequest, account: UUID) -> SandboxUser:
    found = sandbox_user(request.service, account)
    if found is None:
        raise Http404
    return found


@sensitive_variables("made")
def _made(request: ServiceRequest, made: MadeUser, *, title: str) -> HttpResponse:
    context = {"made": made, "title": title, "code": code_of(made.user)}
    return render_service_page(request, "gaap_identity/console/test_user_made.html", context)


def _refusal(request: ServiceRequest) -> str:
    if takes_sandbox_users(request.service):
        return _("You have %(most)d test users, which is as many as there may be: delete one first") % {"most": MOST}
    return _("Test users are for services in trial mode, and not for production")
