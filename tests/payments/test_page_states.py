"""Every page in every status: the page that fits is shown, nothing breaks, and nothing happens twice."""

import pytest
from django.test import Client

from gaap_payments import states
from gaap_payments.models import GatewayAccount, Payment, PaymentEvent, ProviderOperation
from gaap_payments.states import PUBLIC_STATES
from gaap_payments.web.outcomes import ENDINGS
from tests.payments.support import ANSWERS, ORDER, Citizen, create, get, stored, work

pytestmark = pytest.mark.django_db

STAGES = ["", "auth_waiting", "3ds_required", "confirm"]
CHALLENGE = {"url": "https://bank.example/acs", "method": "POST", "fields": {"creq": "e30"}}
OWN_STAGES = {
    "created": "",
    "started": "",
    "authorisation_ready": "auth_waiting",
    "authentication_required": "3ds_required",
    "authentication_ready": "auth_waiting",
    "submitted": "confirm",
}
CANCELLABLE = (states.CREATED, states.STARTED, states.AUTHENTICATION_REQUIRED, states.SUBMITTED)


@pytest.fixture
def citizen(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen before the card page."""
    one = Citizen(create(api))
    one.enter()
    return one


def put(citizen: Citizen, status: str) -> None:
    """Put the citizen's payment into a status."""
    payment = Payment.objects.get(pk=citizen.payment_id)
    payment.status, payment.challenge = status, CHALLENGE
    payment.save(update_fields=["status", "challenge"])


@pytest.mark.parametrize("status", sorted(PUBLIC_STATES))
@pytest.mark.parametrize("stage", STAGES)
def test_every_address_leads_to_the_page_for_the_status(citizen: Citizen, status: str, stage: str) -> None:
    put(citizen, status)
    answer = citizen.browser.get(citizen.path(stage), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    if ending := ENDINGS.get(status):
        assert f"<h1>{ending.title}</h1>" in page
        assert f'href="/return/{citizen.payment_id}"' in page
    else:
        assert answer.request["PATH_INFO"] == citizen.path(OWN_STAGES[status])


@pytest.mark.parametrize("status", sorted(set(PUBLIC_STATES) - {states.CREATED, states.STARTED}))
def test_card_sent_again_changes_nothing(citizen: Citizen, status: str) -> None:
    put(citizen, status)
    answer = citizen.browser.post(citizen.path(), ANSWERS, follow=True)
    assert answer.status_code == 200
    assert Payment.objects.get().status == status
    assert not ProviderOperation.objects.filter(kind="authorise").exists()


@pytest.mark.parametrize("status", sorted(set(PUBLIC_STATES) - {states.SUBMITTED}))
def test_confirming_what_cannot_be_confirmed_changes_nothing(citizen: Citizen, status: str) -> None:
    put(citizen, status)
    answer = citizen.post("confirm")
    assert answer.status_code == 303
    assert Payment.objects.get().status == status


@pytest.mark.parametrize("status", sorted(PUBLIC_STATES))
def test_cancelling_in_every_status(citizen: Citizen, status: str) -> None:
    put(citizen, status)
    answer = citizen.browser.post(citizen.path("cancel"), follow=True)
    assert answer.status_code == 200
    can_be = status in CANCELLABLE
    assert (Payment.objects.get().state.code == "P0030") == (can_be or PUBLIC_STATES[status].code == "P0030")
    assert can_be or Payment.objects.get().status == status


@pytest.mark.parametrize("status", sorted(PUBLIC_STATES))
def test_returning_in_every_status(citizen: Citizen, status: str) -> None:
    """Whoever leaves an unfinished payment cancels it (contract C.1, 7); the address gets nothing added."""
    put(citizen, status)
    answer = citizen.browser.get(f"/return/{citizen.payment_id}")
    assert (answer.status_code, answer["Location"]) == (302, ORDER["return_url"])
    if status in CANCELLABLE:
        assert Payment.objects.get().state.code == "P0030"
    else:
        assert Payment.objects.get().status == status


def test_cancel_link_alone_cancels_nothing(citizen: Citizen) -> None:
    assert citizen.get("cancel").status_code == 303
    assert Payment.objects.get().status == states.STARTED


def test_citizen_cancels_and_the_provider_lets_go(api: Client, citizen: Citizen) -> None:
    citizen.send_card()
    answer = citizen.browser.post(citizen.path("cancel"), follow=True)
    assert "You cancelled this payment" in answer.content.decode()
    assert get(api, citizen.payment_id)["state"]["code"] == "P0030"
    work()
    assert Payment.objects.get().status == states.CANCELLED_BY_USER


def test_back_button_after_paying(citizen: Citizen) -> None:
    citizen.send_card()
    citizen.post("confirm")
    page = citizen.browser.post(citizen.path(), ANSWERS, follow=True)
    assert "Your payment is complete" in page.content.decode()
    assert citizen.post("confirm")["Location"] == f"/return/{citizen.payment_id}"
    assert PaymentEvent.objects.filter(status=states.CAPTURE_APPROVED).count() == 1


def test_confirm_page_may_lead_to_the_service(citizen: Citizen) -> None:
    citizen.send_card()
    policy = citizen.get("confirm")["Content-Security-Policy"]
    assert "form-action 'self' https://service.example" in policy


def test_waiting_page_looks_again_by_itself(citizen: Citizen) -> None:
    Payment.objects.update(status=states.AUTHORISATION_READY)
    answer = citizen.get("auth_waiting")
    assert answer["Refresh"] == "3"
    assert "Your card is being checked" in answer.content.decode()


def test_audit_names_the_citizen_and_no_more(citizen: Citizen) -> None:
    from gaap.audit.models import AuditEvent

    citizen.send_card()
    event = AuditEvent.objects.get(action="payment_authorisation_requested")
    assert (event.actor_kind, event.actor_id, event.target_id) == ("citizen", citizen.payment_id, citizen.payment_id)
    assert (event.before, event.after) == ({"status": "started"}, {"status": "authorisation_ready"})
    assert stored({"payment_id": citizen.payment_id}).cardholder_name not in repr(AuditEvent.objects.values())
