"""An agreement as the API shows it (contract A.9)."""

from typing import Any

from gaap_payments.api.v1.representation import card_facts_document, timestamp
from gaap_payments.models import Agreement


def agreement_document(agreement: Agreement) -> dict[str, Any]:
    """Return the agreement; what it does not have is left out."""
    facts = {
        "agreement_id": agreement.pk,
        "reference": agreement.reference,
        "description": agreement.description,
        "status": agreement.status,
        "created_date": timestamp(agreement.created_at),
        "user_identifier": agreement.user_identifier,
        "payment_instrument": _instrument(agreement),
        "cancelled_date": timestamp(agreement.cancelled_at) if agreement.cancelled_at else None,
    }
    return {name: value for name, value in facts.items() if value}


def _instrument(agreement: Agreement) -> dict[str, Any] | None:
    if agreement.instrument_created_at is None:
        return None
    return {
        "type": "card",
        "created_date": timestamp(agreement.instrument_created_at),
        "card_details": card_facts_document(agreement),
    }
