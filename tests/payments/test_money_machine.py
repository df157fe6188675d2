"""Any order of things: payments, refunds, disputes, lost answers and killed workers, and books that always balance.

``GAAP_TEST_MONEY_STEPS=10000`` runs at least so many steps; the suite runs a few hundred.
"""

import os
import sys
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gaap import clock
from gaap.identifiers import new_base32_id
from gaap.organisations.models import Organisation
from gaap.organisations.services import create_service
from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments.cards import CardDetails, CardNumber, Secret
from gaap_payments.errors import PaymentsError
from gaap_payments.models import LedgerEntry, LedgerLine, Payment, Refund, SandboxCharge, SandboxMovement
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.providers.sandbox_money import open_dispute
from gaap_payments.services.accounts import save_account
from gaap_payments.services.authorisations import PayerDetails, authorise_payment
from gaap_payments.services.captures import confirm_payment, request_capture
from gaap_payments.services.ledger import balances
from gaap_payments.services.payments import (
    NewPayment,
    cancel_payment,
    cancel_payment_as_citizen,
    create_payment,
    start_payment,
)
from gaap_payments.services.reconciliation import reconcile_account
from gaap_payments.services.refunds import create_refund
from tests.payments.support import DECLINED_CARD, ERROR_CARD, GOOD_CARD, work

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

STEPS = int(os.environ.get("GAAP_TEST_MONEY_STEPS", "200"))
STEPS_PER_LIFE = 25
ASKED = ("create_session", "authorise", "capture", "cancel", "refund", "query", "query_refund", "disputes")
WORDS = ("", "", "CAPTURE_LATE", "CAPTURE_FAILS", "CAPTURE_DOWN", "REFUND_LATE", "REFUND_FAILS", "DISPUTE_LOST")
FOUR_DAYS = timedelta(days=4)


class KilledError(BaseException):
    """A worker is killed: nothing of ours may catch this."""


