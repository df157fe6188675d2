"""The way in: from a service to the payment's pages (contract C.1)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from gaap_payments.errors import TokenRefusedError
from gaap_payments.models import Payment
from gaap_payments.services.tokens import redeem_token
from gaap_payments.web.held import HeldPayments
from gaap_payments.web.pages import SeeOther, not_yours, stage_of, uncached


class EnterView(View):
    """The way in: a one-time token, by link or by the form of a service's page, opens the payment in this browser."""

    @method_decorator(csrf_exempt)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The token itself proves the right to enter; the form comes from another site and cannot carry ours."""
        return uncached(super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Follow a ``next_url``."""
        return enter(request, token)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Follow a ``next_url_post``."""
        return enter(request, request.POST.get("chargeTokenId", ""))


def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Use the token up and go on to the payment; a used or unknown one leads nowhere."""
    held = HeldPayments.of(request)
    try:
        payment_id = redeem_token(token, held_payment_ids=held)
    except TokenRefusedError:
        return not_yours(request)
    held.hold(payment_id)
    response = SeeOther(reverse(stage_of(Payment.objects.get(pk=payment_id)), args=[payment_id]))
    held.write(response)
    return response
