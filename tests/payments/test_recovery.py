"""What happens when time runs out, a provider does not answer, or a process dies between two steps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client

from gaap.providers.errors import ProviderError
from gaap.testing.plugin import TESTER
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, ProviderOperation, SandboxCharge, SandboxEvent
from gaap_payments.providers.base import ChargeStatus
from gaap_payments.providers.sandbox import SandboxProvider
from gaap_payments.services import authorisations, captures
from gaap_payments.services.accounts import save_settings
from gaap_payments.services.work import advance_payment
from gaap_payments.tasks import sweep_payments
from tests.payments.support import Citizen, create, get, stored, work
from tests.payments.test_card_api import send

pytestmark = pytest.mark.django_db

MoveClock = Callable[[timedelta], None]
A_MINUTE = timedelta(seconds=61)


@pytest.fixture
def citizen(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen before the card page."""
    one = Citizen(create(api))
    one.enter()
    return one


class Failing:
    """Stands before a method of the sandbox: fails so many times, before or after the sandbox did its part."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, method: str, *, times: int, permanent: bool = False, after: bool = False
    ) -> None:
        self.left = times
        real = getattr(SandboxProvider, method)

        def fail(provider: SandboxProvider, *args: Any, **kwargs: Any) -> ChargeStatus:
            answer: ChargeStatus | None = real(provider, *args, **kwargs) if after or not self.left else None
            if self.left:
                self.left -= 1
                raise ProviderError("No answer.", permanent=permanent)
            assert answer is not None
            return answer

        monkeypatch.setattr(SandboxProvider, method, fail)


def test_payment_expires_after_ninety_minutes(api: Client, account: GatewayAccount, move_clock: MoveClock) -> None:
    created = create(api)
    move_clock(timedelta(minutes=89))
    work()
    assert stored(created).status == states.CREATED
    move_clock(timedelta(minutes=90, seconds=1))
    work()
    assert get(api, created["payment_id"])["state"] == {
        "status": "failed",
        "finished": True,
        "code": "P0020",
        "message": "Payment expired",
    }


def test_expiry_releases_the_authorisation(citizen: Citizen, move_clock: MoveClock) -> None:
    citizen.send_card()
    move_clock(timedelta(minutes=91))
    work()
    assert Payment.objects.get().status == states.EXPIRED
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED
    assert "Your time to pay has run out" in citizen.get("confirm").content.decode()


def test_payment_that_was_just_touched_is_left_alone(
    api: Client, account: GatewayAccount, move_clock: MoveClock
) -> None:
    created = create(api)
    citizen = Citizen(created)
    move_clock(timedelta(minutes=88))
    citizen.enter()
    move_clock(timedelta(minutes=92))
    work()
    assert stored(created).status == states.STARTED
    move_clock(timedelta(minutes=93, seconds=1))
    work()
    assert stored(created).status == states.EXPIRED


def test_delayed_capture_expires_after_five_days(api: Client, account: GatewayAccount, move_clock: MoveClock) -> None:
    created = create(api, delayed_capture=True)
    Citizen(created).pay()
    move_clock(timedelta(days=4, hours=23))
    work()
    assert stored(created).status == states.CAPTURABLE
    move_clock(timedelta(days=5, seconds=1))
    work()
    assert get(api, created["payment_id"])["state"]["code"] == "P0020"
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED


def test_lost_answer_to_an_authorisation_is_found_again(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock
) -> None:
    Failing(monkeypatch, "authorise", times=1, after=True)
    assert citizen.send_card()["Location"] == citizen.path("auth_waiting")
    assert citizen.get("auth_waiting").status_code == 200
    work()
    assert Payment.objects.get().status == states.AUTHORISATION_READY
    move_clock(A_MINUTE)
    work()
    payment = Payment.objects.get()
    assert (payment.status, payment.last_digits, payment.card_brand) == (states.SUBMITTED, "4242", "Visa")
    assert citizen.get("auth_waiting")["Location"] == citizen.path("confirm")


def test_process_that_dies_before_it_confirms_leaves_the_authorisation_to_be_found_again(
    api: Client, account: GatewayAccount, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock
) -> None:
    save_settings(account.service, by=TESTER, allows_card_api=True)
    created = create(api, authorisation_mode="moto_api", return_url=None)
    with monkeypatch.context() as dying:
        dying.setattr(authorisations, "confirm_payment", Mock(side_effect=SystemExit))
        with pytest.raises(SystemExit):
            send(Client(), created)
    assert stored(created).status == states.AUTHORISATION_READY
    move_clock(A_MINUTE)
    work()
    assert stored(created).status == states.CAPTURED


def test_authorisation_that_never_arrived_cannot_arrive_later(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock
) -> None:
    Failing(monkeypatch, "authorise", times=1)
    citizen.send_card()
    move_clock(A_MINUTE)
    work()
    assert Payment.objects.get().status == states.AUTHORISATION_ERROR
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED


def test_refusal_for_good_ends_the_payment(citizen: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    Failing(monkeypatch, "authorise", times=1, permanent=True)
    assert citizen.send_card()["Location"] == citizen.path()
    assert Payment.objects.get().status == states.AUTHORISATION_ERROR
    operation = ProviderOperation.objects.get(kind="authorise")
    assert (operation.outcome, operation.failure) == ("refused", "No answer.")


def test_session_that_cannot_be_opened_now_can_be_opened_later(
    api: Client, account: GatewayAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(monkeypatch, "create_session", times=1)
    citizen = Citizen(create(api))
    page = citizen.enter()
    assert page.status_code == 503
    assert "You cannot pay at the moment" in page.content.decode()
    assert Payment.objects.get().status == states.CREATED
    assert citizen.get().status_code == 200
    assert Payment.objects.get().status == states.STARTED


def test_session_refused_for_good(api: Client, account: GatewayAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    Failing(monkeypatch, "create_session", times=1, permanent=True)
    page = Citizen(create(api)).enter()
    assert "The payment did not work" in page.content.decode()
    assert Payment.objects.get().state.code == "P0050"


@pytest.mark.parametrize("after", [False, True])
def test_failed_capture_is_tried_again_after_an_hour_and_taken_once(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock, after: bool
) -> None:
    Failing(monkeypatch, "capture", times=1, after=after)
    citizen.send_card()
    citizen.post("confirm")
    sweep_payments()
    assert Payment.objects.get().status == states.CAPTURE_APPROVED
    move_clock(timedelta(minutes=59))
    sweep_payments()
    assert Payment.objects.get().status == states.CAPTURE_APPROVED
    move_clock(timedelta(minutes=61))
    work()
    assert Payment.objects.get().status == states.CAPTURED
    assert SandboxEvent.objects.filter(type="charge.captured").count() == 1
    assert ProviderOperation.objects.get(kind="capture").tries == 2


def test_worker_killed_before_and_after_the_capture(
    api: Client, citizen: Citizen, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock
) -> None:
    """A killed worker raises nothing that we could catch: the payment stays locked until its time is over."""
    citizen.send_card()
    citizen.post("confirm")
    real = SandboxProvider.capture
    for elapsed, asks_first in ((0, False), (2, True)):
        move_clock(timedelta(minutes=elapsed))

        def die(provider: SandboxProvider, *args: Any, asks: bool = asks_first, **kwargs: Any) -> ChargeStatus:
            if asks:
                real(provider, *args, **kwargs)
            raise KeyboardInterrupt

        monkeypatch.setattr(SandboxProvider, "capture", die)
        with pytest.raises(KeyboardInterrupt):
            work()
        assert Payment.objects.get().status == states.CAPTURE_READY
        monkeypatch.setattr(SandboxProvider, "capture", real)
    move_clock(timedelta(minutes=4))
    work()
    assert Payment.objects.get().status == states.CAPTURED
    assert SandboxEvent.objects.filter(type="charge.captured").count() == 1


def test_capture_is_given_up_after_the_last_try(api: Client, citizen: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "MAXIMUM_TRIES", 1)
    Failing(monkeypatch, "capture", times=1)
    citizen.send_card()
    citizen.post("confirm")
    assert get(api, citizen.payment_id)["state"]["status"] == "success"
    work()
    assert get(api, citizen.payment_id)["state"]["code"] == "P0050"
    events = api.get(f"/v1/payments/{citizen.payment_id}/events").json()["events"]
    assert [event["state"]["status"] for event in events][-2:] == ["success", "error"]


def test_lost_event_is_made_up_for_by_asking(citizen: Citizen, move_clock: MoveClock) -> None:
    citizen.send_card()
    citizen.post("confirm")
    sweep_payments()
    SandboxEvent.objects.all().delete()
    assert Payment.objects.get().status == states.CAPTURE_SUBMITTED
    move_clock(timedelta(minutes=11))
    sweep_payments()
    assert Payment.objects.get().status == states.CAPTURED


def test_release_is_tried_again(citizen: Citizen, monkeypatch: pytest.MonkeyPatch, move_clock: MoveClock) -> None:
    Failing(monkeypatch, "cancel", times=1)
    citizen.send_card()
    citizen.post("cancel")
    work()
    payment = Payment.objects.get()
    assert (payment.status, payment.state.code) == (states.USER_CANCEL_READY, "P0030")
    move_clock(A_MINUTE)
    work()
    assert Payment.objects.get().status == states.CANCELLED_BY_USER
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED


def test_release_refused_for_good_is_kept_for_operators(citizen: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    Failing(monkeypatch, "cancel", times=1, permanent=True)
    citizen.post("cancel")
    work()
    assert Payment.objects.get().status == states.CANCELLED_BY_USER
    assert ProviderOperation.objects.get(kind="cancel").outcome == "refused"


def test_work_is_done_by_one_worker_only(citizen: Citizen) -> None:
    citizen.send_card()
    citizen.post("confirm")
    assert advance_payment(citizen.payment_id)
    assert not advance_payment(citizen.payment_id)
