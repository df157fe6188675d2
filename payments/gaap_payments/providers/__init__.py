"""Payment service providers: one file each, found by themselves."""

from gaap.providers.registry import Registry
from gaap_payments.providers.base import PaymentProvider

registry: Registry[PaymentProvider] = Registry(
    "payment", package="gaap_payments.providers", entry_point_group="gaap_payments.providers"
)
