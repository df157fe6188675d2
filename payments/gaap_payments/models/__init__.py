"""The nouns of payments."""

from gaap_payments.models.accounts import GatewayAccount, PaymentSettings
from gaap_payments.models.agreements import Agreement
from gaap_payments.models.brands import PaymentBrand
from gaap_payments.models.counts import PaymentCount
from gaap_payments.models.direct_debit import DirectDebit, Mandate, MandateToken
from gaap_payments.models.dispute_evidence import DisputeEvidence
from gaap_payments.models.disputes import Dispute
from gaap_payments.models.ledger import LedgerEntry, LedgerLine
from gaap_payments.models.links import PaymentLink
from gaap_payments.models.operations import ProviderOperation
from gaap_payments.models.payments import Payment, PaymentEvent, PaymentToken
from gaap_payments.models.payouts import Difference, Payout, PayoutItem
from gaap_payments.models.provider_events import ReceivedProviderEvent
from gaap_payments.models.receipts import Receipt
from gaap_payments.models.refunds import Refund, RefundRequest
from gaap_payments.models.sandbox import SandboxCharge, SandboxEvent, SandboxRefund
from gaap_payments.models.sandbox_direct_debit import SandboxCollection, SandboxMandate
from gaap_payments.models.sandbox_money import SandboxDispute, SandboxMovement, SandboxPayout
from gaap_payments.models.telephone import TelephonePermission
from gaap_payments.models.webhooks import PaymentWebhook

__all__ = [
    "Agreement",
    "Difference",
    "DirectDebit",
    "Dispute",
    "DisputeEvidence",
    "GatewayAccount",
    "LedgerEntry",
    "LedgerLine",
    "Mandate",
    "MandateToken",
    "Payment",
    "PaymentBrand",
    "PaymentCount",
    "PaymentEvent",
    "PaymentLink",
    "PaymentSettings",
    "PaymentToken",
    "PaymentWebhook",
    "Payout",
    "PayoutItem",
    "ProviderOperation",
    "Receipt",
    "ReceivedProviderEvent",
    "Refund",
    "RefundRequest",
    "SandboxCharge",
    "SandboxCollection",
    "SandboxDispute",
    "SandboxEvent",
    "SandboxMandate",
    "SandboxMovement",
    "SandboxPayout",
    "SandboxRefund",
    "TelephonePermission",
]
