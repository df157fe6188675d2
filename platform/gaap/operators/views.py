"""Pages of the operators' admin that belong to no model."""

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gaap.actors import current_actor
from gaap.limits.bucket import Policy
from gaap.limits.stores import store
from gaap.operators import stuck
from gaap.operators.sign_in import note_proof

#: Five tries at once, then one a minute.
TRIES = Policy("operator-password", capacity=5, refill_per_second=1 / 60)


class PasswordForm(forms.Form):
    """Asks for the operator's password again."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        """``user`` is the one whose password it must be."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._user = user

    def clean_password(self) -> str:
        """Refuse a wrong password, and every one after too many tries."""
        password: str = self.cleaned_data["password"]
        if not store().take(f"{TRIES.name}:{self._user.pk}", TRIES).is_allowed:
            raise forms.ValidationError(_("Too many tries; wait a few minutes and start again"), code="tries")
        if not self._user.check_password(password):
            raise forms.ValidationError(_("The password is not right"), code="password")
        return password


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Ask for the password before something dangerous, and lead back to it."""
    assert isinstance(request.user, User)  # noqa: S101  the site lets nobody else in
    form = PasswordForm(request.POST or None, user=request.user)
    if form.is_valid():
        note_proof(request)
        return redirect(_safe_next(request))
    context = {"form": form, "title": _("Confirm that it is you")}
    return render(request, "gaap/operators/prove.html", context)


@require_POST
def retry(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """Have a piece of work tried again at once."""
    try:
        was_due = stuck.retry(label, key, by=current_actor())
    except LookupError:
        raise Http404 from None
    if was_due:
        messages.success(request, _("It is tried again now."))
    else:
        messages.info(request, _("It has been done in the meantime."))
    return redirect("admin:index")


def _safe_next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("admin:index")
