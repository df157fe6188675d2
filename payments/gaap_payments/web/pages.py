"""What all payment pages share: the browser that holds the payment, its language, and the page that fits its state."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views import View

from gaap.actors import Actor
from gaap.providers.errors import ProviderError
from gaap.theme.csp import allow_form_redirect
from gaap_payments import states
from gaap_payments.models import Payment
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.brands import brand_of
from gaap_payments.services.languages import spoken_language
from gaap_payments.services.payments import start_payment
from gaap_payments.web.held import HeldPayments
from gaap_payments.web.outcomes import ENDINGS, STAGES, Ending


class SeeOther(HttpResponseRedirect):
    """Go on with a GET, whatever the method was."""

    status_code = 303


class PaymentPage(View):
    """A page about one payment, for the browser that holds it, in the payment's language."""

    payment: Payment
    held: HeldPayments

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the payment; in any other browser there is nothing to see."""
        self.held = HeldPayments.of(request)
        payment_id = kwargs.pop("payment_id")
        payment = Payment.objects.for_pages().filter(pk=payment_id).first() if payment_id in self.held else None
        if payment is None:
            return uncached(not_yours(request))
        self.payment = payment
        language = spoken_language(payment.language)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return uncached(response)

    @property
    def citizen(self) -> Actor:
        """The one who acts; the payment's id is all that is known of them."""
        return Actor("citizen", self.payment.pk, "citizen")

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Render a page about the payment."""
        help_text = settings_of(self.payment.service).help_text
        facts = {
            "payment": self.payment,
            "amount": self.payment.total.format(),
            "help_text": help_text,
            "account_brand": brand_of(self.payment.gateway_account),
        }
        response = render(self.request, f"gaap_payments/{template}.html", {**facts, **context}, status=status)
        if self.returns_at_once:
            allow_form_redirect(response, self.payment.return_url)
        return response

    @property
    def returns_at_once(self) -> bool:
        """Whether the service shows its own page at the end of a payment."""
        return settings_of(self.payment.service).returns_at_once

    def go_on(self) -> HttpResponse:
        """Lead to the page that fits the payment's state now."""
        self.payment.refresh_from_db()
        return SeeOther(reverse(stage_of(self.payment), args=[self.payment.pk]))

    def other_page(self, own_stage: str) -> HttpResponse | None:
        """Return the page for the payment's state, or None when that is the page asked for."""
        if ending := ENDINGS.get(self.payment.status):
            return self._end(ending)
        stage = STAGES[self.payment.status]
        return None if stage == own_stage else SeeOther(reverse(stage, args=[self.payment.pk]))

    def start(self) -> HttpResponse | None:
        """Open the session at the provider where none is open; return the page that fits better than a card page."""
        try:
            start_payment(self.payment, by=self.citizen)
        except ProviderError:
            return self.show("unavailable", status=503)
        return self.other_page(STAGES[states.STARTED])

    def _end(self, ending: Ending) -> HttpResponse:
        if self.returns_at_once:
            return SeeOther(reverse("payments-return", args=[self.payment.pk]))
        return self.show("ending", ending=ending)


def not_yours(request: HttpRequest) -> HttpResponse:
    """Return the page for a browser that does not hold the payment."""
    return render(request, "gaap_payments/session_expired.html", status=403)


def uncached(response: HttpResponseBase) -> HttpResponseBase:
    """Forbid every cache, the browser's too, to keep a payment page."""
    add_never_cache_headers(response)
    return response


def stage_of(payment: Payment) -> str:
    """Return the name of the page on which the citizen goes on; an ending is shown where the card was asked for."""
    return STAGES.get(payment.status, STAGES[states.STARTED])
