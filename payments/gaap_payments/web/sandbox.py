"""The sandbox's bank: the page on which a tester plays the citizen's bank in a 3-D Secure challenge."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from gaap_payments.models import Payment, SandboxCharge
from gaap_payments.providers.sandbox import BANK_ANSWERS, answer_challenge
from gaap_payments.services.languages import spoken_language
from gaap_payments.web.frames import framed
from gaap_payments.web.pages import SeeOther, uncached


@method_decorator(csrf_exempt, name="dispatch")
class BankView(View):
    """What a real bank would show in its own name at its own address, and so without our session."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Speak the payment's language; our own page may frame it."""
        charge = SandboxCharge.objects.filter(pk=kwargs["charge_id"]).first()
        payment = Payment.objects.filter(pk=charge.payment_id).first() if charge else None
        if payment is None:
            raise Http404
        with translation.override(spoken_language(payment.language)):
            return framed(uncached(super().dispatch(request, *args, payment=payment, **kwargs)))

    def get(self, request: HttpRequest, charge_id: uuid.UUID, payment: Payment) -> HttpResponse:
        """Ask the tester what the bank is to say."""
        return render(request, "gaap_payments/sandbox_bank.html", {"amount": payment.money.format()})

    def post(self, request: HttpRequest, charge_id: uuid.UUID, payment: Payment) -> HttpResponse:
        """Note the answer and send the browser back to the payment."""
        answer = request.POST.get("answer", "")
        if answer not in BANK_ANSWERS:
            return HttpResponseBadRequest()
        return SeeOther(f"{answer_challenge(charge_id, answer)}?session={charge_id}")
