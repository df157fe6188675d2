"""What every citizen's page shares: its session, its sign-in, and where its form may lead."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from gaap.providers.errors import ProviderError
from gaap.theme.csp import allow_form_redirect
from gaap_identity.errors import (
    AccountDisabledError,
    CodesSpentError,
    CodesUnavailableError,
    LockedError,
    SpentError,
    UnreachableError,
)
from gaap_identity.models import Account, BrowserSession, SignIn
from gaap_identity.services.factor_resets import cancel_reset
from gaap_identity.services.sessions import OpenSession, save_session, sign_in_session, touch_session
from gaap_identity.services.sign_ins import current_sign_in
from gaap_identity.web.continuing import continue_journey
from gaap_identity.web.cookies import load_browser, save_browser


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CitizenView(View):
    """One page. Opens the citizen's session before it and keeps it alive after it."""

    browser: OpenSession
    session: BrowserSession
    sign_in: SignIn | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the session, answer, and never let the answer be cached."""
        self.browser = load_browser(request)
        self.session = self.browser.session
        self.sign_in = current_sign_in(self.session)
        response = self._answer(request, *args, **kwargs)
        if self.session.is_stored:
            touch_session(self.session)
        save_browser(response, self.browser)
        add_never_cache_headers(response)
        return response

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and say plainly what stops the citizen when it is nothing that they typed."""
        try:
            return self.find_obstacle() or super().dispatch(request, *args, **kwargs)
        except AccountDisabledError:
            return self.show("disabled.html", status=403)
        except CodesSpentError:
            return self.show("codes_spent.html", {"has_others": self._has_other_ways()}, status=429)
        except SpentError:
            return self.show("spent.html", status=429)
        except LockedError:
            return self.show("locked.html", status=429)
        except (CodesUnavailableError, UnreachableError):
            return self.show("codes_unavailable.html", status=503)
        except ProviderError:
            return self.show("prove_unavailable.html", status=503)

    def _has_other_ways(self) -> bool:
        """Tell whether the citizen, whose password was right, may choose another second factor."""
        return bool(self.session.data.get("pending")) and not self.session.is_signed_in

    def find_obstacle(self) -> HttpResponse | None:
        """Return where to go instead when the page makes no sense yet; None lets it be shown."""
        return None

    def remember(self, **values: Any) -> None:
        """Keep ``values`` in the session for the next pages."""
        self.session.data = {**self.session.data, **values}
        save_session(self.session)

    def enter(self, account: Account, *, vot: str) -> HttpResponse:
        """Sign the citizen in at level ``vot``, with a new token and a new CSRF secret, and go on with the journey."""
        device = self.request.headers.get("User-Agent", "")
        self.browser = OpenSession(self.session, sign_in_session(self.session, account=account, vot=vot, device=device))
        if vot == "Cl.Cm":
            cancel_reset(account)
        rotate_token(self.request)
        return continue_journey(self.session)

    def show(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        """Render a page; its form may lead back to the service that waits."""
        values = {"sign_in": self.sign_in, "session": self.session, **(context or {})}
        response = render(self.request, f"gaap_identity/{template}", values, status=status)
        if self.sign_in is not None:
            allow_form_redirect(response, self.sign_in.redirect_uri)
        return response

    @staticmethod
    def go(name: str) -> HttpResponse:
        """Redirect to the page called ``name``."""
        return HttpResponseRedirect(reverse(f"gaap-identity-{name}"))


class FormPage(CitizenView, ABC):
    """A page with one form; ``submit`` acts on what was typed and returns where to go."""

    form_class: ClassVar[type[Form]]
    template: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the empty form."""
        return self.show_form(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Act on the form, or show what is wrong with it."""
        form = self.form_class(request.POST)
        return self.submit(form) if form.is_valid() else self.show_form(form)

    @abstractmethod
    def submit(self, form: Form) -> HttpResponse:
        """Act on the valid ``form``."""

    def refuse(self, form: Form, *, field: str, text: str) -> HttpResponse:
        """Show ``form`` again with an error at ``field``."""
        form.add_error(field, text)
        return self.show_form(form)

    def show_form(self, form: Form) -> HttpResponse:
        """Render the page with ``form``."""
        return self.show(self.template, {"form": form, **self.details()})

    def details(self) -> dict[str, Any]:
        """Return what the template needs besides the form."""
        return {}


class PlainFormPage(FormPage):
    """A page that is a title, a few words, a form and perhaps links; it needs no template of its own."""

    template = "form_page.html"
    title: ClassVar[Promise | str]
    lead: ClassVar[tuple[Promise | str, ...]] = ()
    button: ClassVar[Promise | str] = _("Continue")
    button_kind: ClassVar[str] = ""
    #: The page that "Back" leads to.
    back: ClassVar[str] = "account"
    #: Names of pages, and the words of the links to them.
    links: ClassVar[tuple[tuple[str, Promise | str], ...]] = ()

    def details(self) -> dict[str, Any]:
        """Return the words of the page."""
        return {
            "title": self.title,
            "lead": self.lead,
            "button": self.button,
            "button_kind": self.button_kind,
            "back": f"gaap-identity-{self.back}",
            "links": [(f"gaap-identity-{name}", text) for name, text in self.links],
        }
