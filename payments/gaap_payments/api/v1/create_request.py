"""Reading the body of ``POST /v1/payments`` (contract A.6): types first, then values, then what the account allows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gaap.identifiers import BASE32_LENGTH
from gaap_payments.api.v1 import fields
from gaap_payments.api.v1.errors import (
    agreement_unknown,
    insecure_return_url,
    invalid,
    missing,
    moto_api_not_allowed,
    moto_not_enabled,
    recurring_not_enabled,
    unexpected,
    wrong_type,
)
from gaap_payments.api.v1.metadata import check_metadata, read_metadata
from gaap_payments.api.v1.prefilled import check_prefilled, read_prefilled
from gaap_payments.conf import conf
from gaap_payments.currencies import UnknownCurrencyError, currency
from gaap_payments.models import Agreement, GatewayAccount, PaymentSettings
from gaap_payments.providers import registry
from gaap_payments.providers.base import CardFormProvider, RecurringProvider
from gaap_payments.services.payments import NewPayment
from gaap_payments.states import ACTIVE, CANCELLED

WEB, AGREEMENT, MOTO_API = "web", "agreement", "moto_api"
MODES = (WEB, AGREEMENT, MOTO_API)
AGREEMENT_PAYMENT_TYPES = ("instalment", "recurring", "unscheduled")
DEFAULT_PAYMENT_TYPE = "recurring"
NOT_WITH_AGREEMENT = ("return_url", "moto", "email", "prefilled_cardholder_details")


def parse_create_request(body: Mapping[str, Any], *, account: GatewayAccount, settings: PaymentSettings) -> NewPayment:
    """Return what the service asks for; raises ApiError for the first fault. Unknown fields are ignored."""
    mode = fields.read_text(body, "authorisation_mode") or WEB
    order = NewPayment(
        amount=fields.read_integer(body, "amount"),
        reference=fields.read_free_text(body, "reference"),
        description=fields.read_free_text(body, "description"),
        return_url=_read_return_url(body, mode=mode),
        currency=fields.read_text(body, "currency") or account.currency,
        language=fields.read_text(body, "language") or conf.default_language,
        email=fields.read_text(body, "email"),
        is_capture_delayed=fields.read_boolean(body, "delayed_capture"),
        is_moto=fields.read_boolean(body, "moto") or mode == MOTO_API,
        metadata=read_metadata(body),
        authorisation_mode=mode,
        **read_prefilled(body),
    )
    agreement_id = _check_attributes_of_mode(body, mode=mode)
    _check_values(order, minimum=0 if settings.allows_zero else 1)
    _check_account(order, mode=mode, account=account, settings=settings)
    if not agreement_id:
        return order
    agreement = _find_agreement(agreement_id, mode=mode, account=account, settings=settings)
    return replace(order, agreement=agreement, agreement_payment_type=_payment_type(body))


def _read_return_url(body: Mapping[str, Any], *, mode: str) -> str:
    if mode in (AGREEMENT, MOTO_API):
        return fields.read_text(body, "return_url")
    return fields.read_required_text(body, "return_url")


def _check_attributes_of_mode(body: Mapping[str, Any], *, mode: str) -> str:
    """Return the id of the agreement that the payment sets up or uses, empty for neither."""
    fields.check_choice("authorisation_mode", mode, MODES, reason=f"Must be one of {', '.join(MODES)}")
    refused = {AGREEMENT: NOT_WITH_AGREEMENT, MOTO_API: ("return_url",)}.get(mode, ())
    for name in refused:
        if body.get(name) is not None:
            raise unexpected(name)
    return _read_agreement_id(body, mode=mode)


def _read_agreement_id(body: Mapping[str, Any], *, mode: str) -> str:
    set_up, agreement_id = fields.read_text(body, "set_up_agreement"), fields.read_text(body, "agreement_id")
    if set_up and mode != WEB:
        raise unexpected("set_up_agreement")
    if agreement_id and mode != AGREEMENT:
        raise unexpected("agreement_id")
    if mode == AGREEMENT and not agreement_id:
        raise missing("agreement_id")
    for name, value in (("set_up_agreement", set_up), ("agreement_id", agreement_id)):
        if value and len(value) != BASE32_LENGTH:
            raise invalid(name, f"Must be exactly {BASE32_LENGTH} characters length")
    _check_agreement_payment_type(body, is_allowed=bool(set_up) or mode == AGREEMENT)
    return set_up or agreement_id


def _payment_type(body: Mapping[str, Any]) -> str:
    return fields.read_text(body, "agreement_payment_type") or DEFAULT_PAYMENT_TYPE


def _check_agreement_payment_type(body: Mapping[str, Any], *, is_allowed: bool) -> None:
    kind = fields.read_text(body, "agreement_payment_type")
    if kind and not is_allowed:
        raise unexpected("agreement_payment_type")
    if kind:
        reason = f"Must be one of {', '.join(AGREEMENT_PAYMENT_TYPES)}"
        fields.check_choice("agreement_payment_type", kind, AGREEMENT_PAYMENT_TYPES, reason=reason)


def _check_values(order: NewPayment, *, minimum: int) -> None:
    fields.check_range("amount", order.amount, minimum=minimum, maximum=_maximum(order.currency))
    fields.check_length("reference", order.reference, maximum=255)
    fields.check_length("description", order.description, maximum=255)
    fields.check_length("return_url", order.return_url, maximum=2000)
    if order.return_url:
        fields.check_url("return_url", order.return_url)
    fields.check_choice("language", order.language, conf.languages, reason=_language_reason())
    fields.check_length("email", order.email, maximum=254)
    check_metadata(order.metadata)
    check_prefilled(order.cardholder_name, order.billing_address)


def _maximum(code: str) -> int:
    try:
        return currency(code).maximum
    except UnknownCurrencyError as error:
        raise invalid("currency", "Must be an ISO 4217 currency code") from error


def _language_reason() -> str:
    *others, last = (f'"{code}"' for code in conf.languages)
    return f"Must be {', '.join(others)} or {last}" if others else f"Must be {last}"


def _check_account(order: NewPayment, *, mode: str, account: GatewayAccount, settings: PaymentSettings) -> None:
    takes_cards = issubclass(registry.get(account.provider), CardFormProvider)
    if mode == MOTO_API and not (settings.allows_card_api and takes_cards):
        raise moto_api_not_allowed()
    if order.is_moto and mode != MOTO_API and not settings.allows_moto:
        raise moto_not_enabled()
    _check_provider_minimum(order, account=account)
    if account.is_live and mode == WEB and not order.return_url.startswith("https://"):
        raise insecure_return_url()


def _check_provider_minimum(order: NewPayment, *, account: GatewayAccount) -> None:
    minimum = registry.get(account.provider).minimum_amounts.get(order.currency, 0)
    if order.amount < minimum:
        reason = f"Must be greater than or equal to {minimum}. Refer to the documentation of this API."
        raise invalid("amount", reason)


def _find_agreement(agreement_id: str, *, mode: str, account: GatewayAccount, settings: PaymentSettings) -> Agreement:
    """Return the agreement, which has to be active to be used, and must not be cancelled to be set up."""
    takes_recurring = issubclass(registry.get(account.provider), RecurringProvider)
    if not (settings.allows_recurring and takes_recurring):
        raise recurring_not_enabled()
    agreement = Agreement.objects.filter(gateway_account=account, pk=agreement_id).first()
    if mode == WEB:
        if agreement is None or agreement.status == CANCELLED:
            raise agreement_unknown()
        return agreement
    if agreement is None:
        raise wrong_type("agreement_id", "Agreement does not exist")
    if agreement.status != ACTIVE:
        raise wrong_type("agreement_id", "Agreement must be active")
    return agreement
