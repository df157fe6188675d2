"""How operators get in, and how they prove once more who they are before something dangerous.

A site names its way in ``GAAP_OPERATOR_SIGN_IN``; without one it is Django's own page with a password.
"""

import time
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string

from gaap.operators.conf import conf

FRESH_SECONDS = 5 * 60
PROVED_AT = "gaap_operator_proved_at"


class SignIn(ABC):
    """What the operators' admin asks of a way in."""

    @abstractmethod
    def login(self, request: HttpRequest, site: AdminSite, context: dict[str, Any] | None) -> HttpResponse:
        """Return the page, or the redirect to it, that lets an operator in."""

    @abstractmethod
    def used_second_factor(self, request: HttpRequest) -> bool:
        """Tell whether a second factor was used in this session."""

    @abstractmethod
    def is_fresh(self, request: HttpRequest) -> bool:
        """Tell whether the operator proved within the last minutes who they are."""

    @abstractmethod
    def trust_address(self, user: User) -> None:
        """Take the operator's email address as confirmed."""

    @abstractmethod
    def prove_again(self, request: HttpRequest) -> HttpResponse:
        """Return the redirect to a page that asks for proof and leads back to this one."""


class PasswordSignIn(SignIn):
    """Django's own page with user name and password; there is no second factor."""

    def login(self, request: HttpRequest, site: AdminSite, context: dict[str, Any] | None) -> HttpResponse:
        """Return Django's page; a sign-in is a proof, too."""
        response: HttpResponse = AdminSite.login(site, request, context)
        if request.method == "POST" and request.user.is_authenticated:
            note_proof(request)
        return response

    def used_second_factor(self, request: HttpRequest) -> bool:
        """Tell that there is none."""
        return False

    def is_fresh(self, request: HttpRequest) -> bool:
        """Tell whether the password was given within five minutes."""
        return bool(time.time() - request.session.get(PROVED_AT, 0) < FRESH_SECONDS)

    def trust_address(self, user: User) -> None:
        """Do nothing: this way in asks for no confirmed address."""

    def prove_again(self, request: HttpRequest) -> HttpResponse:
        """Send the operator to a page that asks for the password."""
        return HttpResponseRedirect(f"{reverse('admin:prove')}?{urlencode({'next': request.get_full_path()})}")


def note_proof(request: HttpRequest) -> None:
    """Remember that the person just proved who they are."""
    request.session[PROVED_AT] = time.time()


def sign_in() -> SignIn:
    """Return the way in that the site names."""
    found: SignIn = import_string(conf.sign_in)()
    return found
