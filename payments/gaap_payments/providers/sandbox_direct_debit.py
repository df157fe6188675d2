"""The sandbox's Direct Debits. Days pass as at a real bank: move an embedded instance's clock to see them go by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from gaap.clock import now
from gaap.providers.errors import ProviderError
from gaap_payments.models.sandbox_direct_debit import SandboxCollection, SandboxMandate
from gaap_payments.providers.direct_debit import (
    BankAccount,
    BankDetailsError,
    BankFormProvider,
    CollectionOrder,
    CollectionOutcome,
    CollectionStatus,
    MandateOrder,
    MandateOutcome,
    MandateReference,
    MandateSession,
    MandateStatus,
)

T = TypeVar("T")

SORT_CODE = "108800"

_PENDING, _SUCCESS, _PAID = CollectionOutcome.PENDING, CollectionOutcome.SUCCESS, CollectionOutcome.PAID_OUT
_FAILED, _CLAIM = CollectionOutcome.FAILED, CollectionOutcome.INDEMNITY_CLAIM


@dataclass(frozen=True)
class SandboxAccount:
    """An account that the sandbox knows: what happens to a payment, and after how many days; and to the mandate."""

    number: str
    note: str
    payments: Mapping[int, CollectionOutcome]
    mandate: Mapping[int, MandateOutcome]


_ACTIVE = {0: MandateOutcome.PENDING, 1: MandateOutcome.ACTIVE}
_PAYS = {0: _PENDING, 3: _SUCCESS, 4: _PAID}

#: Every account number that the sandbox knows, with sort code 10-88-00. Any other one does not exist.
ACCOUNTS = {
    account.number: account
    for account in (
        SandboxAccount("00012345", "pays", _PAYS, _ACTIVE),
        SandboxAccount("22222227", "has too little money", {0: _PENDING, 3: _FAILED}, _ACTIVE),
        SandboxAccount("33333335", "pays, and then the bank says it was a mistake", {**_PAYS, 6: _FAILED}, _ACTIVE),
        SandboxAccount("55555559", "pays, and then the payer wants it back", {**_PAYS, 7: _CLAIM}, _ACTIVE),
        SandboxAccount("66666660", "pays, wants it back, and is refused", {**_PAYS, 7: _CLAIM, 14: _PAID}, _ACTIVE),
        SandboxAccount(
            "00033333", "refuses the mandate", {0: _FAILED}, {0: MandateOutcome.PENDING, 1: MandateOutcome.FAILED}
        ),
        SandboxAccount(
            "44444445",
            "the payer cancels the mandate",
            {0: CollectionOutcome.CANCELLED},
            {**_ACTIVE, 5: MandateOutcome.CANCELLED},
        ),
        SandboxAccount("77777773", "the mandate lapses", _PAYS, {**_ACTIVE, 5: MandateOutcome.INACTIVE}),
    )
}


class SandboxDirectDebit(BankFormProvider):
    """Mandates and payments of the sandbox."""

    def open_mandate(self, order: MandateOrder, *, idempotency_key: str) -> MandateSession:
        """Open a mandate in the books."""
        entry, _ = SandboxMandate.objects.get_or_create(
            account_id=self.account.id, session_key=idempotency_key, defaults={"mandate_id": order.mandate_id}
        )
        return MandateSession(str(entry.pk))

    def submit_mandate(self, mandate: MandateReference, account: BankAccount, *, idempotency_key: str) -> MandateStatus:
        """Note the account; one that is not in the table does not exist."""
        if account.sort_code != SORT_CODE or account.account_number not in ACCOUNTS:
            raise BankDetailsError("There is no such account.")
        entry = self._mandate(mandate)
        SandboxMandate.objects.filter(pk=entry.pk, account_number="").update(
            account_number=account.account_number, submitted_at=now()
        )
        return self.query_mandate(mandate)

    def query_mandate(self, mandate: MandateReference) -> MandateStatus:
        """Read the books as of today."""
        entry = SandboxMandate.objects.filter(account_id=self.account.id, mandate_id=mandate.mandate_id).first()
        if entry is None:
            return MandateStatus(MandateOutcome.UNKNOWN)
        if entry.submitted_at is None:
            return MandateStatus(MandateOutcome.OPEN)
        outcome = _as_of_today(ACCOUNTS[entry.account_number].mandate, age=now() - entry.submitted_at)
        return MandateStatus(
            outcome,
            provider_id=str(entry.pk),
            bank_statement_reference=f"SB{entry.pk.hex[:10].upper()}",
            account_ending=entry.account_number[-2:],
        )

    def collect(self, order: CollectionOrder, *, idempotency_key: str) -> CollectionStatus:
        """Note the payment."""
        mandate = self._mandate(order.mandate)
        SandboxCollection.objects.get_or_create(
            mandate=mandate, payment_id=order.payment_id, defaults={"amount": order.amount}
        )
        return self.query_collection(order, provider_id="")

    def query_collection(self, order: CollectionOrder, *, provider_id: str) -> CollectionStatus:
        """Read the books as of today."""
        entries = SandboxCollection.objects.filter(mandate__account_id=self.account.id, payment_id=order.payment_id)
        entry = entries.select_related("mandate").first()
        if entry is None:
            return CollectionStatus(CollectionOutcome.UNKNOWN)
        outcome = _as_of_today(ACCOUNTS[entry.mandate.account_number].payments, age=now() - entry.created_at)
        return CollectionStatus(outcome, provider_id=str(entry.pk))

    def _mandate(self, mandate: MandateReference) -> SandboxMandate:
        entry = SandboxMandate.objects.filter(account_id=self.account.id, mandate_id=mandate.mandate_id).first()
        if entry is None:
            raise ProviderError("No such mandate.", permanent=True)
        return entry


def _as_of_today(days: Mapping[int, T], *, age: timedelta) -> T:
    return days[max(day for day in days if timedelta(days=day) <= max(age, timedelta()))]
