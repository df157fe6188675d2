"""Payments' part of a trial service's first hour."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gaap.contributions import ChecklistItem, Contributions, Figure, Snippet
from gaap.organisations.models import Service
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.states import stored_statuses

FIRST_PAYMENT = """\
curl -sS {base_url}/v1/payments \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{{"amount": 1450, "reference": "first-payment", "description": "A first payment",
       "return_url": "https://www.example.org/"}}'"""


class PaymentsContributions(Contributions):
    """A first payment: its sandbox account, and the call that creates it."""

    def starter(self, service: Service) -> Mapping[str, Any]:
        """Give a trial service an account with the sandbox provider."""
        return {"payments": {"gateway_accounts": [{"provider": "sandbox", "mode": "test", "currency": "GBP"}]}}

    def snippets(self, service: Service, *, key: str, base_url: str) -> Iterable[Snippet]:
        """Create a payment; the answer's ``next_url`` is the page to pay on."""
        yield Snippet(_("Create a payment (curl)"), "sh", FIRST_PAYMENT.format(key=key, base_url=base_url))

    def usage(self, service: Service, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Count the service's payments, and those that were paid."""
        return _counts(service_id=service.pk, created_at__gte=since, created_at__lt=until)

    def checklist(self, service: Service) -> Iterable[ChecklistItem]:
        """Want an account that takes real money, where the service takes any."""
        accounts = GatewayAccount.objects.filter(service=service, is_enabled=True)
        yield ChecklistItem(
            title=_("An account with a payment provider that takes real money"),
            is_done=accounts.filter(is_live=True).exists(),
            hint=_("Only if your service takes payments. Those who run the platform connect it for you."),
            is_required=False,
        )

    def figures(self, *, since: datetime, until: datetime) -> Iterable[Figure]:
        """Count everybody's payments, and those that were paid."""
        return _counts(created_at__gte=since, created_at__lt=until)


def _counts(**narrowed: Any) -> Iterable[Figure]:
    payments = Payment.objects.filter(**narrowed)
    yield Figure("payments_created", _("Payments created"), payments.count())
    yield Figure("payments_paid", _("Payments paid"), payments.filter(status__in=stored_statuses("success")).count())
