"""The ``payments`` section of a provisioning file."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from gaap.actors import Actor
from gaap.organisations.models import Service
from gaap.provisioning.finding import find_service
from gaap.webhooks.errors import WebhookError
from gaap.webhooks.services.secrets import usable_secrets
from gaap.webhooks.services.subscriptions import check_address
from gaap_payments import provision_brands, provision_telephone
from gaap_payments.card_types import TYPES as CARD_TYPES
from gaap_payments.card_types import type_faults
from gaap_payments.cards import BRANDS
from gaap_payments.currencies import CODES
from gaap_payments.models import GatewayAccount, PaymentSettings, PaymentWebhook
from gaap_payments.providers import registry
from gaap_payments.services.accounts import account_faults, save_account, save_card_types, save_settings
from gaap_payments.services.webhooks import (
    EVENT_TYPES,
    change_webhook,
    create_webhook,
    default_mode,
    renew_secret,
    webhooks_of,
)

GATEWAY_ACCOUNT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider", "mode"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "provider": {"enum": list(registry.identifiers())},
        "mode": {"enum": ["test", "live"]},
        "currency": {"enum": sorted(CODES)},
        "credentials": {"type": "object"},
        "disabled": {"type": "boolean"},
        "brand": provision_brands.SCHEMA,
        "card_types": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                one: {"type": "array", "items": {"enum": [label for label, _ in BRANDS]}} for one in CARD_TYPES
            },
        },
    },
}

WEBHOOK = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "events"],
    "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": 2000},
        "events": {"type": "array", "minItems": 1, "items": {"enum": list(EVENT_TYPES)}},
        "mode": {"enum": ["test", "live"]},
        "description": {"type": "string", "maxLength": 255},
        "secret": {"type": "string", "minLength": 16, "maxLength": 255},
    },
}

#: The kinds of corporate cards, and the columns of PaymentSettings with their surcharges.
SURCHARGES = {"credit": "credit_surcharge", "debit": "debit_surcharge", "prepaid_debit": "prepaid_surcharge"}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "settings": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "collect_billing_address": {"type": "boolean"},
                "email": {"enum": PaymentSettings.EmailMode.values},
                "moto": {"type": "boolean"},
                "mask_card_number": {"type": "boolean"},
                "mask_security_code": {"type": "boolean"},
                "allow_zero": {"type": "boolean"},
                "retry_after_decline": {"type": "boolean"},
                "return_at_once": {"type": "boolean"},
                "recurring": {"type": "boolean"},
                "card_api": {"type": "boolean"},
                "payment_notifications": {"type": "boolean"},
                "corporate_surcharge": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        kind: {"type": "integer", "minimum": 0, "maximum": 10_000_000} for kind in SURCHARGES
                    },
                },
                "refund_limit": {"type": ["integer", "null"], "minimum": 0},
                "cost_centres": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["metadata_key"],
                    "properties": {
                        "metadata_key": {"type": "string", "maxLength": 30},
                        "codes": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 100}},
                    },
                },
                "receipts": {"type": "boolean"},
                "refund_receipts": {"type": "boolean"},
                "receipt_paragraph": {"type": "string", "maxLength": 1000},
                "help": {"type": "string", "maxLength": 500},
            },
        },
        "gateway_accounts": {"type": "array", "items": GATEWAY_ACCOUNT},
        "webhooks": {"type": "array", "items": WEBHOOK},
        "telephone_payments_by": provision_telephone.SCHEMA,
    },
}

#: The file's words for the columns of PaymentSettings.
SETTINGS = {
    "collect_billing_address": "collects_billing_address",
    "email": "email",
    "moto": "allows_moto",
    "mask_card_number": "masks_card_number",
    "mask_security_code": "masks_security_code",
    "allow_zero": "allows_zero",
    "retry_after_decline": "allows_retry",
    "return_at_once": "returns_at_once",
    "recurring": "allows_recurring",
    "card_api": "allows_card_api",
    "payment_notifications": "allows_notifications",
    "refund_limit": "refund_limit",
    "receipts": "sends_receipts",
    "refund_receipts": "sends_refund_receipts",
    "receipt_paragraph": "receipt_paragraph",
    "help": "help_text",
}

Path = list[str | int]


def check(section: dict[str, Any], *, service: dict[str, Any]) -> Iterable[tuple[Path, str]]:
    """Yield the faults that the schema cannot see, each with its path within the section."""
    entries = section.get("gateway_accounts", [])
    for index, entry in enumerate(entries):
        for fault in _faults(entry, service=service):
            yield ["gateway_accounts", index], fault
    for mode in ("test", "live"):
        if sum(entry["mode"] == mode and not entry.get("disabled") for entry in entries) > 1:
            yield ["gateway_accounts"], f"There may be only one {mode} account that is not disabled."
    yield from _webhook_faults(section.get("webhooks", []))
    for fault in provision_telephone.faults(section.get("telephone_payments_by", []), service=service):
        yield ["telephone_payments_by"], fault


def apply(service: Service, section: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Set settings, gateway accounts, permissions and webhooks; returns ids, and the secrets of new webhooks.

    Applying the same section again changes nothing.
    """
    if settings := section.get("settings"):
        save_settings(service, by=by, **_columns(settings))
    if "telephone_payments_by" in section:
        provision_telephone.apply(service, section["telephone_payments_by"], by=by)
    entries = sorted(section.get("gateway_accounts", []), key=lambda entry: not entry.get("disabled"))
    accounts = [_apply_account(service, entry, by=by) for entry in entries]
    named = {"gateway_accounts": [_named(account) for account in accounts]}
    if "webhooks" not in section:
        return named
    return {**named, "webhooks": [_apply_webhook(service, entry, by=by) for entry in section["webhooks"]]}


