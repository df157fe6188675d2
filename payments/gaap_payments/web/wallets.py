"""Paying with a wallet: the button on the card page (contract C.1, C.5)."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gaap_payments.services.authorisations import authorise_wallet
from gaap_payments.web.outcomes import ENDINGS
from gaap_payments.web.pages import PaymentPage, SeeOther


class WalletView(PaymentPage):
    """One of the wallet buttons was pressed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing is paid by following a link."""
        return self.go_on()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Pay with the wallet; who has paid is led back to the service, with nothing left to confirm."""
        authorise_wallet(self.payment, wallet=request.POST.get("wallet", ""), by=self.citizen)
        ending = ENDINGS.get(self.payment.status)
        if ending is not None and ending.is_success:
            return SeeOther(reverse("payments-return", args=[self.payment.pk]))
        return self.go_on()
