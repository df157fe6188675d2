"""Many at once on PostgreSQL: one refund for one figure, a capture or a cancellation, and books that balance."""

from collections import Counter

import pytest
from django.test import Client

from gaap.keys.services import IssuedKey
from gaap_payments import states
from gaap_payments.models import GatewayAccount, LedgerEntry, Payment, Refund, SandboxRefund
from gaap_payments.services.ledger import balances
from gaap_payments.services.refunds import advance_refund
from gaap_payments.services.work import advance_payment
from tests.payments.support import Citizen, create, work
from tests.platform.parallel import in_parallel

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def payment_id(api: Client, account: GatewayAccount) -> str:
    """A captured payment of £20.00."""
    created = create(api)
    Citizen(created).pay()
    work()
    return str(created["payment_id"])


def client_of(key: IssuedKey) -> Client:
    return Client(headers={"Authorization": f"Bearer {key.text}"})


def test_twenty_refunds_with_one_figure_make_one(test_key: IssuedKey, account: GatewayAccount, payment_id: str) -> None:
    def ask() -> int:
        body = {"amount": 100, "refund_amount_available": 2000}
        address = f"/v1/payments/{payment_id}/refunds"
        return client_of(test_key).post(address, body, content_type="application/json").status_code

    answers = Counter(in_parallel([ask] * 20))
    # More than fifteen calls in one second are refused before anything is looked at.
    assert answers[202] == 1
    assert answers[412] + answers[429] == 19
    work()
    assert Refund.objects.get().status == states.REFUND_SUCCESS
    assert Payment.objects.get().refunded_amount == 100
    assert balances(account)[("provider", "GBP")] == 1900


def test_twenty_refunds_without_a_figure_never_exceed_the_payment(
    test_key: IssuedKey, account: GatewayAccount, payment_id: str
) -> None:
    from gaap.testing.plugin import TESTER
    from gaap_payments.errors import RefundUnavailableError
    from gaap_payments.services.refunds import create_refund

    def ask() -> bool:
        payment = Payment.objects.select_related("gateway_account").get(pk=payment_id)
        try:
            create_refund(payment, amount=300, by=TESTER)
        except RefundUnavailableError:
            return False
        return True

    assert sum(in_parallel([ask] * 20)) == 6
    work()
    assert sum(SandboxRefund.objects.values_list("amount", flat=True)) == 1800
    assert balances(account)[("provider", "GBP")] == 200


def test_one_refund_worked_on_by_twenty_is_made_once(api: Client, account: GatewayAccount, payment_id: str) -> None:
    body = {"amount": 100}
    made = api.post(f"/v1/payments/{payment_id}/refunds", body, content_type="application/json").json()
    worked = in_parallel([lambda: advance_refund(made["refund_id"])] * 20)
    assert sum(worked) == 1
    assert SandboxRefund.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="refund").count() == 1


def test_capture_against_cancel_has_one_winner(test_key: IssuedKey, api: Client, account: GatewayAccount) -> None:
    created = create(api, delayed_capture=True)
    Citizen(created).pay()
    root = f"/v1/payments/{created['payment_id']}"

    def call(act: str) -> int:
        return client_of(test_key).post(f"{root}/{act}").status_code

    acts = ["capture", "cancel"] * 5
    answers = list(zip(acts, in_parallel([lambda act=act: call(act) for act in acts]), strict=True))  # type: ignore[misc]
    statuses = {act: {status for name, status in answers if name == act} for act in ("capture", "cancel")}
    work()
    status = Payment.objects.get().status
    if status == states.CAPTURED:
        assert statuses == {"capture": {204}, "cancel": {400}}
    else:
        assert status == states.CANCELLED_BY_SERVICE
        assert statuses["capture"] == {409}
        assert 204 in statuses["cancel"]


def test_twenty_workers_capture_and_book_once(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    Citizen(created).pay()
    in_parallel([lambda: advance_payment(created["payment_id"])] * 20)
    work()
    assert LedgerEntry.objects.filter(kind="capture").count() == 1
    assert balances(account)[("provider", "GBP")] == 2000


def test_twenty_approvals_make_one_refund(account: GatewayAccount, payment_id: str) -> None:
    from django.contrib.auth.models import User

    from gaap.testing.plugin import TESTER
    from gaap_payments.errors import PaymentsError, RefundRequestClosedError
    from gaap_payments.models import RefundRequest
    from gaap_payments.services.accounts import save_settings
    from gaap_payments.services.refund_requests import agree_to_refund, refund_by_person, reject_refund

    save_settings(account.service, by=TESTER, refund_limit=0)
    people = [User.objects.create_user(f"person-{number}@transport.example") for number in range(21)]
    refund_by_person(Payment.objects.get(pk=payment_id), amount=100, amount_available=2000, user=people[20])

    def decide(user: User) -> str:
        request = RefundRequest.objects.select_related("payment__gateway_account").get()
        try:
            if user.pk % 4 == 0:
                reject_refund(request, user=user)
            else:
                agree_to_refund(request, user=user)
        except RefundRequestClosedError:
            return "closed"
        except PaymentsError:
            return "refused"
        return "decided"

    answers = Counter(in_parallel([lambda user=user: decide(user) for user in people[:20]]))  # type: ignore[misc]
    assert answers == {"decided": 1, "closed": 19}
    decided = RefundRequest.objects.get()
    assert Refund.objects.count() == (1 if decided.status == states.AGREED else 0)
    assert Payment.objects.get().refunded_amount == 100 * Refund.objects.count()


def test_twenty_requests_from_people_leave_one(account: GatewayAccount, payment_id: str) -> None:
    from django.contrib.auth.models import User

    from gaap.testing.plugin import TESTER
    from gaap_payments.errors import RefundAvailableMismatchError
    from gaap_payments.models import RefundRequest
    from gaap_payments.services.accounts import save_settings
    from gaap_payments.services.refund_requests import refund_by_person

    save_settings(account.service, by=TESTER, refund_limit=150)
    user = User.objects.create_user("caseworker@transport.example")

    def ask(amount: int) -> str:
        payment = Payment.objects.get(pk=payment_id)
        try:
            refund_by_person(payment, amount=amount, amount_available=2000, user=user)
        except RefundAvailableMismatchError:
            return "refused"
        return "made"

    answers = Counter(in_parallel([lambda amount=amount: ask(amount) for amount in (100, 200) * 10]))  # type: ignore[misc]
    assert answers["made"] in (1, 2)  # a request reserves nothing, so a small refund may still pass it
    assert (Refund.objects.count(), RefundRequest.objects.count()) in ((1, 0), (1, 1))
