"""Operators sign in where team members do, with a second factor."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from gaap.console.second_factor import has_second_factor, used_second_factor
from gaap.operators.sign_in import SignIn


class ConsoleSignIn(SignIn):
    """The console's sign-in for the operators' admin (``GAAP_OPERATOR_SIGN_IN``)."""

    def login(self, request: HttpRequest, site: AdminSite, context: dict[str, Any] | None) -> HttpResponse:
        """Send people to the step that they have yet to take; those who are no operators are refused."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        if not request.user.is_authenticated:
            return _to("account_login", wanted)
        if not request.user.is_staff:
            raise PermissionDenied
        if site.has_permission(request):
            return HttpResponseRedirect(wanted if get_adapter().is_safe_url(wanted) else reverse("admin:index"))
        return _to("mfa_reauthenticate" if has_second_factor(request.user) else "mfa_activate_totp", wanted)

    def used_second_factor(self, request: HttpRequest) -> bool:
        """Tell whether a second factor was used, or set up, in this session."""
        return request.user.is_authenticated and has_second_factor(request.user) and used_second_factor(request)

    def is_fresh(self, request: HttpRequest) -> bool:
        """Tell whether the operator signed in, or proved again who they are, within five minutes."""
        return not is_reauthentication_required(request, app="gaap.operators")

    def trust_address(self, user: User) -> None:
        """Take the operator's email address as confirmed."""
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )

    def prove_again(self, request: HttpRequest) -> HttpResponse:
        """Send the operator to the page that asks for the password, or for a code."""
        methods = get_adapter().get_reauthentication_methods(request.user)
        return _to("mfa_reauthenticate" if len(methods) > 1 else "account_reauthenticate", request.get_full_path())


def _to(name: str, wanted: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
