"""The way in: one-time tokens, the browser that holds a payment, and every other browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gaap_payments.models import GatewayAccount, Payment, PaymentToken
from gaap_payments.services.tokens import purge_tokens
from gaap_payments.web.held import COOKIE, MAXIMUM
from tests.payments.support import ANSWERS, Citizen, create, get

pytestmark = pytest.mark.django_db


def is_refused(answer: Any) -> bool:
    return bool(answer.status_code == 403 and "You cannot go on with this payment here" in answer.content.decode())


def test_first_use_opens_the_payment(api: Client, account: GatewayAccount) -> None:
    citizen = Citizen(create(api))
    answer = citizen.browser.get(citizen.entry)
    assert (answer.status_code, answer["Location"]) == (303, citizen.path())
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert citizen.payment_id not in cookie.value
    assert citizen.get().status_code == 200


def test_token_works_once_except_in_the_same_browser(api: Client, account: GatewayAccount) -> None:
    citizen = Citizen(create(api))
    citizen.enter()
    assert citizen.browser.get(citizen.entry).status_code == 303
    assert is_refused(Client().get(citizen.entry))


def test_token_may_come_by_form_from_the_services_page(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    link = created["_links"]["next_url_post"]
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/secure", link["params"])
    assert (answer.status_code, answer["Location"]) == (303, f"/card_details/{created['payment_id']}")
    assert is_refused(Client(enforce_csrf_checks=True).post("/secure", link["params"]))
    assert is_refused(browser.post("/secure"))


@pytest.mark.parametrize("token", ["a" * 26, "x", "%00", "é", "a" * 3000])
def test_unknown_tokens(account: GatewayAccount, token: str) -> None:
    assert is_refused(Client().get(f"/secure/{token}"))


def test_looking_at_the_address_uses_nothing_up(api: Client, account: GatewayAccount) -> None:
    citizen = Citizen(create(api))
    assert Client().head(citizen.entry).status_code == 405
    assert citizen.enter().status_code == 200


def test_tokens_grow_old(api: Client, account: GatewayAccount, move_clock: Any) -> None:
    citizen = Citizen(create(api))
    move_clock(timedelta(days=7, seconds=1))
    assert is_refused(Client().get(citizen.entry))


def test_used_tokens_are_forgotten_when_they_are_too_old(api: Client, account: GatewayAccount, move_clock: Any) -> None:
    citizen = Citizen(create(api))
    citizen.enter()
    move_clock(timedelta(days=7, minutes=-1))
    assert purge_tokens() == 0
    move_clock(timedelta(days=7, minutes=2))
    assert purge_tokens() == 1
    assert is_refused(Client().get(citizen.entry))


@pytest.mark.parametrize("place", [0, 25, 26, 35, 36, 40, 45, 84])
def test_a_token_that_was_changed_opens_nothing(api: Client, account: GatewayAccount, place: int) -> None:
    path, _, token = Citizen(create(api)).entry.rpartition("/")
    changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]
    assert len(token) == 85
    assert is_refused(Client().get(f"{path}/{changed}"))
    assert not PaymentToken.objects.exists()


@pytest.mark.parametrize("stage", ["", "confirm", "cancel", "auth_waiting"])
def test_every_page_is_closed_to_other_browsers(api: Client, account: GatewayAccount, stage: str) -> None:
    created = create(api)
    Citizen(created).enter()
    stranger = Citizen(created, browser=Client())
    assert is_refused(stranger.get(stage))
    assert is_refused(stranger.post(stage, **ANSWERS))
    assert is_refused(stranger.browser.get(f"/return/{created['payment_id']}"))
    assert Payment.objects.get().status == "started"


def test_forms_need_their_own_token(api: Client, account: GatewayAccount) -> None:
    created = create(api)
    citizen = Citizen(created, browser=Client(enforce_csrf_checks=True))
    citizen.enter()
    for stage in ("", "cancel"):
        assert citizen.post(stage, **ANSWERS).status_code == 403
    assert get(api, created["payment_id"])["state"]["status"] == "started"


@pytest.mark.parametrize("cookie", ["", "nonsense", "a.b", "é", "x" * 4000])
def test_forged_cookies_hold_nothing(api: Client, account: GatewayAccount, cookie: str) -> None:
    citizen = Citizen(create(api))
    citizen.browser.cookies[COOKIE] = cookie
    assert is_refused(citizen.get())


def test_one_browser_holds_ten_payments_and_finished_ones_make_room(api: Client, account: GatewayAccount) -> None:
    browser = Client()
    citizens = [Citizen(create(api), browser=browser) for _ in range(MAXIMUM)]
    for citizen in citizens:
        citizen.enter()
    assert all(citizen.get().status_code == 200 for citizen in citizens)
    browser.get(f"/return/{citizens[5].payment_id}")
    eleventh = Citizen(create(api), browser=browser)
    eleventh.enter()
    assert eleventh.get().status_code == 200
    closed = [number for number, citizen in enumerate(citizens) if citizen.get().status_code == 403]
    assert closed == [5]


def test_cookie_is_forgotten_after_a_day(api: Client, account: GatewayAccount, move_clock: Any) -> None:
    citizen = Citizen(create(api))
    citizen.enter()
    move_clock(timedelta(hours=24, seconds=1))
    assert is_refused(citizen.get())
