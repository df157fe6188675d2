"""The hosted pages: each shows what fits the payment's state, whatever address was asked for (contract C.1, C.2)."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from gaap.theme.csp import allow_form_redirect
from gaap_payments.countries import COUNTRIES
from gaap_payments.errors import PaymentBusyError, PaymentStateError
from gaap_payments.models import Payment
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.authorisations import authorise_payment, wallets_of
from gaap_payments.services.captures import confirm_payment
from gaap_payments.services.hosted_fields import has_hosted_fields, note_payer
from gaap_payments.services.payments import cancel_payment_as_citizen
from gaap_payments.web.forms import CardForm, PayerForm
from gaap_payments.web.outcomes import ENDINGS
from gaap_payments.web.pages import PaymentPage, SeeOther

#: Seconds after which the waiting page asks again.
WAIT_SECONDS = 3


class CardDetailsView(PaymentPage):
    """Entering the card. Also the address at which every ending is shown."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Open the session at the provider the first time, then show the form."""
        if (elsewhere := self.start()) is not None:
            return elsewhere
        return self._show_form(self._form())

    @method_decorator(sensitive_post_parameters())
    @sensitive_variables("form")
    def post(self, request: HttpRequest) -> HttpResponse:
        """Authorise the card; of many parallel submissions one does, and all lead to what comes of it."""
        if (elsewhere := self.start()) is not None:
            return elsewhere
        form = self._form(data=request.POST)
        if not form.is_valid():
            return self._show_form(form)
        if isinstance(form, PayerForm):
            note_payer(self.payment, payer=form.payer)
            return SeeOther(reverse("payments-fields", args=[self.payment.pk]))
        authorise_payment(self.payment, card=form.card, payer=form.payer, by=self.citizen)
        return self.go_on()

    def _form(self, **kwargs: Any) -> CardForm:
        form = PayerForm if has_hosted_fields(self.payment) else CardForm
        return form(self.payment, settings_of(self.payment.service), **kwargs)

    def _show_form(self, form: CardForm) -> HttpResponse:
        if isinstance(form, PayerForm):
            return self.show("payer_details", form=form)
        wallets = wallets_of(self.payment)
        response = self.show("card_details", form=form, wallets=wallets)
        if wallets:
            allow_form_redirect(response, self.payment.return_url)
        return response


class AuthWaitingView(PaymentPage):
    """The card was sent and the provider has not answered yet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Wait, and look again by itself."""
        response = self.other_page("payments-auth-waiting")
        if response is None:
            response = self.show("waiting")
            response.headers["Refresh"] = str(WAIT_SECONDS)
        return response


class ConfirmView(PaymentPage):
    """Checking the details before the money is taken."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is about to be paid."""
        response = self.other_page("payments-confirm") or self.show("confirm", address=address_lines(self.payment))
        allow_form_redirect(response, self.payment.return_url)
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the citizen's word; who presses twice is led back to the service all the same."""
        try:
            confirm_payment(self.payment, by=self.citizen)
        except PaymentStateError:
            self.payment.refresh_from_db()
            ending = ENDINGS.get(self.payment.status)
            if ending is None or not ending.is_success:
                return self.go_on()
        return SeeOther(reverse("payments-return", args=[self.payment.pk]))


class CancelView(PaymentPage):
    """Cancelling."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing is cancelled by following a link."""
        return self.go_on()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Cancel the payment, if it still can be."""
        with suppress(PaymentStateError, PaymentBusyError):
            cancel_payment_as_citizen(self.payment, by=self.citizen)
        return self.go_on()


class ReturnView(PaymentPage):
    """The way back to the service."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Cancel what is not finished yet (contract C.1, 7), and leave."""
        with suppress(PaymentStateError, PaymentBusyError):
            cancel_payment_as_citizen(self.payment, by=self.citizen)
        response = HttpResponseRedirect(self.payment.return_url)
        self.held.finish(self.payment.pk)
        self.held.write(response)
        return response


def address_lines(payment: Payment) -> list[str]:
    """Return the billing address as a reader writes it, line by line."""
    address = payment.billing_address or {}
    country = str(COUNTRIES.get(address.get("country", ""), ""))
    lines = [address.get(part, "") for part in ("line1", "line2", "city", "postcode")]
    return [line for line in (*lines, country) if line]
