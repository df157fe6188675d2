"""The page with the provider's own card fields: the only one that lets the provider's script in."""

from django.http import HttpRequest, HttpResponse

from gaap.providers.errors import ProviderError
from gaap.theme.csp import allow
from gaap_payments import states
from gaap_payments.models import Payment
from gaap_payments.providers.base import HostedFields
from gaap_payments.services.hosted_fields import complete_fields, has_hosted_fields, hosted_fields
from gaap_payments.services.retries import may_try_again
from gaap_payments.web.pages import PaymentPage


class FieldsView(PaymentPage):
    """Typing the card into the provider's fields, and the place to which the provider sends the browser back."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Follow what the browser did at the provider; while it has done nothing, show the fields."""
        if not has_hosted_fields(self.payment):
            return self.go_on()
        if (elsewhere := self.start()) is not None:
            return elsewhere
        try:
            return self._follow_or_show(request)
        except ProviderError:
            return self.show("unavailable", status=503)

    def _follow_or_show(self, request: HttpRequest) -> HttpResponse:
        tries = self.payment.card_tries
        complete_fields(self.payment, by=self.citizen)
        if self.payment.status != states.STARTED or self.payment.card_tries != tries:
            return self.go_on()
        fields = hosted_fields(self.payment, return_path=request.path)
        payer = payer_data(self.payment)
        may_retry = may_try_again(self.payment)
        response = self.show("provider_fields", fields=fields, payer=payer, may_retry=may_retry)
        let_in(response, fields)
        return response


def let_in(response: HttpResponse, fields: HostedFields) -> None:
    """Widen the page's content security policy by what the provider's script needs."""
    for directive, sources in fields.sources.items():
        allow(response, directive, *sources)


def payer_data(payment: Payment) -> dict[str, str]:
    """Return what the provider's script may tell the provider of the payer, so that they need not type it twice."""
    address = payment.billing_address or {}
    known = {"name": payment.cardholder_name, "email": payment.email, **address}
    return {name: str(value) for name, value in known.items() if value}
