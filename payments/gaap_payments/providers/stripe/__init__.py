"""Stripe. The vendor's words stop in ``words.py``, its library in ``client.py``."""

from gaap_payments.providers.stripe.provider import StripeProvider

__all__ = ["StripeProvider"]
