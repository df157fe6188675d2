"""Refunds by people: who may, how much, and the second person above the service's limit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.organisations.services import set_membership
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_payments.errors import OwnRefundRequestError, RefundAvailableMismatchError, RefundRequestClosedError
from gaap_payments.models import GatewayAccount, Payment, Refund, RefundRequest
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.refund_requests import agree_to_refund, refund_by_person, reject_refund
from tests.console.conftest import browser_of, colleague, person
from tests.payments.support import Citizen, create, stored, work

pytestmark = pytest.mark.django_db

Address = Callable[..., str]


@pytest.fixture
def address(service: Service) -> Address:
    """Return a function that makes the address of a page from its name."""
    return lambda name, *arguments: reverse(f"payments-console-{name}", args=[service.pk, *arguments])


@pytest.fixture
def payment(api: Client, account: GatewayAccount) -> Payment:
    """A captured payment of £20.00."""
    created = create(api)
    Citizen(created).pay()
    work()
    return stored(created)


@pytest.fixture
def asking(service: Service) -> User:
    """A caseworker of the team."""
    return colleague(service, "caseworker")


@pytest.fixture
def second(service: Service) -> User:
    """Another one."""
    user = person("second@transport.example")
    set_membership(user, service=service, role="caseworker", by=TESTER)
    return user


@pytest.fixture
def limited(service: Service) -> None:
    """More than £10.00 of one payment takes two people."""
    save_settings(service, by=TESTER, refund_limit=1000)


def ask(payment: Payment, user: User, amount: int = 1500, left: int = 2000) -> Any:
    return refund_by_person(payment, amount=amount, amount_available=left, user=user)


def test_caseworker_gives_money_back(address: Address, payment: Payment, asking: User) -> None:
    browser = browser_of(asking)
    page = address("refund", payment.pk)
    assert 'value="20.00"' in browser.get(page).content.decode()
    answer = browser.post(page, {"amount": "£5.00", "amount_available": "2000"})
    assert answer["Location"] == address("transaction", payment.pk)
    refund = Refund.objects.get()
    assert (refund.amount, refund.created_by) == (500, f"person:{asking.pk}")
    work()
    shown = browser.get(answer["Location"]).content.decode()
    assert "Refund success" in shown
    assert asking.email in shown
    assert "£15.00" in shown
    assert AuditEvent.objects.get(action="refund_created").actor_id == str(asking.pk)


def test_form_sent_twice_gives_money_back_once(address: Address, payment: Payment, asking: User) -> None:
    browser = browser_of(asking)
    answers = [
        browser.post(address("refund", payment.pk), {"amount": "5.00", "amount_available": "2000"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "gaap-summary-errors" in answers[1].content.decode()
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "0", "-1", "20.01", "1e3", "abc", "4242424242424242", "5,00", "0.001", "٥", "9" * 31]
)
def test_amounts_that_are_none(address: Address, payment: Payment, asking: User, typed: str) -> None:
    answer = browser_of(asking).post(address("refund", payment.pk), {"amount": typed, "amount_available": "2000"})
    assert answer.status_code == 200
    assert 'href="#id_amount"' in answer.content.decode()
    assert not Refund.objects.exists()


@pytest.mark.parametrize("left", ["", "x", "-1", "9" * 40])
def test_hidden_figure_is_checked(address: Address, payment: Payment, asking: User, left: str) -> None:
    answer = browser_of(asking).post(address("refund", payment.pk), {"amount": "1", "amount_available": left})
    assert answer.status_code == 200
    assert not Refund.objects.exists()


def test_payments_that_cannot_be_refunded(
    address: Address, api: Client, account: GatewayAccount, asking: User, payment: Payment
) -> None:
    browser = browser_of(asking)
    unpaid = create(api)["payment_id"]
    Payment.objects.filter(pk=payment.pk).update(is_disputed=True)
    for payment_id in (unpaid, payment.pk):
        page = address("refund", payment_id)
        assert "<button" not in browser.get(page).content.decode().split("<h1>")[1]
        assert browser.post(page, {"amount": "5", "amount_available": "2000"}).status_code == 200
        assert "Refund this payment" not in browser.get(address("transaction", payment_id)).content.decode()
    GatewayAccount.objects.update(is_enabled=False)
    Payment.objects.filter(pk=payment.pk).update(is_disputed=False)
    answer = browser.post(address("refund", payment.pk), {"amount": "5", "amount_available": "2000"})
    assert "switched off" in answer.content.decode()
    assert not Refund.objects.exists()


@pytest.mark.usefixtures("limited")
class TestSecondPerson:
    """Above the limit."""

    def test_a_colleague_approves(self, address: Address, payment: Payment, asking: User, second: User) -> None:
        answer = browser_of(asking).post(
            address("refund", payment.pk), {"amount": "15", "amount_available": "2000"}, follow=True
        )
        assert "has to approve" in answer.content.decode()
        assert "waits for a second person" in answer.content.decode()
        assert not Refund.objects.exists()
        request = RefundRequest.objects.get()
        assert (request.status, request.amount, request.requested_by) == ("waiting", 1500, asking)
        browser = browser_of(second)
        assert asking.email in browser.get(address("refund-requests")).content.decode()
        page = address("refund-request", request.pk)
        assert "£15.00" in browser.get(page).content.decode()
        assert browser.post(page, {"decision": "approve"})["Location"] == address("refund-requests")
        request.refresh_from_db()
        refund = Refund.objects.get()
        assert (request.status, request.decided_by, request.refund) == ("agreed", second, refund)
        assert refund.amount == 1500
        work()
        refund.refresh_from_db()
        assert refund.status == "success"
        names = OutboxEvent.objects.filter(name__startswith="refund_").order_by("sequence")
        assert list(names.values_list("name", flat=True))[:3] == ["refund_requested", "refund_agreed", "refund_created"]
        story = browser.get(address("transaction", payment.pk)).content.decode()
        assert story.index("Refund asked for") < story.index("Approved") < story.rindex("Refund success")
        audited = AuditEvent.objects.filter(action__in=("refund_requested", "refund_agreed")).order_by("pk")
        assert [event.actor_id for event in audited] == [str(asking.pk), str(second.pk)]

    def test_a_colleague_declines(self, address: Address, payment: Payment, asking: User, second: User) -> None:
        request = ask(payment, asking)
        browser = browser_of(second)
        browser.post(address("refund-request", request.pk), {"decision": "decline"})
        request.refresh_from_db()
        assert (request.status, request.decided_by) == ("rejected", second)
        assert not Refund.objects.exists()
        assert "Declined" in browser.get(address("refund-requests")).content.decode()
        again = browser.post(address("refund-request", request.pk), {"decision": "approve"})
        assert "decided on this refund already" in again.content.decode()
        assert not Refund.objects.exists()
        assert isinstance(ask(payment, asking), RefundRequest)  # it can be asked for again

    def test_nobody_approves_their_own(self, address: Address, payment: Payment, service: Service) -> None:
        owner = colleague(service, "admin")
        request = ask(payment, owner)
        browser = browser_of(owner)
        page = address("refund-request", request.pk)
        assert 'value="approve"' not in browser.get(page).content.decode()
        for decision in ("approve", "decline"):
            assert "A colleague has to decide" in browser.post(page, {"decision": decision}).content.decode()
        for decide in (agree_to_refund, reject_refund):
            with pytest.raises(OwnRefundRequestError):
                decide(request, user=owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundRequest.objects.filter(pk=request.pk).update(decided_by=owner)
        request.refresh_from_db()
        assert (request.status, Refund.objects.count()) == ("waiting", 0)

    def test_small_parts_do_not_pass_the_limit(self, payment: Payment, asking: User) -> None:
        assert isinstance(ask(payment, asking, 600), Refund)
        assert isinstance(ask(payment, asking, 400, 1400), Refund)
        assert isinstance(ask(payment, asking, 1, 1000), RefundRequest)

    def test_a_program_needs_no_second_person(self, api: Client, payment: Payment) -> None:
        body = {"amount": 1500, "refund_amount_available": 2000}
        answer = api.post(f"/v1/payments/{payment.pk}/refunds", body, content_type="application/json")
        assert answer.status_code == 202

    def test_one_request_waits_at_a_time(self, payment: Payment, asking: User, second: User) -> None:
        ask(payment, asking)
        with pytest.raises(RefundAvailableMismatchError):
            ask(payment, second)
        assert RefundRequest.objects.count() == 1

    def test_another_refund_meanwhile_refuses_the_approval(
        self, address: Address, payment: Payment, asking: User, second: User
    ) -> None:
        request = ask(payment, asking)
        ask(payment, second, 100)
        page = browser_of(second).post(address("refund-request", request.pk), {"decision": "approve"})
        assert "Look at the payment again" in page.content.decode()
        request.refresh_from_db()
        assert (request.status, Refund.objects.count()) == ("waiting", 1)
        reject_refund(request, user=second)
        with pytest.raises(RefundRequestClosedError):
            agree_to_refund(request, user=second)

    def test_a_decision_is_one_of_two(self, address: Address, payment: Payment, asking: User, second: User) -> None:
        request = ask(payment, asking)
        for decision in ("", "perhaps"):
            answer = browser_of(second).post(address("refund-request", request.pk), {"decision": decision})
            assert answer.status_code == 404

    def test_lists_cost_the_same_for_any_number(
        self, address: Address, payment: Payment, asking: User, second: User, django_assert_max_num_queries: Any
    ) -> None:
        """Session, person, membership; waiting, decided."""
        browser = browser_of(second)
        for _ in range(3):
            reject_refund(ask(payment, asking), user=second)
        with django_assert_max_num_queries(5):
            browser.get(address("refund-requests"))

    def test_other_teams_find_nothing(
        self, payment: Payment, asking: User, other_service: Service, address: Address
    ) -> None:
        request = ask(payment, asking)
        stranger = browser_of(colleague(other_service, "admin"))
        for name, key in (("refund", payment.pk), ("refund-request", request.pk)):
            theirs = reverse(f"payments-console-{name}", args=[other_service.pk, key])
            for path in (address(name, key), theirs):
                assert (
                    stranger.post(path, {"decision": "approve", "amount": "1", "amount_available": 2000}).status_code
                    == 404
                )
        assert not Refund.objects.exists()


def test_viewer_refunds_nothing(address: Address, payment: Payment, service: Service) -> None:
    browser = browser_of(colleague(service, "viewer"))
    assert browser.get(address("refund-requests")).status_code == 403
    answer = browser.post(address("refund", payment.pk), {"amount": "5", "amount_available": "2000"})
    assert (answer.status_code, Refund.objects.count()) == (403, 0)
