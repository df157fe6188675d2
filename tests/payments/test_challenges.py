"""3-D Secure: out to the bank in a frame, back again, and whatever can go wrong on the way."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from gaap.clock import now
from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, PaymentEvent, ProviderOperation, SandboxCharge
from gaap_payments.services.work import reconcile_payment
from tests.payments.support import Citizen, create, get, work

pytestmark = pytest.mark.django_db

ASKS = "4000002500003155"
THEN_DECLINES = "4000008400001629"
THEN_FAILS = "4000008400001280"


@pytest.fixture
def challenged(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen whose bank wants to be sure."""
    return at_the_bank(api, ASKS)


def at_the_bank(api: Client, card: str) -> Citizen:
    one = Citizen(create(api))
    one.enter()
    sent = one.send_card(card_no=card)
    assert (sent.status_code, sent["Location"]) == (303, one.path("3ds_required"))
    return one


def answer_bank(citizen: Citizen, answer: str) -> Any:
    """Play the bank in a browser without cookies, and return its way back."""
    out = citizen.get("3ds_required_out")
    bank = urlsplit(out["Location"]).path
    assert Client().get(bank).status_code == 200
    back = Client().post(bank, {"answer": answer})
    assert back.status_code == 303
    return urlsplit(back["Location"])


def come_back(citizen: Citizen, answer: str) -> Any:
    back = answer_bank(citizen, answer)
    page = Client().get(f"{back.path}?{back.query}")
    assert page.status_code == 200
    assert f'name="session" value="{SandboxCharge.objects.get().pk}"' in page.content.decode()
    return citizen.post("3ds_handler", session=str(SandboxCharge.objects.get().pk))


@pytest.mark.parametrize(
    ("card", "answer", "status", "code"),
    [
        (ASKS, "approved", "submitted", None),
        (ASKS, "refused", "failed", "P0010"),
        (ASKS, "failed", "error", "P0050"),
        (THEN_DECLINES, "approved", "failed", "P0010"),
        (THEN_FAILS, "approved", "error", "P0050"),
    ],
)
def test_each_answer_of_the_bank(
    api: Client, account: GatewayAccount, card: str, answer: str, status: str, code: str | None
) -> None:
    citizen = at_the_bank(api, card)
    shown = get(api, citizen.payment_id)
    assert shown["state"] == {"status": "started", "finished": False}
    assert shown["authorisation_summary"] == {"three_d_secure": {"required": True}}
    assert come_back(citizen, answer).status_code == 303
    state = get(api, citizen.payment_id)["state"]
    assert (state["status"], state.get("code")) == (status, code)


def test_challenged_payment_is_paid(api: Client, challenged: Citizen) -> None:
    assert come_back(challenged, "approved")["Location"] == challenged.path("confirm")
    challenged.post("confirm")
    work()
    assert Payment.objects.get().status == states.CAPTURED
    assert Payment.objects.get().challenge is None


def test_frames_and_no_others_may_show_the_bank(challenged: Citizen) -> None:
    outer = challenged.get("3ds_required")
    assert 'class="iframe-3ds"' in outer.content.decode()
    assert "frame-src 'self' http://127.0.0.1:8000" in outer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in outer["Content-Security-Policy"]
    inner = challenged.get("3ds_required_out")
    bank = Client().get(urlsplit(inner["Location"]).path)
    home = Client().get(challenged.path("3ds_required_in"))
    for page in (inner, bank, home):
        assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "SAMEORIGIN"
        assert "no-store" in page["Cache-Control"]


def test_bank_that_wants_a_form_gets_one(challenged: Citizen) -> None:
    payment = Payment.objects.get()
    payment.challenge = {"url": "https://bank.example/acs", "method": "POST", "fields": {"creq": '"><script>'}}
    payment.save()
    page = challenged.get("3ds_required_out")
    assert 'action="https://bank.example/acs" method="post"' in page.content.decode()
    assert 'name="creq" value="&quot;&gt;&lt;script&gt;"' in page.content.decode()
    assert "form-action 'self' https://bank.example" in page["Content-Security-Policy"]
    assert "frame-src 'self' https://bank.example" in challenged.get("3ds_required")["Content-Security-Policy"]