def _columns(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of PaymentSettings that the file's settings set."""
    columns = {SETTINGS[name]: value for name, value in settings.items() if name in SETTINGS}
    columns |= {SURCHARGES[kind]: amount for kind, amount in settings.get("corporate_surcharge", {}).items()}
    if centres := settings.get("cost_centres"):
        columns |= {"ledger_code_key": centres["metadata_key"], "ledger_codes": centres.get("codes", {})}
    return columns


def _faults(entry: dict[str, Any], *, service: dict[str, Any]) -> Iterator[str]:
    is_live = entry["mode"] == "live"
    if is_live and service.get("mode", "trial") != "live":
        yield "A trial service cannot have a live account."
    yield from account_faults(
        provider=entry["provider"],
        is_live=is_live,
        currency_code=entry.get("currency", "GBP"),
        credentials=entry.get("credentials", _standing_credentials(entry, service=service)),
    )
    yield from provision_brands.faults(entry.get("brand", {}))
    yield from type_faults(entry.get("card_types"), brands=registry.get(entry["provider"]).card_brands)
    if "id" in entry:
        yield from _identity_faults(entry, service=service)


def _standing_credentials(entry: dict[str, Any], *, service: dict[str, Any]) -> dict[str, Any]:
    """Return what an account keeps when the file gives no credentials; nothing for a new one."""
    found = find_service(service)
    known = GatewayAccount.objects.filter(service=found, provider=entry["provider"], is_live=entry["mode"] == "live")
    account = (known.filter(pk=entry["id"]) if "id" in entry else known).first()
    return account.credentials if account else {}


def _identity_faults(entry: dict[str, Any], *, service: dict[str, Any]) -> Iterator[str]:
    known = GatewayAccount.objects.filter(pk=entry["id"]).select_related("service").first()
    if known is None:
        return
    is_same = service["id"] == str(known.service_id) if "id" in service else service["name"] == known.service.name
    if not is_same:
        yield "The account with this id belongs to another service."
    if (known.provider, known.mode) != (entry["provider"], entry["mode"]):
        yield "Provider and mode of an account never change; give another account."


def _apply_account(service: Service, entry: dict[str, Any], *, by: Actor) -> GatewayAccount:
    account = save_account(
        service,
        provider=entry["provider"],
        is_live=entry["mode"] == "live",
        currency_code=entry.get("currency", "GBP"),
        credentials=entry.get("credentials"),
        is_enabled=not entry.get("disabled", False),
        id=uuid.UUID(entry["id"]) if "id" in entry else None,
        by=by,
    )
    if "brand" in entry:
        provision_brands.apply(account, entry["brand"], by=by)
    return save_card_types(account, card_types=entry["card_types"], by=by) if "card_types" in entry else account


def _named(account: GatewayAccount) -> dict[str, str]:
    return {"id": str(account.pk), "provider": account.provider, "mode": account.mode}


def _webhook_faults(entries: list[dict[str, Any]]) -> Iterator[tuple[Path, str]]:
    seen = set()
    for index, entry in enumerate(entries):
        try:
            check_address(entry["url"])
        except WebhookError as error:
            yield ["webhooks", index, "url"], str(error)
        if (entry["url"], entry.get("mode")) in seen:
            yield ["webhooks", index], "This address is there already."
        seen.add((entry["url"], entry.get("mode")))


def _apply_webhook(service: Service, entry: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Without a mode, a webhook is found by its address; a new one is about live payments if there can be any."""
    is_live = entry["mode"] == "live" if "mode" in entry else None
    known = [found for found in webhooks_of(service.pk, is_live=is_live) if found.subscription.url == entry["url"]]
    wanted = {"events": entry["events"], "description": entry.get("description", "")}
    if known:
        return _change_webhook(known[0], wanted, secret=entry.get("secret"), by=by)
    mode = default_mode(service) if is_live is None else is_live
    made = create_webhook(service, url=entry["url"], is_live=mode, secret=entry.get("secret"), by=by, **wanted)
    return {**_named_webhook(made), "secret": usable_secrets(made.subscription)[0]}


def _change_webhook(
    webhook: PaymentWebhook, wanted: dict[str, Any], *, secret: str | None, by: Actor
) -> dict[str, Any]:
    change_webhook(webhook, by=by, **wanted)
    if secret and secret not in usable_secrets(webhook.subscription):
        renew_secret(webhook, secret=secret, by=by)
    return _named_webhook(webhook)


def _named_webhook(webhook: PaymentWebhook) -> dict[str, Any]:
    return {"id": str(webhook.pk), "url": webhook.subscription.url, "mode": webhook.mode}
