"""Security events: a service hears that an account was closed or is in danger, over HTTP, until it takes the token."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from gaap import clock
from gaap.audit.models import AuditEvent
from gaap.outbox.models import OutboxEvent
from gaap.privacy.people import Subject
from gaap.testing.plugin import TESTER
from gaap_identity.models import Account, SecurityNotice
from gaap_identity.privacy import IdentityDataProtection
from gaap_identity.services.account_changes import change_password, delete_account
from gaap_identity.services.compromises import disable_account, enable_account, require_new_password
from gaap_identity.services.subjects import subject_of
from gaap_identity.tasks import remove_expired, sweep_security_notices
from tests.identity.conftest import RSA
from tests.identity.people import PASSWORD, Citizen, RelyingParty, answer_of, post_form, read_token, text_of
from tests.platform.receiver import Receiver, Reply, receiving

pytestmark = pytest.mark.django_db

RISC = "https://schemas.openid.net/secevent/risc/event-type/"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The service's own server, which takes what it is sent."""
    settings.GAAP_EMBEDDED = True
    with receiving() as receiver:
        receiver.default = Reply(202)
        yield receiver


@pytest.fixture
def told(receiver: Receiver, make_client: Callable[..., Any], signed_in: Citizen) -> Any:
    """A client that wants to hear, and that the citizen signed in to."""
    client = make_client(security_events_uri=receiver.url)
    answer_of(signed_in.browser.get(RelyingParty("renew-vehicle", RSA).authorize_path()))
    return client


def heard(receiver: Receiver, browser: Browser) -> list[Any]:
    """The tokens that reached the service, verified with the published keys."""
    sweep_security_notices()
    keys = browser.get("/.well-known/jwks.json").json()
    return [read_token(received.body.decode(), keys) for received in receiver.received]


def test_the_token(signed_in: Citizen, told: Any, account: Any, receiver: Receiver) -> None:
    subject = subject_of(account, client=told)
    delete_account(account)
    (token,) = heard(receiver, signed_in.browser)
    assert receiver.received[0].headers["content-type"] == "application/secevent+jwt"
    assert (token.header["typ"], token.header["alg"]) == ("secevent+jwt", "ES256")
    assert token.claims.keys() == {"iss", "aud", "iat", "jti", "sub_id", "events"}
    issuer = "http://127.0.0.1:8000/"
    assert (token.claims["iss"], token.claims["aud"]) == (issuer, told.client_id)
    assert token.claims["sub_id"] == {"format": "iss_sub", "iss": issuer, "sub": subject}
    assert token.claims["events"] == {f"{RISC}account-purged": {}}
    notice = SecurityNotice.objects.get()
    assert (notice.status, notice.answered, str(notice.pk)) == ("delivered", 202, token.claims["jti"])
    event = OutboxEvent.objects.get(name="security_notice_delivered")
    assert event.data == {"client_id": told.client_id, "kind": "account-purged", "status": "delivered"}


def test_an_erased_account(told: Any, account: Any, signed_in: Citizen, receiver: Receiver) -> None:
    list(IdentityDataProtection().erase(Subject.known_by(email=account.email)))
    assert [token.claims["events"] for token in heard(receiver, signed_in.browser)] == [{f"{RISC}account-purged": {}}]


def test_a_password_that_somebody_else_knows(
    told: Any, account: Any, signed_in: Citizen, citizen: Citizen, receiver: Receiver
) -> None:
    rp = RelyingParty("renew-vehicle", RSA)
    code = answer_of(signed_in.browser.get(rp.authorize_path()))["code"]
    assert require_new_password(account, purpose="case 7", by=TESTER)
    assert post_form(signed_in.browser, "/token", rp.token_form(code)).json()["error"] == "invalid_grant"
    assert signed_in.browser.get("/account")["Location"] == "/sign-in"
    refused = signed_in.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert refused.context["form"].errors
    events = {
        name: said for token in heard(receiver, signed_in.browser) for name, said in token.claims["events"].items()
    }
    assert events.keys() == {f"{RISC}account-credential-change-required", f"{CAEP}session-revoked"}
    assert events[f"{CAEP}session-revoked"]["initiating_entity"] == "admin"
    account.refresh_from_db()
    change_password(account, password="four ducks under a bridge")
    signed_in.sign_in(account.email, password="four ducks under a bridge")
    assert signed_in.browser.get("/account").status_code == 200


