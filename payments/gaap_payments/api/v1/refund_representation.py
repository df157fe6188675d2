"""A refund as the API shows it (contract A.8, A.9)."""

from typing import Any

from gaap_payments.api.v1.base import absolute
from gaap_payments.api.v1.representation import link, timestamp
from gaap_payments.models import Payment, Refund


def refund_document(refund: Refund) -> dict[str, Any]:
    """Return the refund with its links."""
    return {
        "refund_id": refund.pk,
        "created_date": timestamp(refund.created_at),
        "amount": refund.amount,
        "currency": refund.payment.currency,
        "status": refund.public_status,
        "settlement_summary": {"settled_date": refund.settled_on.isoformat()} if refund.settled_on else {},
        "_links": {
            "self": link(absolute("payments-api-refund", refund.payment_id, refund.pk)),
            "payment": link(absolute("payments-api-payment", refund.payment_id)),
        },
    }


def found_refund_document(refund: Refund) -> dict[str, Any]:
    """Return the refund as a search shows it: with its payment's id."""
    return {**refund_document(refund), "payment_id": refund.payment_id}


def refund_list_document(payment: Payment) -> dict[str, Any]:
    """Return all refunds of a payment, oldest first."""
    refunds = payment.refunds.select_related("payment").order_by("created_at", "pk")
    return {
        "payment_id": payment.pk,
        "_links": {
            "self": link(absolute("payments-api-refunds", payment.pk)),
            "payment": link(absolute("payments-api-payment", payment.pk)),
        },
        "_embedded": {"refunds": [refund_document(refund) for refund in refunds]},
    }