def test_bank_may_post_what_it_sends(challenged: Citizen) -> None:
    page = Client(enforce_csrf_checks=True).post(
        challenged.path("3ds_required_in"), {"cres": "abc", "long": "x" * 30000}
    )
    assert page.status_code == 200
    assert 'name="cres" value="abc"' in page.content.decode()
    assert "xxx" not in page.content.decode()
    assert "csrftoken" not in page.cookies


def test_forged_answer_changes_nothing(challenged: Citizen) -> None:
    """The browser says that all is well; the bank was never asked."""
    answer = challenged.post("3ds_handler", answer="approved", session="x")
    assert (answer.status_code, answer["Location"]) == (303, challenged.path("3ds_required"))
    assert Payment.objects.get().status == states.AUTHENTICATION_REQUIRED


def test_other_browser_cannot_come_back(challenged: Citizen) -> None:
    answer_bank(challenged, "approved")
    assert Client().post(challenged.path("3ds_handler")).status_code == 403
    assert Payment.objects.get().status == states.AUTHENTICATION_REQUIRED


def test_coming_back_twice_asks_once(challenged: Citizen) -> None:
    come_back(challenged, "approved")
    assert challenged.post("3ds_handler")["Location"] == challenged.path("confirm")
    assert PaymentEvent.objects.filter(status=states.SUBMITTED).count() == 1
    assert ProviderOperation.objects.get(kind="authenticate").tries == 1


def test_first_answer_at_the_bank_counts(challenged: Citizen) -> None:
    answer_bank(challenged, "refused")
    come_back(challenged, "approved")
    assert Payment.objects.get().state.code == "P0010"


def test_unknown_answers_and_charges_lead_nowhere(challenged: Citizen) -> None:
    bank = urlsplit(challenged.get("3ds_required_out")["Location"]).path
    assert Client().post(bank, {"answer": "maybe"}).status_code == 400
    assert Client().get("/sandbox/payments/bank/6f1c8f5e-3c63-4f0e-9d0e-6a4b4a3f2b11").status_code == 404
    assert Client().get("/card_details/unknown/3ds_required_in").status_code == 404


def test_browser_closed_at_the_bank_is_followed_by_the_providers_event(challenged: Citizen) -> None:
    answer_bank(challenged, "approved")
    reconcile_payment(Payment.objects.for_pages().get())
    assert Payment.objects.get().status == states.AUTHENTICATION_REQUIRED  # nobody told the sandbox yet
    SandboxCharge.objects.update(status=SandboxCharge.Status.AUTHORISED)
    reconcile_payment(Payment.objects.for_pages().get())
    assert Payment.objects.get().status == states.SUBMITTED


def test_lost_answer_is_found_again(challenged: Citizen) -> None:
    """The process died after the provider was asked."""
    SandboxCharge.objects.update(status=SandboxCharge.Status.AUTHORISED)
    Payment.objects.update(status=states.AUTHENTICATION_READY, due_at=now())
    assert "Look again" in challenged.browser.get(challenged.path(), follow=True).content.decode()
    work()
    assert Payment.objects.get().status == states.SUBMITTED


def test_answer_lost_before_the_bank_spoke_leads_back_to_the_bank(challenged: Citizen) -> None:
    Payment.objects.update(status=states.AUTHENTICATION_READY, due_at=now())
    work()
    assert Payment.objects.get().status == states.AUTHENTICATION_REQUIRED
    assert Payment.objects.get().challenge is not None


def test_challenge_left_alone_expires_and_is_released(challenged: Citizen, move_clock: Any) -> None:
    move_clock(timedelta(minutes=91))
    work()
    assert Payment.objects.get().status == states.EXPIRED
    assert SandboxCharge.objects.get().status == SandboxCharge.Status.CANCELLED


def test_service_cancels_while_the_citizen_is_at_the_bank(api: Client, challenged: Citizen) -> None:
    assert api.post(f"/v1/payments/{challenged.payment_id}/cancel").status_code == 204
    page = challenged.browser.post(challenged.path("3ds_handler"), follow=True)
    assert "The service cancelled this payment" in page.content.decode()


def test_no_bank_field_is_stored_in_the_clear(challenged: Citizen) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT challenge FROM gaap_payments_payment")
        assert "sandbox/payments/bank" not in str(cursor.fetchone())