def test_an_account_closed_for_now(told: Any, account: Any, signed_in: Citizen, receiver: Receiver) -> None:
    assert disable_account(account, purpose="case 8", by=TESTER)
    assert not disable_account(account, purpose="case 8", by=TESTER)
    events = {
        name: said for token in heard(receiver, signed_in.browser) for name, said in token.claims["events"].items()
    }
    assert events[f"{RISC}account-disabled"] == {"reason": "hijacking"}
    refused = signed_in.sign_in(account.email)
    assert refused.status_code == 403
    assert "closed for now" in text_of(refused)
    assert signed_in.browser.get("/account")["Location"] == "/sign-in"
    assert enable_account(account, purpose="case 8", by=TESTER)
    assert not enable_account(account, purpose="case 8", by=TESTER)
    signed_in.sign_in(account.email)
    assert signed_in.browser.get("/account").status_code == 200
    assert set(AuditEvent.objects.filter(purpose="case 8").values_list("action", flat=True)) == {
        "account_disabled",
        "account_enabled",
    }


def test_who_does_not_know_the_citizen_is_not_told(
    told: Any, account: Any, receiver: Receiver, make_client: Callable[..., Any], other_service: Any
) -> None:
    from tests.identity.conftest import register

    register(other_service, "strangers", security_events_uri=receiver.url)
    make_client("silent")
    require_new_password(account, purpose="case 9", by=TESTER)
    assert {notice.client.client_id for notice in SecurityNotice.objects.all()} == {told.client_id}


def test_it_is_told_again_with_the_same_token_id(
    told: Any, account: Any, signed_in: Citizen, receiver: Receiver
) -> None:
    receiver.reply(500, 400, 202)
    delete_account(account)
    for _ in range(4):
        SecurityNotice.objects.exclude(due_at=None).update(due_at=clock.now())
        tokens = heard(receiver, signed_in.browser)
    assert len(tokens) == 3
    assert len({token.claims["jti"] for token in tokens}) == 1
    notice = SecurityNotice.objects.get()
    assert (notice.status, notice.attempts) == ("delivered", 3)


def test_it_is_given_up_in_the_end(told: Any, account: Any, receiver: Receiver) -> None:
    receiver.reply(*[503] * 6)
    delete_account(account)
    for _ in range(8):
        SecurityNotice.objects.exclude(due_at=None).update(due_at=clock.now())
        sweep_security_notices()
    notice = SecurityNotice.objects.get()
    assert (notice.status, notice.attempts, len(receiver.received)) == ("failed", 6, 6)
    SecurityNotice.objects.update(finished_at=clock.now() - timedelta(days=8))
    remove_expired()
    assert not SecurityNotice.objects.exists()


def test_nobody_listens(told: Any, account: Any, make_client: Callable[..., Any]) -> None:
    make_client(security_events_uri="http://127.0.0.1:1/gone")
    delete_account(account)
    sweep_security_notices()
    notice = SecurityNotice.objects.get()
    assert (notice.status, notice.answered) == ("waiting", None)


@pytest.mark.parametrize("act", ["require_new_password", "disable"])
def test_operators_do_it_with_a_purpose(operator_client: Browser, told: Any, account: Any, act: str) -> None:
    address = f"{reverse(f'admin:gaap_identity_account_{act}')}?ids={account.pk}"
    assert operator_client.post(address, {"purpose": ""}).status_code == 200
    assert not SecurityNotice.objects.exists()
    assert operator_client.post(address, {"purpose": "case 10"}).status_code == 302
    assert SecurityNotice.objects.count() == 2
    assert AuditEvent.objects.filter(purpose="case 10").exists()
    assert Account.objects.filter(pk=account.pk).exists()
    page = operator_client.get(reverse("admin:gaap_identity_securitynotice_changelist"))
    assert account.email not in page.content.decode()
