"""Mandates and Direct Debits as the API shows them (contract D.2)."""

from typing import Any

from gaap_payments.api.v1.base import absolute
from gaap_payments.api.v1.representation import link, timestamp
from gaap_payments.direct_debit_states import CREATED, STARTED, SUBMITTING
from gaap_payments.models import DirectDebit, Mandate


def mandate_document(mandate: Mandate, *, token: str = "") -> dict[str, Any]:
    """Return the mandate; with a one-time ``token`` the links lead the payer to the pages."""
    payer = {"name": mandate.payer_name, "email": mandate.payer_email}
    facts = {
        "mandate_id": mandate.pk,
        "provider_id": mandate.provider_id,
        "reference": mandate.reference,
        "bank_statement_reference": mandate.bank_statement_reference,
        "return_url": mandate.return_url,
        "description": mandate.description,
        "created_date": timestamp(mandate.created_at),
        "payment_provider": mandate.gateway_account.provider,
        "payer": {name: value for name, value in payer.items() if value},
        "state": mandate.public_state,
    }
    shown = {name: value for name, value in facts.items() if value}
    return {**shown, "_links": _mandate_links(mandate, token)}


def direct_debit_document(payment: DirectDebit) -> dict[str, Any]:
    """Return the payment with its links."""
    facts = {
        "payment_id": payment.pk,
        "mandate_id": payment.mandate_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "reference": payment.reference,
        "description": payment.description,
        "created_date": timestamp(payment.created_at),
        "payment_provider": payment.mandate.gateway_account.provider,
        "provider_id": payment.provider_id,
        "state": payment.public_state,
        "_links": {
            "self": link(absolute("payments-api-direct-debit", payment.pk)),
            "mandate": link(absolute("payments-api-mandate", payment.mandate_id)),
        },
    }
    return {name: value for name, value in facts.items() if value != ""}


def needs_payer(mandate: Mandate) -> bool:
    """Tell whether the payer still has something to do, and so needs a way in."""
    return mandate.status in (CREATED, STARTED, SUBMITTING)


def _mandate_links(mandate: Mandate, token: str) -> dict[str, Any]:
    payments = f"{absolute('payments-api-direct-debits')}?mandate_id={mandate.pk}"
    links = {"self": link(absolute("payments-api-mandate", mandate.pk)), "payments": link(payments)}
    if not token:
        return links
    way_in = {"method": "POST", "type": "application/x-www-form-urlencoded", "params": {"chargeTokenId": token}}
    return {
        **links,
        "next_url": link(absolute("payments-mandate-enter", token)),
        "next_url_post": {"href": absolute("payments-mandate-enter-post"), **way_in},
    }
