"""A payment as the API shows it (contract A.7): what is left out, what is null, and where its links lead."""

from datetime import UTC, datetime
from typing import Any

from gaap_payments.api.v1.base import absolute
from gaap_payments.models import Agreement, Payment, PaymentEvent
from gaap_payments.services.refunds import refund_status
from gaap_payments.states import (
    CAPTURABLE,
    NEEDS_CARD,
    NEEDS_CITIZEN,
    PublicState,
)


def payment_document(payment: Payment, *, token: str = "") -> dict[str, Any]:
    """Return the payment; with a one-time ``token`` the links lead the citizen to the pages."""
    is_for_card = payment.authorisation_mode == Payment.Mode.MOTO_API
    way_on = _card_links(token) if is_for_card else _citizen_links(token)
    return {**payment_facts(payment), "_links": {**search_links(payment), **way_on}}


def payment_facts(payment: Payment) -> dict[str, Any]:
    """Return the payment without its links: empty members are left out, the rest always stands."""
    facts = {
        "payment_id": payment.pk,
        "amount": payment.amount,
        "currency": payment.currency,
        "description": payment.description,
        "reference": payment.reference,
        "created_date": timestamp(payment.created_at),
        "state": state_document(payment.state),
        "payment_provider": payment.provider,
        "provider_id": payment.provider_id,
        "return_url": payment.return_url,
        "email": payment.email,
        "language": payment.language,
        "authorisation_mode": payment.authorisation_mode,
        "agreement_id": payment.agreement_id,
        "agreement_payment_type": payment.agreement_payment_type,
        "payment_method_type": "card" if payment.provider_id and payment.card_brand else "",
        "metadata": payment.metadata,
        "card_details": card_document(payment),
        "card_brand": payment.card_brand,
        "refund_summary": refund_summary(payment),
        "authorisation_summary": authorisation_summary(payment),
    }
    shown = {name: value for name, value in facts.items() if value not in ("", None, {})}
    return {
        **shown,
        **_sums(payment),
        "state": {**state_document(payment.state), **_retry(payment)},
        "amount": payment.amount,
        "delayed_capture": payment.is_capture_delayed,
        "moto": payment.is_moto,
        "settlement_summary": settlement_summary(payment),
    }


def _sums(payment: Payment) -> dict[str, int]:
    """Return what stands only where it applies: a surcharge with the total, the provider's fee with what is left."""
    sums: dict[str, int] = {}
    if payment.corporate_surcharge:
        sums |= {"corporate_card_surcharge": payment.corporate_surcharge, "total_amount": payment.total_amount}
    if payment.fee is not None:
        sums |= {"fee": payment.fee, "net_amount": payment.total_amount - payment.fee}
    return sums


def _retry(payment: Payment) -> dict[str, bool]:
    is_failed = payment.authorisation_mode == Payment.Mode.AGREEMENT and payment.state.code == "P0010"
    return {"can_retry": payment.can_retry} if is_failed and payment.can_retry is not None else {}


def state_document(state: PublicState) -> dict[str, Any]:
    """Return a state; ``code`` and ``message`` only when something went wrong (contract A.10)."""
    went_wrong = {"message": state.message, "code": state.code} if state.code else {}
    return {"status": state.status, "finished": state.is_finished, **went_wrong}


def card_document(payment: Payment) -> dict[str, Any] | None:
    """Return the card with every key, null when unknown; None before anything of it is known."""
    card = {
        **card_facts_document(payment),
        "billing_address": payment.billing_address,
        "wallet_type": payment.wallet_type or None,
    }
    return card if any(value is not None for value in card.values()) else None


def card_facts_document(holder: Payment | Agreement) -> dict[str, Any]:
    """Return what is kept of a card, with every key; null when unknown."""
    return {
        "last_digits_card_number": holder.last_digits or None,
        "first_digits_card_number": holder.first_digits or None,
        "cardholder_name": holder.cardholder_name or None,
        "expiry_date": holder.expiry_date or None,
        "billing_address": None,
        "card_brand": holder.card_brand or None,
        "card_type": holder.card_type or None,
        "wallet_type": None,
    }


def refund_summary(payment: Payment) -> dict[str, Any]:
    """Return what can be given back: available only once the capture is done."""
    return {
        "status": refund_status(payment),
        "amount_available": payment.refundable_amount,
        "amount_submitted": payment.refunded_amount,
    }


def authorisation_summary(payment: Payment) -> dict[str, Any] | None:
    """Return whether the citizen's bank wanted proof (3-D Secure); None while nobody knows."""
    if payment.is_challenged is None:
        return None
    return {"three_d_secure": {"required": payment.is_challenged}}


def settlement_summary(payment: Payment) -> dict[str, str]:
    """Return when the money was taken, as far as it was."""
    summary = {}
    if payment.capture_submitted_at:
        summary["capture_submit_time"] = timestamp(payment.capture_submitted_at)
    if payment.captured_at:
        summary["captured_date"] = payment.captured_at.astimezone(UTC).date().isoformat()
    if payment.settled_on:
        summary["settled_date"] = payment.settled_on.isoformat()
    return summary


def event_document(event: PaymentEvent) -> dict[str, Any]:
    """Return one step of a payment's life."""
    return {
        "payment_id": event.payment_id,
        "state": state_document(event.state),
        "updated": timestamp(event.occurred_at),
        "_links": {"payment_url": link(absolute("payments-api-payment", event.payment_id))},
    }


def timestamp(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds, as ``2026-11-21T19:04:05.123Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def search_links(payment: Payment) -> dict[str, Any]:
    """Return the links that every payment has, in a search too: none of them leads to the citizen's pages."""
    # Every address of a payment is below its own; to look each of them up would take longer than all else of it.
    own = absolute("payments-api-payment", payment.pk)
    links = {"self": link(own), "events": link(f"{own}/events"), "refunds": link(f"{own}/refunds")}
    if not payment.state.is_finished and payment.authorisation_mode != Payment.Mode.AGREEMENT:
        links["cancel"] = _post(f"{own}/cancel")
    if payment.status == CAPTURABLE:
        links["capture"] = _post(f"{own}/capture")
    return links


def needs_token(payment: Payment) -> bool:
    """Tell whether the payment still needs the citizen, or a card from the service, and so a fresh way in."""
    modes = {Payment.Mode.WEB: NEEDS_CITIZEN, Payment.Mode.MOTO_API: NEEDS_CARD}
    return payment.status in modes.get(Payment.Mode(payment.authorisation_mode), ())


def _citizen_links(token: str) -> dict[str, Any]:
    if not token:
        return {}
    return {
        "next_url": link(absolute("payments-secure", token)),
        "next_url_post": {
            **_post(absolute("payments-secure-post")),
            "type": "application/x-www-form-urlencoded",
            "params": {"chargeTokenId": token},
        },
    }


def _card_links(token: str) -> dict[str, Any]:
    if not token:
        return {}
    href = absolute("payments-api-authorise")
    post = {**_post(href), "type": "application/json", "params": {"one_time_token": token}}
    return {"auth_url_post": post}


def link(href: str) -> dict[str, Any]:
    """Return a link to be followed with GET."""
    return {"href": href, "method": "GET"}


def _post(href: str) -> dict[str, Any]:
    return {"href": href, "method": "POST"}