class Faults:
    """What goes wrong at the next call of a provider: nothing, silence, a lost answer, or a killed worker."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.next: str = ""
        for name in ASKED:
            patch.setattr(SandboxProvider, name, self._failing(getattr(SandboxProvider, name)))

    def _failing(self, real: Any) -> Any:
        def call(provider: SandboxProvider, *args: Any, **kwargs: Any) -> Any:
            fault, self.next = self.next, ""
            if fault == "silence":
                raise ProviderError("No answer.", permanent=False)
            answer = real(provider, *args, **kwargs)
            if fault == "lost":
                raise ProviderError("The answer was lost.", permanent=False)
            if fault == "killed":
                raise KilledError
            return answer

        return call


class MoneyMachine(RuleBasedStateMachine):
    """One service's payments, in whatever order things come."""

    faults: Faults
    patch: pytest.MonkeyPatch
    organisation: Organisation
    steps: ClassVar[int] = 0

    @initialize(takes_fees=st.booleans())
    def begin(self, takes_fees: bool) -> None:
        """A service with an account of its own."""
        self.passed = timedelta()
        self.patch.setattr(clock, "offset", lambda: self.passed)
        service = create_service(f"Money {new_base32_id()}", organisation=self.organisation, by=TESTER)
        self.account = save_account(
            service, provider="sandbox", is_live=False, by=TESTER, credentials={"takes_fees": takes_fees}
        )
        self.ids: list[str] = []
        self.has_begun = False

    @invariant()
    def every_step_is_counted(self) -> None:
        """Invariants are held after each step, and once when a life begins."""
        MoneyMachine.steps += self.has_begun
        self.has_begun = True

    def attempt(self, act: Any) -> None:
        """Do something that may be refused, may get no answer, and may be killed; nothing else may come of it."""
        try:
            act()
        except (PaymentsError, ProviderError, KilledError):
            pass
        finally:
            self.faults.next = ""

    def one(self, number: int) -> Payment | None:
        """Return one of the payments, as the database has it."""
        return Payment.objects.for_pages().get(pk=self.ids[number % len(self.ids)]) if self.ids else None

    @rule(word=st.sampled_from(WORDS), is_delayed=st.booleans(), amount=st.sampled_from([1, 30, 2000, 10_000_000]))
    def create(self, word: str, is_delayed: bool, amount: int) -> None:
        order = NewPayment(
            amount=amount,
            currency="GBP",
            reference="r",
            description=f"A payment {word}",
            return_url="https://service.example/",
            is_capture_delayed=is_delayed,
        )
        self.ids.append(create_payment(self.account, order=order, by=TESTER).pk)

    @rule(
        number=st.integers(0, 5),
        card=st.sampled_from([GOOD_CARD, GOOD_CARD, GOOD_CARD, DECLINED_CARD, ERROR_CARD]),
        fault=st.sampled_from(["", "", "silence", "lost", "killed"]),
    )
    def pay(self, number: int, card: str, fault: str) -> None:
        if (payment := self.one(number)) is None:
            return
        details = CardDetails(CardNumber(card), Secret("123"), 12, 2039, cardholder_name="A Person")
        self.attempt(lambda: start_payment(payment, by=TESTER))
        self.faults.next = fault
        self.attempt(lambda: authorise_payment(payment, card=details, payer=PayerDetails("A Person"), by=TESTER))

    @rule(number=st.integers(0, 5))
    def confirm(self, number: int) -> None:
        if payment := self.one(number):
            self.attempt(lambda: confirm_payment(payment, by=TESTER))

    @rule(number=st.integers(0, 5), act=st.sampled_from([request_capture, cancel_payment, cancel_payment_as_citizen]))
    def end(self, number: int, act: Any) -> None:
        if payment := self.one(number):
            self.attempt(lambda: act(payment, by=TESTER))

    @rule(number=st.integers(0, 5), amount=st.sampled_from([1, 15, 700, 2000]), guess=st.sampled_from([None, 0, 1]))
    def refund(self, number: int, amount: int, guess: int | None) -> None:
        if payment := self.one(number):
            figure = None if guess is None else payment.refundable_amount + guess
            self.attempt(lambda: create_refund(payment, amount=amount, amount_available=figure, by=TESTER))

    @rule(number=st.integers(0, 5), is_won=st.sampled_from([None, True, False]))
    def dispute(self, number: int, is_won: bool | None) -> None:
        if (payment := self.one(number)) is None:
            return
        charge = SandboxCharge.objects.filter(payment_id=payment.pk, status="captured").first()
        if charge is not None and not charge.disputes.exists() and charge.refunded_amount < charge.amount:
            open_dispute(charge, at=clock.now(), is_won=is_won)

    @rule(fault=st.sampled_from(["", "", "silence", "lost", "killed"]))
    def work(self, fault: str) -> None:
        self.faults.next = fault
        self.attempt(work)

    @rule(passed=st.sampled_from([timedelta(minutes=2), timedelta(hours=1, minutes=1), FOUR_DAYS]))
    def wait(self, passed: timedelta) -> None:
        self.passed += passed

    @rule(fault=st.sampled_from(["", "silence"]))
    def reconcile(self, fault: str) -> None:
        self.faults.next = fault
        self.attempt(lambda: reconcile_account(self.account))

    @invariant()
    def every_entry_sums_to_zero(self) -> None:
        sums = LedgerLine.objects.values("entry", "currency").annotate(total=Sum("amount"))
        assert not sums.exclude(total=0).exists()

    @invariant()
    def nothing_is_taken_twice_or_given_back_beyond_what_was_taken(self) -> None:
        for payment in Payment.objects.filter(pk__in=getattr(self, "ids", [])):
            going = Refund.objects.filter(payment=payment).exclude(status="error").aggregate(total=Sum("amount"))
            assert payment.refunded_amount == (going["total"] or 0) <= payment.total_amount
            assert SandboxMovement.objects.filter(charge__payment_id=payment.pk, kind="charge").count() <= 1
            assert LedgerEntry.objects.filter(payment=payment, kind="capture").count() <= 1

    def teardown(self) -> None:
        """When everything has had its time, nothing waits and both books say the same."""
        if not hasattr(self, "account"):
            return
        self.faults.next = ""
        for _ in range(8):
            self.passed += timedelta(hours=30)
            work()
        assert reconcile_account(self.account) == []
        movements = SandboxMovement.objects.filter(charge__account_id=self.account.pk, payout__isnull=True)
        unpaid = movements.aggregate(total=Sum(F("amount") - F("fee")))["total"] or 0
        assert balances(self.account).get(("provider", "GBP"), 0) == unpaid == 0


@pytest.fixture
def machine(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> type[MoneyMachine]:
    """The machine, with a provider that can fail."""
    MoneyMachine.faults = Faults(monkeypatch)
    MoneyMachine.patch = monkeypatch
    MoneyMachine.organisation = organisation
    MoneyMachine.steps = 0
    return MoneyMachine


def test_money_never_goes_astray(machine: type[MoneyMachine], capsys: pytest.CaptureFixture[str]) -> None:
    """So many steps in all, in lives of twenty-five at most."""
    while (left := STEPS - machine.steps) > 0:
        live(machine, lives=-(-left // STEPS_PER_LIFE))
    with capsys.disabled():
        sys.stdout.write(f"\n{machine.steps} steps in lives of {STEPS_PER_LIFE} at most\n")


def live(machine: type[MoneyMachine], *, lives: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=STEPS_PER_LIFE,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
