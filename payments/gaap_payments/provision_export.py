"""Writing back the ``payments`` section of a provisioning file, without credentials and secrets."""

from typing import Any

from gaap.organisations.models import Service
from gaap_payments import provision_brands, provision_telephone
from gaap_payments.models import GatewayAccount, PaymentBrand, PaymentSettings
from gaap_payments.provision import SETTINGS, SURCHARGES
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.webhooks import webhooks_of


def export(service: Service) -> dict[str, Any]:
    """Return the section that brings ``service`` to what it has."""
    settings = settings_of(service)
    accounts = GatewayAccount.objects.filter(service=service).order_by("created_at")
    webhooks = sorted(webhooks_of(service.pk), key=lambda webhook: (webhook.subscription.url, webhook.mode))
    section: dict[str, Any] = {
        "gateway_accounts": [_account(account) for account in accounts],
        "webhooks": [_webhook(webhook) for webhook in webhooks],
        "telephone_payments_by": provision_telephone.export(service),
    }
    if not settings._state.adding:
        section["settings"] = _settings(settings)
    return section


def _settings(settings: PaymentSettings) -> dict[str, Any]:
    return {
        **{name: getattr(settings, column) for name, column in SETTINGS.items()},
        "corporate_surcharge": {kind: getattr(settings, column) for kind, column in SURCHARGES.items()},
        "cost_centres": {"metadata_key": settings.ledger_code_key, "codes": settings.ledger_codes},
    }


def _account(account: GatewayAccount) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": str(account.pk),
        "provider": account.provider,
        "mode": account.mode,
        "currency": account.currency,
    }
    if account.card_types is not None:
        entry["card_types"] = account.card_types
    if (brand := PaymentBrand.objects.filter(account=account).first()) is not None:
        entry["brand"] = provision_brands.export(brand)
    return entry if account.is_enabled else {**entry, "disabled": True}


def _webhook(webhook: Any) -> dict[str, Any]:
    subscription = webhook.subscription
    entry = {"url": subscription.url, "events": list(subscription.events), "mode": webhook.mode}
    return {**entry, "description": subscription.description} if subscription.description else entry
