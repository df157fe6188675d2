"""System checks of payments: each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from gaap.conf import conf
from gaap_payments.conf import conf as payments_conf
from gaap_payments.models import GatewayAccount
from gaap_payments.providers import registry


@register(Tags.security, deploy=True)
def check_live_accounts(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse sandboxes that take live payments in production, and accounts whose provider is gone."""
    if GatewayAccount._meta.db_table not in connection.introspection.table_names():
        return []
    enabled = GatewayAccount.objects.filter(is_enabled=True).select_related("service")
    return [fault for account in enabled for fault in _account_faults(account)]


@register(Tags.security)
def check_provider_addresses(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse peers in a provider's place in production, and addresses of providers that nobody knows."""
    addresses = payments_conf.provider_addresses
    if addresses and conf.is_production:
        hint = "Remove GAAP_PAYMENTS_PROVIDER_ADDRESSES."
        return [Error("A provider is replaced by another address.", hint=hint, id="gaap_payments.E003")]
    unknown = sorted(set(addresses) - set(registry.identifiers()))
    hint = f"Known are: {', '.join(registry.identifiers())}."
    return [Error(f"No provider is called {name!r}.", hint=hint, id="gaap_payments.E004") for name in unknown]


def _account_faults(account: GatewayAccount) -> list[CheckMessage]:
    if account.provider not in registry.identifiers():
        hint = "Install the provider again, or disable the account in the admin."
        return [
            Error(f"Provider {account.provider!r} is not installed.", hint=hint, obj=account, id="gaap_payments.E001")
        ]
    if conf.is_production and account.is_live and registry.get(account.provider).is_sandbox:
        hint = "Disable the account in the admin and add one of a real provider."
        return [Error("A sandbox takes live payments.", hint=hint, obj=account, id="gaap_payments.E002")]
    return []
