"""Gateway accounts and a service's payment settings."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from jsonschema import Draft202012Validator

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.conf import conf
from gaap.keys.models import ApiKey
from gaap.organisations.models import Service
from gaap.snapshots import Snapshots
from gaap_payments.card_types import CardTypes, normalised, type_faults
from gaap_payments.cards import BRANDS
from gaap_payments.currencies import UnknownCurrencyError, currency
from gaap_payments.errors import AccountDisabledError, AccountNotConfiguredError, AccountRefusedError
from gaap_payments.models import GatewayAccount, PaymentSettings
from gaap_payments.providers import registry
from gaap_payments.providers.base import CardFormProvider, HostedFieldsProvider, ProviderAccount


def account_for_key(api_key: ApiKey) -> GatewayAccount:
    """Return the gateway account that ``api_key`` takes payments on, with the service's payment settings.

    It is for reading, and that of a moment ago at most; see ``gaap.snapshots``. Raises AccountNotConfiguredError when
    there is none, AccountDisabledError when it is disabled.
    """
    account = _accounts.get((api_key.service_id, api_key.type == ApiKey.Type.LIVE))
    if account is None:
        raise AccountNotConfiguredError("The service has no gateway account for this kind of key.")
    if not account.is_enabled:
        raise AccountDisabledError("The gateway account is disabled.")
    return account


def account_with_id(account_id: uuid.UUID) -> GatewayAccount:
    """Return a gateway account for reading, that of a moment ago at most; see ``gaap.snapshots``."""
    return _accounts_by_id.get(account_id)


def accounts_of(service: Service) -> list[GatewayAccount]:
    """Return the enabled accounts of ``service``, that for real money first."""
    return list(GatewayAccount.objects.filter(service=service, is_enabled=True).order_by("-is_live"))


def card_brands(provider: str) -> list[str]:
    """Return the brands of card that a provider takes, those that most people have first."""
    taken = registry.get(provider).card_brands
    return [label for label, _ in BRANDS if label in taken]


def settings_of(service: Service) -> PaymentSettings:
    """Return the payment settings of ``service``; the defaults, unsaved, when it has none."""
    try:
        return service.payment_settings
    except PaymentSettings.DoesNotExist:
        return PaymentSettings(service=service)


def account_faults(*, provider: str, is_live: bool, currency_code: str, credentials: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a gateway account's set-up, in words for operators; empty when nothing is."""
    if provider not in registry.identifiers():
        return [f"Provider {provider!r} is not installed."]
    known = registry.get(provider)
    if not issubclass(known, (CardFormProvider, HostedFieldsProvider)):
        return [f"Provider {provider!r} has neither a card form nor fields that these pages could show."]
    faults = [error.message for error in Draft202012Validator(dict(known.credentials_schema)).iter_errors(credentials)]
    if not faults:
        faults += known(ProviderAccount(id="", is_live=is_live, credentials=credentials)).account_faults()
    if is_live and known.is_sandbox and conf.is_production:
        faults.append("A sandbox takes no live payments in production.")
    try:
        currency(currency_code)
    except UnknownCurrencyError as error:
        faults.append(str(error))
    return faults


@transaction.atomic
def save_account(
    service: Service,
    *,
    provider: str,
    is_live: bool,
    by: Actor,
    currency_code: str = "GBP",
    credentials: Mapping[str, Any] | None = None,
    is_enabled: bool = True,
    id: uuid.UUID | None = None,
) -> GatewayAccount:
    """Create a gateway account, or change the one with this ``id`` (else: of this provider and mode).

    Without ``credentials`` an existing account keeps its own. Raises AccountRefusedError with every fault; provider
    and mode of an account never change, because its payments live there.
    """
    account = _find_account(service, provider=provider, is_live=is_live, id=id)
    secrets = dict(account.credentials if credentials is None else credentials)
    faults = account_faults(provider=provider, is_live=is_live, currency_code=currency_code, credentials=secrets)
    if (account.provider, account.is_live) != (provider, is_live):
        faults.append("Provider and mode of an account never change; make another account.")
    if faults:
        raise AccountRefusedError(" ".join(faults))
    before = None if account._state.adding else (_account_facts(account), account.credentials)
    account.currency, account.credentials, account.is_enabled = currency_code, secrets, is_enabled
    if before != (_account_facts(account), secrets):
        account.save()
        _forget(service.pk, account.pk)
        _record_account(account, before=before[0] if before else None, by=by)
    return account


