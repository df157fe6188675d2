"""``/v1/payment_notification``: telling of a payment that was made by telephone elsewhere (contract A.9)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap_payments.api.v1 import fields, schemas
from gaap_payments.api.v1.base import PaymentsView, account_of, caller_of
from gaap_payments.api.v1.errors import access_not_enabled, invalid
from gaap_payments.api.v1.representation import state_document, timestamp
from gaap_payments.cards import holds_card_number
from gaap_payments.conf import conf
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.services.accounts import settings_of
from gaap_payments.services.notifications import STATUSES, ToldPayment, note_payment

BRANDS = {
    "master-card": "Mastercard",
    "visa": "Visa",
    "maestro": "Maestro",
    "diners-club": "Diners Club",
    "american-express": "American Express",
    "jcb": "Jcb",
}
TEXTS = ("reference", "description", "processor_id", "provider_id")
OPTIONAL = ("auth_code", "telephone_number", "name_on_card", "email_address")
MOMENTS = ("created_date", "authorised_date")


class PaymentNotificationView(PaymentsView):
    """Payments made elsewhere."""

    required_scope: ClassVar[str | dict[str, str]] = "payments:create"
    codes: ClassVar[Mapping[str, str]] = {"P0105": "P0102"}
    fault_codes: ClassVar[Mapping[str, str]] = {"POST": "P0198"}
    write_limit = "payments-create"

    @extend_schema(**schemas.NOTIFY)
    @idempotent
    def post(self, request: Request) -> Response:
        """Take notice: 201; 200 when the same ``provider_id`` was told before."""
        account = account_of(request)
        if not settings_of(account.service).allows_notifications:
            raise access_not_enabled()
        told = _read(cast(dict[str, Any], request.data), account=account)
        payment, is_new = note_payment(account, told=told, language=conf.default_language, by=caller_of(request).actor)
        return Response(_document(payment), status=201 if is_new else 200)


def _read(body: Mapping[str, Any], *, account: GatewayAccount) -> ToldPayment:
    amount = body.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise invalid("amount", "Must be a valid numeric format")
    fields.check_range("amount", amount, minimum=1, maximum=10_000_000)
    texts = {name: _text(body, name, is_required=True) for name in TEXTS}
    facts = {name: _text(body, name) for name in OPTIONAL} | {name: _moment(body, name) for name in MOMENTS}
    outcome = _outcome(body)
    return ToldPayment(
        amount=amount,
        currency=account.currency,
        reference=texts["reference"],
        description=texts["description"],
        provider_id=texts["provider_id"],
        code=outcome.get("code", ""),
        card=_card(body) | {"cardholder_name": facts.pop("name_on_card")},
        email=facts.pop("email_address"),
        facts={**facts, "processor_id": texts["processor_id"], "payment_outcome": outcome},
    )


def _text(body: Mapping[str, Any], name: str, *, is_required: bool = False) -> str:
    value = body.get(name)
    if value is None and not is_required:
        return ""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise invalid(name, fields.STRING_FORMAT)
    fields.check_length(name, value, maximum=255 if name != "email_address" else 254)
    if holds_card_number(value):
        raise invalid(name, "Must not hold a card number")
    return value


def _moment(body: Mapping[str, Any], name: str) -> str:
    value = _text(body, name)
    try:
        return timestamp(datetime.fromisoformat(value).astimezone(UTC)) if value else ""
    except (ValueError, OverflowError) as error:
        raise invalid(name, "Must be a valid date and time") from error


def _outcome(body: Mapping[str, Any]) -> dict[str, Any]:
    outcome = body.get("payment_outcome")
    known = outcome if isinstance(outcome, dict) else {}
    status, code = known.get("status"), known.get("code", "")
    if (status, code) == ("success", "") or (status == "failed" and code and code in STATUSES):
        supplemental = known.get("supplemental")
        kept = {"supplemental": _supplemental(supplemental)} if isinstance(supplemental, dict) else {}
        return {"status": status, **({"code": code} if code else {}), **kept}
    raise invalid("payment_outcome", "Must include a valid status and error code")


def _supplemental(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(given, name) for name in ("error_code", "error_message") if name in given}


def _card(body: Mapping[str, Any]) -> dict[str, str]:
    card_type, expiry = _text(body, "card_type"), _text(body, "card_expiry")
    if card_type and card_type not in BRANDS:
        raise invalid("card_type", f"Must be one of {', '.join(BRANDS)}")
    if expiry and not _is_expiry(expiry):
        raise invalid("card_expiry", "Must be a valid date with the format MM/YY")
    return {
        "card_brand": BRANDS.get(card_type, ""),
        "expiry_date": expiry,
        "first_digits": _digits(body, "first_six_digits", length=6),
        "last_digits": _digits(body, "last_four_digits", length=4),
    }


def _is_expiry(text: str) -> bool:
    month, _, year = text.partition("/")
    return len(text) == len("MM/YY") and month.isdigit() and year.isdigit() and 1 <= int(month) <= 12


def _digits(body: Mapping[str, Any], name: str, *, length: int) -> str:
    value = _text(body, name)
    if value and not (len(value) == length and value.isascii() and value.isdigit()):
        raise invalid(name, f"Must be exactly {length} digits")
    return value


def _document(payment: Payment) -> dict[str, Any]:
    told = payment.notification or {}
    labels = {label: name for name, label in BRANDS.items()}
    facts = {
        "payment_id": payment.pk,
        "amount": payment.amount,
        "currency": payment.currency,
        "reference": payment.reference,
        "description": payment.description,
        "provider_id": payment.provider_id,
        "payment_provider": payment.provider,
        "created_date": told.get("created_date") or timestamp(payment.created_at),
        "authorised_date": told.get("authorised_date"),
        "processor_id": told.get("processor_id"),
        "auth_code": told.get("auth_code"),
        "telephone_number": told.get("telephone_number"),
        "payment_outcome": told.get("payment_outcome"),
        "name_on_card": payment.cardholder_name,
        "email_address": payment.email,
        "card_type": labels.get(payment.card_brand),
        "card_expiry": payment.expiry_date,
        "first_six_digits": payment.first_digits,
        "last_four_digits": payment.last_digits,
        "state": state_document(payment.state),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}
