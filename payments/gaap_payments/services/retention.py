"""Forgetting who paid; what was paid, when and for what stays for the accounts."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from gaap.clock import now
from gaap.privacy.retention import overdue
from gaap.privacy.retention_periods import Retention
from gaap_payments.direct_debit_states import COLLECTABLE
from gaap_payments.models import Agreement, DisputeEvidence, Mandate, Payment, ReceivedProviderEvent, SandboxCharge
from gaap_payments.states import AGREEMENT, PUBLIC_STATES
from gaap_payments.states import CANCELLED as AGREEMENT_CANCELLED

#: Seven years, as the contract keeps payments (B.7).
PAYERS = Retention("payments.payers", days=2557, shortest=30, longest=3660)
PROVIDER_EVENTS = Retention("payments.provider_events", days=30, shortest=30, longest=30)

FINISHED = [status for status, public in PUBLIC_STATES.items() if public.is_finished]
EMPTY: dict[str, Any] = {
    "email": "",
    "cardholder_name": "",
    "billing_address": None,
    "metadata": {},
    "return_url": "",
    "first_digits": "",
    "last_digits": "",
    "expiry_date": "",
    "challenge": None,
    "notification": None,
    "instrument_id": "",
}
EMPTY_AGREEMENT = {
    "reference": "",
    "user_identifier": "",
    "instrument_id": "",
    "cardholder_name": "",
    "first_digits": "",
    "last_digits": "",
    "expiry_date": "",
}


EMPTY_EVIDENCE = {"explanation": "", "file_name": "", "file_content": ""}
EMPTY_MANDATE: dict[str, Any] = {
    "reference": "",
    "return_url": "",
    "payer_name": "",
    "payer_email": "",
    "bank_account": None,
    "account_ending": "",
}


def forget_payers(limit: int) -> int:
    """Take the payer out of at most ``limit`` finished payments whose time is over; return how many."""
    old = finished(Payment.objects.filter(overdue(PAYERS, since="created_at"))).order_by("created_at")
    return forget(Payment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])))


def finished(payments: "QuerySet[Payment]") -> "QuerySet[Payment]":
    """Return those to which nothing more will happen and whose payer is not forgotten."""
    return payments.filter(forgotten_at__isnull=True, due_at__isnull=True, status__in=FINISHED)


def forget(payments: "QuerySet[Payment]") -> int:
    """Take the payer out of finished payments, and out of what the sandbox keeps; return of how many."""
    keys = list(finished(payments).values_list("pk", flat=True))
    SandboxCharge.objects.filter(payment_id__in=keys).update(card={})
    DisputeEvidence.objects.filter(dispute__payment__in=keys).update(**EMPTY_EVIDENCE)
    return Payment.objects.filter(pk__in=keys).update(**EMPTY, forgotten_at=now())


def forget_agreements(limit: int) -> int:
    """Take the payer out of at most ``limit`` agreements that were cancelled, or never used, so long ago."""
    cancelled = overdue(PAYERS, since="cancelled_at") & Q(status=AGREEMENT_CANCELLED)
    unused = overdue(PAYERS, since="created_at") & Q(status=AGREEMENT.initial)
    old = Agreement.objects.filter(cancelled | unused, forgotten_at__isnull=True).order_by("created_at")
    return _empty_agreements(old.values_list("pk", flat=True)[:limit])


def forget_cancelled(agreements: "QuerySet[Agreement]") -> int:
    """Take the payer out of those agreements that are cancelled; return of how many."""
    cancelled = agreements.filter(status=AGREEMENT_CANCELLED, forgotten_at__isnull=True)
    return _empty_agreements(cancelled.values_list("pk", flat=True))


def _empty_agreements(keys: Iterable[str]) -> int:
    return Agreement.objects.filter(pk__in=list(keys)).update(**EMPTY_AGREEMENT, forgotten_at=now())


def forget_mandates(limit: int) -> int:
    """Take the payer out of at most ``limit`` mandates that ended, or were never agreed to, so long ago."""
    old = ended_mandates(Mandate.objects.filter(overdue(PAYERS, since="created_at"))).order_by("created_at")
    return forget_ended_mandates(Mandate.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])))


def ended_mandates(mandates: "QuerySet[Mandate]") -> "QuerySet[Mandate]":
    """Return those under which nothing can be collected and whose payer is not forgotten."""
    return mandates.filter(forgotten_at__isnull=True).exclude(status__in=COLLECTABLE)


def forget_ended_mandates(mandates: "QuerySet[Mandate]") -> int:
    """Take the payer out of mandates that ended; return of how many."""
    keys = list(ended_mandates(mandates).values_list("pk", flat=True))
    return Mandate.objects.filter(pk__in=keys).update(**EMPTY_MANDATE, forgotten_at=now())


def mandates_of(emails: Iterable[str]) -> "QuerySet[Mandate]":
    """Return the mandates of payers with one of these addresses."""
    found = Q(pk__in=[])
    for email in emails:
        found |= Q(payer_email__iexact=email)
    return Mandate.objects.filter(found, forgotten_at__isnull=True)


def purge_provider_events(limit: int) -> int:
    """Remove at most ``limit`` settled messages of payment providers whose time is over."""
    settled = ReceivedProviderEvent.objects.filter(due_at__isnull=True)
    old = settled.filter(received_at__lt=now() - PROVIDER_EVENTS.time).order_by("received_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    ReceivedProviderEvent.objects.filter(pk__in=keys).delete()
    return len(keys)


def payments_of(emails: Iterable[str]) -> "QuerySet[Payment]":
    """Return the payments of payers with one of these addresses."""
    found = Q(pk__in=[])
    for email in emails:
        found |= Q(email__iexact=email)
    return Payment.objects.filter(found).select_related("service")


def agreements_of(emails: Iterable[str]) -> "QuerySet[Agreement]":
    """Return the agreements under which payers with one of these addresses paid."""
    keys = payments_of(emails).exclude(agreement=None).values("agreement")
    return Agreement.objects.filter(pk__in=list(keys.values_list("agreement", flat=True)), forgotten_at__isnull=True)