@transaction.atomic
def save_card_types(account: GatewayAccount, *, card_types: CardTypes | None, by: Actor) -> GatewayAccount:
    """Set which cards an account takes; None takes every card that its provider takes.

    Raises AccountRefusedError when none would be taken, or one that the provider does not take.
    """
    faults = type_faults(card_types, brands=registry.get(account.provider).card_brands)
    if faults:
        raise AccountRefusedError(" ".join(faults))
    known = GatewayAccount.objects.select_for_update().get(pk=account.pk)
    before, wanted = _account_facts(known), normalised(card_types)
    if known.card_types != wanted:
        known.card_types = wanted
        known.save(update_fields=["card_types"])
        _forget(known.service_id, known.pk)
        _record_account(known, before=before, by=by)
    return known


@transaction.atomic
def save_settings(service: Service, *, by: Actor, **changes: Any) -> PaymentSettings:
    """Set the given payment settings of ``service``; fields as in PaymentSettings."""
    settings = settings_of(service)
    before = None if settings._state.adding else _settings_facts(settings)
    for field, value in changes.items():
        setattr(settings, field, value)
    if before != _settings_facts(settings):
        settings.save()
        _forget(service.pk)
        record("payment_settings_changed", target=settings, by=by, before=before, after=_settings_facts(settings))
    return settings


def _find_account(service: Service, *, provider: str, is_live: bool, id: uuid.UUID | None) -> GatewayAccount:
    known = GatewayAccount.objects.filter(service=service)
    found = known.filter(pk=id).first() if id else known.filter(provider=provider, is_live=is_live).first()
    return found or GatewayAccount(id=id or uuid.uuid4(), service=service, provider=provider, is_live=is_live)


def _record_account(account: GatewayAccount, *, before: Mapping[str, Any] | None, by: Actor) -> None:
    """Audit an account's set-up; credentials are never part of it."""
    action = "gateway_account_created" if before is None else "gateway_account_changed"
    record(action, target=account, by=by, before=before, after=_account_facts(account))


def _account_facts(account: GatewayAccount) -> dict[str, Any]:
    return {
        "provider": account.provider,
        "mode": account.mode,
        "currency": account.currency,
        "is_enabled": account.is_enabled,
        "card_types": account.card_types,
    }


def _settings_facts(settings: PaymentSettings) -> dict[str, Any]:
    fields = [field.name for field in PaymentSettings._meta.concrete_fields if field.name not in ("id", "service")]
    return {field: getattr(settings, field) for field in fields}


def _forget(service_id: uuid.UUID, *account_ids: uuid.UUID) -> None:
    for is_live in (False, True):
        _accounts.forget((service_id, is_live))
    for account_id in account_ids:
        _accounts_by_id.forget(account_id)


def _load(key: tuple[uuid.UUID, bool]) -> GatewayAccount | None:
    service_id, is_live = key
    accounts = GatewayAccount.objects.of_service(service_id, is_live=is_live)
    return accounts.select_related("service__payment_settings").order_by("-is_enabled", "-created_at").first()


def _load_by_id(account_id: uuid.UUID) -> GatewayAccount:
    return GatewayAccount.objects.get(pk=account_id)


_accounts: Snapshots[tuple[uuid.UUID, bool], GatewayAccount | None] = Snapshots(_load)
_accounts_by_id: Snapshots[uuid.UUID, GatewayAccount] = Snapshots(_load_by_id)
