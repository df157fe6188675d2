"""Passkeys: signing in with one, and keeping those of an account."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap_identity.errors import PasskeyRefusedError
from gaap_identity.models import Account
from gaap_identity.models.accounts import new_subject
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.passkeys import (
    Ceremony,
    add_passkey,
    ask_to_create,
    ask_to_use,
    handle_of,
    keep_passkey,
    read_new_passkey,
    remove_passkey,
    use_passkey,
)
from gaap_identity.web.account_base import ConfirmedPage, SignedInPage
from gaap_identity.web.base import CitizenView
from gaap_identity.web.creating import CreatingPage
from gaap_identity.web.devices import device_name
from gaap_identity.web.forms import PasskeyForm


class CeremonyPage(CitizenView, ABC):
    """A page with one button that asks the browser for a passkey. What was asked is good for one try."""

    kind: ClassVar[str]
    title: ClassVar[Promise | str]
    lead: ClassVar[tuple[Promise | str, ...]]
    button: ClassVar[Promise | str]
    back: ClassVar[str]
    other: ClassVar[tuple[str, Promise | str]]

    @abstractmethod
    def begin(self) -> Ceremony:
        """Return what the browser is asked."""

    @abstractmethod
    def finish(self, state: dict[str, Any], answer: str) -> HttpResponse:
        """Act on the browser's answer; raises PasskeyRefusedError."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the button."""
        return self.show_button()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Act on the answer, or show the button again and why."""
        form = PasskeyForm(request.POST)
        state = self.session.data.get("passkey", {}).get(self.kind)
        if not form.is_valid() or state is None:
            return self.show_button(has_failed=True)
        self.remember(passkey={})
        try:
            return self.finish(state, form.cleaned_data["answer"])
        except PasskeyRefusedError:
            return self.show_button(has_failed=True)

    def show_button(self, *, has_failed: bool = False) -> HttpResponse:
        """Render the page with a fresh challenge."""
        ceremony = self.begin()
        self.remember(passkey={self.kind: dict(ceremony.state)})
        failure = [{"text": _("That passkey did not work here. Try again, or use another way."), "target": ""}]
        words = {
            "title": self.title,
            "lead": self.lead,
            "button": self.button,
            "back": f"gaap-identity-{self.back}",
            "other": f"gaap-identity-{self.other[0]}",
            "other_text": self.other[1],
            "passkey": {"options": ceremony.options, "kind": self.kind},
            "errors": failure if has_failed else [],
            "has_errors": has_failed,
        }
        return self.show("passkey_page.html", words)


class PasskeySignInPage(CeremonyPage):
    """Signs in with a passkey, which needs no password and no code."""

    kind = "get"
    title = gettext_lazy("Sign in with a passkey")
    lead = (gettext_lazy("Your phone or computer will ask for your finger, your face or its code."),)
    button = gettext_lazy("Use a passkey")
    back = "sign-in"
    other = ("password", gettext_lazy("Sign in with a password instead"))

    def begin(self) -> Ceremony:
        """Ask for any passkey of this site."""
        return ask_to_use()

    def finish(self, state: dict[str, Any], answer: str) -> HttpResponse:
        """Sign in: presence and PIN, finger or face are two factors."""
        return self.enter(use_passkey(state=state, answer=answer), vot="Cl.Cm")


class CreatePasskeyPage(CeremonyPage, CreatingPage):
    """Makes the passkey of an account that is about to be created: safer than codes, and quicker."""

    kind = "create"
    title = gettext_lazy("Create a passkey")
    lead = (
        gettext_lazy("Your phone or computer will make a passkey and keep it for you."),
        gettext_lazy("Next time you sign in with it, without a password and without a code."),
    )
    button = gettext_lazy("Create a passkey")
    back = "create-second-factor"
    other = ("create-second-factor", gettext_lazy("Use security codes instead"))
    needs = ("is_email_proven", "password_hash")

    def begin(self) -> Ceremony:
        """Ask for one for the account to be."""
        if "subject" not in self.gathered:
            self.gather(subject=new_subject())
        return ask_to_create(handle=handle_of(self.gathered["subject"]), name=self.gathered["email"])

    def finish(self, state: dict[str, Any], answer: str) -> HttpResponse:
        """Create the account, with codes by email for the day on which the passkey is not at hand."""
        credential, sign_count = read_new_passkey(state=state, answer=answer)
        name = device_name(self.request.headers.get("User-Agent", ""))
        response = self.create(second_factor=Account.SecondFactor.EMAIL)
        if self.session.account is not None:
            keep_passkey(self.session.account, credential=credential, sign_count=sign_count, name=name)
        return response


class PasskeysPage(SignedInPage):
    """The passkeys of an account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self.show("passkeys.html", {"passkeys": self.account.passkeys.all()})


class AddPasskeyPage(ConfirmedPage, CeremonyPage):
    """Adds a passkey."""

    kind = "create"
    title = gettext_lazy("Add a passkey")
    lead = (
        gettext_lazy("Your phone or computer will make a passkey and keep it for you."),
        gettext_lazy("Next time you sign in with it, without a password and without a code."),
    )
    button = gettext_lazy("Add a passkey")
    back = "passkeys"
    other = ("account", gettext_lazy("Not now"))

    def begin(self) -> Ceremony:
        """Ask for one that does not stand here yet."""
        account = self.account
        return ask_to_create(
            handle=handle_of(account.subject), name=account.email, existing=list(account.passkeys.all())
        )

    def finish(self, state: dict[str, Any], answer: str) -> HttpResponse:
        """Keep it, named after the device."""
        name = device_name(self.request.headers.get("User-Agent", ""))
        add_passkey(self.account, state=state, answer=answer, name=name)
        notify_citizen("factor_added", recipient=self.account.email, language=self.account.language)
        return self.go("passkeys")


class RemovePasskeyPage(ConfirmedPage):
    """Removes a passkey."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, passkey: UUID) -> HttpResponse:
        """Remove it, and tell the citizen."""
        if remove_passkey(self.account, identifier=str(passkey)):
            notify_citizen("factor_removed", recipient=self.account.email, language=self.account.language)
        return self.go("passkeys")

    @property
    def next_path(self) -> str:
        """Where to go on after confirming: a page, not this address, which takes posts alone."""
        return reverse("gaap-identity-passkeys")
