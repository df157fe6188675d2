"""3-D Secure: the citizen proves to their bank, in a frame of our page, that it is them (contract C.1, 4)."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from gaap.theme.csp import allow_form_redirect
from gaap_payments.models import Payment
from gaap_payments.services.challenges import complete_challenge
from gaap_payments.services.languages import spoken_language
from gaap_payments.web.frames import allow_frame, framed
from gaap_payments.web.pages import PaymentPage, SeeOther, uncached

#: What a bank may send back: so many fields, each so long. A CRes of EMV 3-D Secure has a few hundred characters.
MAXIMUM_FIELDS = 20
MAXIMUM_LENGTH = 20_000


class RequiredView(PaymentPage):
    """The page around the bank's."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the frame."""
        response = self.other_page("payments-3ds-required")
        if response is None:
            response = self.show("3ds_required")
            allow_frame(response, _challenge_of(self.payment)["url"])
        return response


class OutView(PaymentPage):
    """In the frame: on to the bank."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead on to the bank's page, with a form when the bank wants one."""
        response = self.other_page("payments-3ds-required") or self._lead_on()
        framed(response)
        return response

    def _lead_on(self) -> HttpResponse:
        challenge = _challenge_of(self.payment)
        if challenge["method"] == "GET" and not challenge["fields"]:
            return SeeOther(challenge["url"])
        response = self.show("3ds_out", challenge=challenge)
        allow_form_redirect(response, challenge["url"])
        return response


@csrf_exempt
def come_in(request: HttpRequest, payment_id: str) -> HttpResponse:
    """In the frame, back from the bank: break out of it, and take along what the bank sent.

    The bank's form comes from another site, so that no cookie of ours comes with it and nothing is shown or done here.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    answer = bank_answer(request.POST if request.method == "POST" else request.GET)
    with translation.override(spoken_language(payment.language)):
        response = render(request, "gaap_payments/3ds_in.html", {"payment": payment, "answer": answer})
    allow_form_redirect(response, payment.return_url)
    framed(uncached(response))
    return response


@method_decorator(csrf_exempt, name="dispatch")
class HandlerView(PaymentPage):
    """Out of the frame again.

    The form of ``come_in`` carries no token of ours, because there was no cookie to hold it against. The bank's answer
    is proof of itself: the provider judges it, and whoever forged it changes nothing but how soon that happens.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing is followed by a link."""
        return self.go_on()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have the provider follow the bank's answer; of many parallel ones one does."""
        complete_challenge(self.payment, answer=bank_answer(request.POST), by=self.citizen)
        return self.go_on()


def bank_answer(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that a bank sent back, as far as they can be ones."""
    pairs = [(name, str(value)) for name, value in fields.items() if len(str(value)) <= MAXIMUM_LENGTH]
    return dict(pairs[:MAXIMUM_FIELDS])


def _challenge_of(payment: Payment) -> dict[str, Any]:
    return dict(payment.challenge or {})
