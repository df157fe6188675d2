"""Back-channel logout: a service hears of it on its own address, over HTTP, until it answers (contract A.7)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from gaap import clock
from gaap_identity.models import LogoutNotice
from gaap_identity.services import logout_notices
from gaap_identity.tasks import sweep_logout_notices
from tests.identity.conftest import RSA
from tests.identity.people import Citizen, RelyingParty, answer_of, post_form, read_token
from tests.platform.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The service's own server, which may be called on an embedded instance."""
    settings.GAAP_EMBEDDED = True
    with receiving() as receiver:
        receiver.reply()
        yield receiver


@pytest.fixture
def told(receiver: Receiver, make_client: Callable[..., Any], signed_in: Citizen) -> RelyingParty:
    """A service that wants to hear of sign-outs, and that the citizen signed in to."""
    make_client(back_channel_logout_uri=receiver.url)
    rp = RelyingParty("renew-vehicle", RSA)
    answer_of(signed_in.browser.get(rp.authorize_path()))
    return rp


def tokens_of(receiver: Receiver) -> list[str]:
    return [parse_qs(received.body.decode())["logout_token"][0] for received in receiver.received]


def test_the_token(signed_in: Citizen, told: RelyingParty, receiver: Receiver) -> None:
    code = answer_of(signed_in.browser.get(told.authorize_path()))["code"]
    tokens = post_form(signed_in.browser, "/token", told.token_form(code)).json()
    keys = signed_in.browser.get("/.well-known/jwks.json").json()
    signed_in.browser.get("/logout")
    sweep_logout_notices()
    token = read_token(tokens_of(receiver)[0], keys)
    assert receiver.received[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert (token.header["typ"], token.header["alg"]) == ("logout+jwt", "ES256")
    assert token.claims.keys() == {"iss", "sub", "aud", "iat", "exp", "jti", "events"}
    assert token.claims["sub"] == read_token(tokens["id_token"], keys).claims["sub"]
    assert (token.claims["iss"], token.claims["aud"]) == (told.issuer, told.client_id)
    assert token.claims["exp"] - token.claims["iat"] == 120
    assert token.claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert LogoutNotice.objects.get().status == "delivered"


def test_a_service_is_told_once_for_all_sessions(
    signed_in: Citizen, told: RelyingParty, account: Any, receiver: Receiver
) -> None:
    elsewhere = Citizen(signed_in.codes)
    elsewhere.enter(account)
    answer_of(elsewhere.browser.get(told.authorize_path()))
    signed_in.browser.get("/logout")
    sweep_logout_notices()
    assert len(receiver.received) == 1


def test_the_account_page_tells_services_too(signed_in: Citizen, told: RelyingParty, receiver: Receiver) -> None:
    signed_in.post("/account/sign-out")
    sweep_logout_notices()
    assert len(receiver.received) == 1


def test_only_services_that_the_citizen_signed_in_to(
    signed_in: Citizen, make_client: Callable[..., Any], receiver: Receiver
) -> None:
    make_client(back_channel_logout_uri=receiver.url)
    signed_in.browser.get("/logout")
    assert not LogoutNotice.objects.exists()


def test_it_is_told_again_with_another_token(
    signed_in: Citizen, told: RelyingParty, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.reply(500, 302)
    signed_in.browser.get("/logout")
    start = clock.now()
    for minutes in (0, 1, 6):
        moment = start + timedelta(minutes=minutes, seconds=5)
        monkeypatch.setattr("gaap.clock.now", lambda moment=moment: moment)
        monkeypatch.setattr("gaap.work.now", lambda moment=moment: moment)
        monkeypatch.setattr(logout_notices, "now", lambda moment=moment: moment)
        sweep_logout_notices()
        sweep_logout_notices()
    assert len(set(tokens_of(receiver))) == 3
    notice = LogoutNotice.objects.get()
    assert (notice.status, notice.attempts, notice.answered, notice.due_at) == ("delivered", 3, 204, None)


def test_it_is_given_up_in_the_end(signed_in: Citizen, told: RelyingParty, receiver: Receiver) -> None:
    receiver.reply(*[503] * 6)
    signed_in.browser.get("/logout")
    for _ in range(8):
        LogoutNotice.objects.exclude(due_at=None).update(due_at=clock.now())
        sweep_logout_notices()
    notice = LogoutNotice.objects.get()
    assert (notice.status, notice.attempts, len(receiver.received)) == ("failed", 6, 6)


def test_nobody_listens(signed_in: Citizen, told: RelyingParty, make_client: Callable[..., Any]) -> None:
    make_client(back_channel_logout_uri="http://127.0.0.1:1/gone")
    signed_in.browser.get("/logout")
    sweep_logout_notices()
    notice = LogoutNotice.objects.get()
    assert (notice.status, notice.answered) == ("waiting", None)
    assert notice.due_at is not None
    assert notice.due_at > clock.now()
