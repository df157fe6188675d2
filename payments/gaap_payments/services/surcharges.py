"""Surcharges: what a service asks on top for a company's card (contract C.4)."""

from gaap_payments.models import PaymentSettings
from gaap_payments.providers.base import CardKind


def surcharge_for(kind: CardKind, settings: PaymentSettings) -> int:
    """Return the surcharge in the smallest unit of the currency; nothing for people's own and unknown cards."""
    if not kind.is_corporate:
        return 0
    if kind.is_prepaid:
        return settings.prepaid_surcharge if kind.type == "debit" else 0
    return {"credit": settings.credit_surcharge, "debit": settings.debit_surcharge}.get(kind.type, 0)
