"""The personal data of payers."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gaap.privacy.declarations import DataProtection, Personal, Purge, Reason
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.privacy.retention_periods import Retention
from gaap_payments.models import Payment
from gaap_payments.services.retention import (
    PAYERS,
    PROVIDER_EVENTS,
    agreements_of,
    finished,
    forget,
    forget_agreements,
    forget_cancelled,
    forget_ended_mandates,
    forget_mandates,
    forget_payers,
    mandates_of,
    payments_of,
    purge_provider_events,
)

_CARD = Personal("Lets the payer and the service recognise the card", Reason.PUBLIC_TASK, PAYERS)
_RECEIVED = Personal("Shows what a provider told us, should it be disputed", Reason.LEGAL_DUTY, PROVIDER_EVENTS)
_EVIDENCE = Personal("Answers the payer's bank, and is removed once the bank has it", Reason.PUBLIC_TASK, PAYERS)
_SERVICES_OWN = Personal("Links the payment with the service's own case", Reason.PUBLIC_TASK, PAYERS)

EXPORTED = (
    *("amount", "currency", "status", "reference", "description", "metadata", "created_at", "captured_at"),
    *("email", "cardholder_name", "billing_address", "card_brand", "first_digits", "last_digits", "expiry_date"),
)
AGREEMENT = (
    *("reference", "description", "user_identifier", "status", "created_at", "cancelled_at"),
    *("cardholder_name", "card_brand", "first_digits", "last_digits", "expiry_date"),
)

#: What a subject access export shows of a mandate.
MANDATE = (
    "reference",
    "description",
    "payer_name",
    "payer_email",
    "account_ending",
    "bank_statement_reference",
    "status",
    "created_at",
)


class PaymentsDataProtection(DataProtection):
    """What Payments keeps."""

    personal: ClassVar[Mapping[str, Personal]] = {
        "gaap_payments.Payment.email": Personal("Finds a payer's payments, sends receipts", Reason.PUBLIC_TASK, PAYERS),
        "gaap_payments.Payment.cardholder_name": Personal("Finds a payer's payments", Reason.PUBLIC_TASK, PAYERS),
        "gaap_payments.Payment.billing_address": Personal(
            "Lets the provider check that the card is the payer's", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Payment.metadata": _SERVICES_OWN,
        "gaap_payments.Payment.reference": Personal(
            "Links the payment with the service's own case", Reason.LEGAL_DUTY, "as long as the accounts"
        ),
        "gaap_payments.Payment.return_url": _SERVICES_OWN,
        "gaap_payments.Payment.first_digits": _CARD,
        "gaap_payments.Payment.last_digits": _CARD,
        "gaap_payments.Payment.expiry_date": _CARD,
        "gaap_payments.Payment.challenge": Personal(
            "Leads the payer to their bank and is removed when they come back", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Payment.notification": Personal(
            "What was told of a payment made by telephone elsewhere", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Payment.instrument_id": Personal(
            "Lets the provider ask the kept card again", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.DisputeEvidence.explanation": _EVIDENCE,
        "gaap_payments.DisputeEvidence.file_name": _EVIDENCE,
        "gaap_payments.DisputeEvidence.file_content": _EVIDENCE,
        "gaap_payments.Agreement.reference": _SERVICES_OWN,
        "gaap_payments.Agreement.user_identifier": Personal(
            "Links the agreement with the service's own account of the payer", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Agreement.instrument_id": Personal(
            "Lets the provider ask the kept card again", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Agreement.cardholder_name": _CARD,
        "gaap_payments.Agreement.first_digits": _CARD,
        "gaap_payments.Agreement.last_digits": _CARD,
        "gaap_payments.Agreement.expiry_date": _CARD,
        "gaap_payments.Mandate.reference": _SERVICES_OWN,
        "gaap_payments.Mandate.return_url": _SERVICES_OWN,
        "gaap_payments.Mandate.payer_name": Personal("Finds a payer's mandates", Reason.PUBLIC_TASK, PAYERS),
        "gaap_payments.Mandate.payer_email": Personal(
            "Tells the payer before money is taken", Reason.LEGAL_DUTY, PAYERS
        ),
        "gaap_payments.Mandate.bank_account": Personal(
            "Goes to the provider and is removed as soon as it is there", Reason.PUBLIC_TASK, PAYERS
        ),
        "gaap_payments.Mandate.account_ending": _CARD,
        "gaap_payments.DirectDebit.reference": Personal(
            "Links the payment with the service's own case", Reason.LEGAL_DUTY, "as long as the accounts"
        ),
        "gaap_payments.ReceivedProviderEvent.headers": _RECEIVED,
        "gaap_payments.ReceivedProviderEvent.body": _RECEIVED,
        "gaap_payments.SandboxCharge.card": Personal("Plays a provider's own books", Reason.PUBLIC_TASK, PAYERS),
    }
    impersonal: ClassVar[Mapping[str, str]] = {
        "gaap_payments.PaymentSettings": "receipt_paragraph help_text ledger_code_key ledger_codes",
        "gaap_payments.PaymentBrand": "name primary_colour accent_colour logo logo_digest logo_alt",
        "gaap_payments.Receipt": "failure",
        "gaap_payments.Mandate": "id status description language created_by session_id provider_page provider_id "
        "bank_statement_reference",
        "gaap_payments.DirectDebit": "id status description currency created_by provider_id failure",
        "gaap_payments.MandateToken": "digest",
        "gaap_payments.PaymentLink": "slug name details currency reference_label reference_hint reference_format "
        "language return_url",
        "gaap_payments.SandboxMandate": "mandate_id session_key account_number",
        "gaap_payments.SandboxCollection": "payment_id",
        "gaap_payments.GatewayAccount": "provider currency credentials card_types",
        "gaap_payments.Payment": "id status currency description language created_by session_id provider_id card_brand "
        "wallet_type agreement_payment_type settled_on",
        "gaap_payments.PaymentCount": "day status card_brand settled_on",
        "gaap_payments.Refund": "id status created_by provider_id failure settled_on",
        "gaap_payments.RefundRequest": "status",
        "gaap_payments.Dispute": "id status provider_id reason settled_on",
        "gaap_payments.DisputeEvidence": "status file_type created_by failure",
        "gaap_payments.Agreement": "id status description created_by cancelled_by card_brand card_type",
        "gaap_payments.LedgerEntry": "source_id",
        "gaap_payments.LedgerLine": "currency",
        "gaap_payments.Payout": "provider_id status currency paid_on",
        "gaap_payments.PayoutItem": "kind provider_id",
        "gaap_payments.Difference": "kind source_id ours theirs",
        "gaap_payments.PaymentEvent": "status actor",
        "gaap_payments.PaymentToken": "digest",
        "gaap_payments.ProviderOperation": "failure",
        "gaap_payments.ReceivedProviderEvent": "event_id payment_id failure",
        "gaap_payments.SandboxCharge": "payment_id session_key authorisation_key currency description "
        "authentication_url after_challenge bank_answer",
        "gaap_payments.SandboxRefund": "idempotency_key",
        "gaap_payments.SandboxEvent": "type",
        "gaap_payments.SandboxDispute": "reason",
        "gaap_payments.SandboxPayout": "currency",
        "gaap_payments.SandboxMovement": "kind source_id",
        "gaap_payments.TelephonePermission": "created_by",
    }

    def retentions(self) -> Iterable[Retention]:
        """Return what a service may choose of Payments', and what nobody may."""
        return PAYERS, PROVIDER_EVENTS

    def purges(self) -> Iterable[Purge]:
        """Forget payers and what providers told us."""
        return (
            Purge("payers", forget_payers),
            Purge("agreements", forget_agreements),
            Purge("mandates", forget_mandates),
            Purge("provider events", purge_provider_events),
        )

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return the person's payments, which are known by the payer's email address."""
        for payment in payments_of(subject.emails):
            yield SubjectRecord("payment", payment, EXPORTED, service=str(payment.service))
        for agreement in agreements_of(subject.emails).select_related("service"):
            yield SubjectRecord("agreement", agreement, AGREEMENT, service=str(agreement.service))
        for mandate in mandates_of(subject.emails).select_related("service"):
            yield SubjectRecord("mandate", mandate, MANDATE, service=str(mandate.service))

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Take the payer out of finished payments and cancelled agreements.

        Amount, dates, reference and state of payments stay for the accounts.
        """
        agreements = agreements_of(subject.emails)
        forgotten = forget_cancelled(agreements)
        yield Erasure("agreement", erased=forgotten, kept=agreements.count())
        mandates = mandates_of(subject.emails)
        ended = forget_ended_mandates(mandates)
        yield Erasure("mandate", erased=ended, kept=mandates_of(subject.emails).count())
        keys = list(finished(payments_of(subject.emails)).values_list("pk", flat=True))
        unfinished = payments_of(subject.emails).exclude(pk__in=keys).count()
        erased = forget(Payment.objects.filter(pk__in=keys))
        yield Erasure("payment", erased=erased, kept=unfinished, subjects=[f"payment/{key}" for key in keys])
