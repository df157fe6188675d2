"""The pages on which a payer agrees to a Direct Debit mandate (contract D.2)."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from gaap.actors import Actor
from gaap.providers.errors import ProviderError
from gaap_payments import direct_debit_states as states
from gaap_payments.errors import PaymentStateError, TokenRefusedError
from gaap_payments.models import Mandate
from gaap_payments.providers.direct_debit import BankDetailsError
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.brands import brand_of
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.mandate_tokens import redeem_mandate_token
from gaap_payments.services.mandates import (
    abandon_mandate,
    agree_mandate,
    follow_mandate,
    note_bank_details,
    start_mandate,
)
from gaap_payments.web.bank_forms import BankForm
from gaap_payments.web.held import HeldPayments
from gaap_payments.web.pages import SeeOther, not_yours, uncached

#: Working days between the announcement of a payment and the payment itself.
NOTICE_DAYS = 3


@dataclass(frozen=True)
class MandateEnding:
    """A page that ends the journey."""

    title: str | Promise
    line: str | Promise


_AGREED = MandateEnding(
    _("Your Direct Debit is set up"),
    _("You do not need to do anything else here. Go back to the service to see what happens next."),
)
_NOTHING = _("Nothing will be taken from your account.")
ENDINGS = {
    states.PENDING: _AGREED,
    states.ACTIVE: _AGREED,
    states.INACTIVE: MandateEnding(_("Your Direct Debit has lapsed"), _NOTHING),
    states.CANCELLED: MandateEnding(_("Your Direct Debit was cancelled"), _NOTHING),
    states.FAILED: MandateEnding(_("Your bank refused the Direct Debit"), _NOTHING),
    states.ABANDONED: MandateEnding(_("You did not set up the Direct Debit"), _NOTHING),
    states.ERROR: MandateEnding(_("The Direct Debit could not be set up"), _NOTHING),
}


@method_decorator(csrf_exempt, name="dispatch")
class EnterMandateView(View):
    """The way in: a one-time token opens the mandate in this browser."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The token itself proves the right to enter; the form comes from another site and cannot carry ours."""
        return uncached(super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Follow a ``next_url``."""
        return self._enter(request, token)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Follow a ``next_url_post``."""
        return self._enter(request, request.POST.get("chargeTokenId", ""))

    def _enter(self, request: HttpRequest, token: str) -> HttpResponse:
        held = HeldPayments.of(request)
        try:
            mandate_id = redeem_mandate_token(token, held_ids=held)
        except TokenRefusedError:
            return not_yours(request)
        held.hold(mandate_id)
        response = SeeOther(reverse("payments-mandate", args=[mandate_id]))
        held.write(response)
        return response


class MandatePage(View):
    """A page about one mandate, for the browser that holds it, in the mandate's language."""

    mandate: Mandate
    held: HeldPayments

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the mandate; in any other browser there is nothing to see."""
        self.held = HeldPayments.of(request)
        mandate_id = kwargs.pop("mandate_id")
        mandate = Mandate.objects.for_pages().filter(pk=mandate_id).first() if mandate_id in self.held else None
        if mandate is None:
            return uncached(not_yours(request))
        self.mandate = mandate
        language = spoken_language(mandate.language)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return uncached(response)

    @property
    def payer(self) -> Actor:
        """The one who acts; the mandate's id is all that is known of them."""
        return Actor("citizen", self.mandate.pk, "citizen")

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page about the mandate."""
        help_text = settings_of(self.mandate.service).help_text
        facts = {
            "mandate": self.mandate,
            "help_text": help_text,
            "notice_days": NOTICE_DAYS,
            "account_brand": brand_of(self.mandate.gateway_account),
        }
        return render(self.request, f"gaap_payments/{template}.html", {**facts, **context}, status=status)

    def other_page(self) -> HttpResponse | None:
        """Return the page for a mandate with which the payer is done, or is to wait on; else None."""
        if ending := ENDINGS.get(self.mandate.status):
            return self.show("mandate_ending", ending=ending)
        if self.mandate.status == states.SUBMITTING:
            response = self.show("mandate_waiting")
            response.headers["Refresh"] = "3"
            return response
        return None

    def go_on(self, name: str = "payments-mandate") -> HttpResponse:
        """Lead to a page of the mandate."""
        return SeeOther(reverse(name, args=[self.mandate.pk]))


class BankView(MandatePage):
    """Entering the bank details."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Announce the mandate the first time, then show the form, or the way to the provider's own."""
        return self._elsewhere() or self.show("mandate_bank", form=self._form())

    @method_decorator(sensitive_post_parameters())
    @sensitive_variables("form")
    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what was typed until it is confirmed."""
        if (elsewhere := self._elsewhere()) is not None:
            return elsewhere
        form = self._form(data=request.POST)
        if not form.is_valid():
            return self.show("mandate_bank", form=form)
        note_bank_details(self.mandate, details=form.details)
        return self.go_on("payments-mandate-confirm")

    def _elsewhere(self) -> HttpResponse | None:
        try:
            start_mandate(self.mandate, by=self.payer)
        except ProviderError:
            return self.show("mandate_unavailable", status=503)
        if (page := self.other_page()) is not None:
            return page
        return self.show("mandate_provider") if self.mandate.provider_page else None

    def _form(self, **kwargs: Any) -> BankForm:
        known = {"account_holder": self.mandate.payer_name, "email": self.mandate.payer_email}
        return BankForm(initial=known, **kwargs)


class ConfirmMandateView(MandatePage):
    """Agreeing to the mandate."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is agreed to, with the payer's rights."""
        return self.other_page() or self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it to the bank; who presses twice is led to what came of it."""
        try:
            agree_mandate(self.mandate, by=self.payer)
        except BankDetailsError:
            form = BankForm(initial={"account_holder": self.mandate.payer_name, "email": self.mandate.payer_email})
            return self.show("mandate_bank", form=form, unknown_account=True)
        except PaymentStateError:
            self.mandate.refresh_from_db()
        return self.go_on()

    def _show(self) -> HttpResponse:
        account = self.mandate.bank_account
        if not account:
            return self.go_on()
        return self.show("mandate_confirm", ending_digits=account["account_number"][-2:])


class AbandonMandateView(MandatePage):
    """Not agreeing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing is ended by following a link."""
        return self.go_on()

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the mandate, if it still can be."""
        with suppress(PaymentStateError):
            abandon_mandate(self.mandate, by=self.payer)
        return self.go_on()


class BackFromProviderView(MandatePage):
    """Where the provider's own page sends the payer: the provider is asked, the address is not believed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Follow what the payer did there."""
        with suppress(ProviderError):
            follow_mandate(self.mandate, by=self.payer)
        return self.go_on()


class LeaveMandateView(MandatePage):
    """The way back to the service."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """End what is not agreed to yet, and leave."""
        with suppress(PaymentStateError):
            abandon_mandate(self.mandate, by=self.payer)
        response = HttpResponseRedirect(self.mandate.return_url)
        self.held.finish(self.mandate.pk)
        self.held.write(response)
        return response
