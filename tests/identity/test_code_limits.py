"""How many codes are sent: of late, in a day, to one number, for one account, abroad; and what a citizen is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gaap_identity.models import Account, TryCounter
from gaap_identity.services.limits import of_a_day, spend_try
from gaap_identity.services.totp import add_app, code_at, new_secret, present_step
from tests.identity.conftest import Clock
from tests.identity.people import PASSWORD, Citizen, SentCode, text_of
from tests.platform.parallel import in_parallel

pytestmark = pytest.mark.django_db

SPENT = "No more security codes can be sent today"
#: Longer than the limit of late, so that only that of a day counts.
PAUSE = timedelta(minutes=16)


def ask_for_codes(citizen: Citizen, clock: Clock, *, email: str, times: int) -> list[int]:
    """Forget the password so often, with pauses, and return the answers."""
    statuses = []
    for _ in range(times):
        statuses.append(citizen.post("/sign-in/forgotten", email=email).status_code)
        clock.advance(PAUSE)
    return statuses


@pytest.mark.parametrize("email", ["harriet@example.org", "nobody@example.org"])
def test_twenty_in_a_day_whether_or_not_there_is_an_account(
    codes: list[SentCode], account: Account, clock: Clock, email: str
) -> None:
    browsers = [Citizen(codes) for _ in range(21)]
    statuses = [ask_for_codes(browser, clock, email=email, times=1)[0] for browser in browsers]
    assert statuses == [302] * 20 + [429]
    page = text_of(Citizen(codes).post("/sign-in/forgotten", email=email))
    assert SPENT in page
    assert "another one tomorrow" in page
    assert email not in page


def test_the_page_is_the_same_for_everybody(codes: list[SentCode], account: Account, clock: Clock) -> None:
    pages = set()
    for email in (account.email, "nobody@example.org"):
        ask_for_codes(Citizen(codes), clock, email=email, times=20)
        pages.add(text_of(Citizen(codes).post("/sign-in/forgotten", email=email)))
    assert len(pages) == 1


def test_a_day_begins_with_the_first_code(codes: list[SentCode], clock: Clock) -> None:
    assert ask_for_codes(Citizen(codes), clock, email="x@example.org", times=21)[-1] == 429
    clock.advance(timedelta(days=1) - 21 * PAUSE)
    assert ask_for_codes(Citizen(codes), clock, email="x@example.org", times=1) == [302]


def test_who_signs_in_every_day_is_never_kept_out(codes: list[SentCode], account: Account, clock: Clock) -> None:
    for _ in range(30):
        citizen = Citizen(codes)
        assert citizen.sign_in(account.email)["Location"] == "/account"
        clock.advance(timedelta(hours=20))


def test_one_browser_cannot_write_to_the_whole_world(citizen: Citizen) -> None:
    statuses = [citizen.post("/sign-in/create", email=f"victim{n}@example.org").status_code for n in range(21)]
    assert statuses == [302] * 20 + [429]
    assert len(citizen.codes) == 20


def test_an_account_cannot_text_every_number(signed_in: Citizen, account: Account) -> None:
    numbers = [f"+4477009001{number:02}" for number in range(21)]
    answers = [signed_in.post("/account/phone", phone=number) for number in numbers]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    page = answers[-1].content.decode()
    assert SPENT in page
    assert 'href="/account"' in page
    assert signed_in.browser.get("/account").status_code == 200
    assert len(signed_in.codes) == 20
    other_purpose = Citizen(signed_in.codes)
    assert other_purpose.sign_in(account.email)["Location"] == "/account", "signing in is another purpose"


def test_another_second_factor_still_opens(codes: list[SentCode], account: Account, clock: Clock) -> None:
    secret = new_secret()
    add_app(account, secret=secret, code=code_at(secret, present_step() - 1))
    Account.objects.filter(pk=account.pk).update(second_factor="sms")
    for _ in range(20):
        Citizen(codes).post("/sign-in/password", email=account.email, password=PASSWORD)
        clock.advance(PAUSE)
    citizen = Citizen(codes)
    refused = citizen.post("/sign-in/password", email=account.email, password=PASSWORD)
    assert refused.status_code == 429
    assert 'href="/sign-in/other-ways"' in refused.content.decode()
    assert "Use your authenticator app" in text_of(citizen.browser.get("/sign-in/other-ways"))
    answer = citizen.post("/sign-in/app-code", code=code_at(secret, present_step()))
    assert answer["Location"] == "/account"


def test_texts_abroad_are_capped_for_all_together(
    codes: list[SentCode], make_account: Callable[..., Account], settings: Any
) -> None:
    settings.GAAP_IDENTITY = {"TEXTS_ABROAD_PER_DAY": 2}
    for name in ("a", "b"):
        account = make_account(f"{name}@example.org", phone=f"+8491234567{ord(name) % 10}")
        assert Citizen(codes).sign_in(account.email)["Location"] == "/account"
    third = make_account("c@example.org", phone="+84912345670")
    refused = Citizen(codes).post("/sign-in/password", email=third.email, password=PASSWORD)
    assert refused.status_code == 429
    assert SPENT in refused.content.decode()
    at_home = make_account("d@example.org", phone="+447700900123")
    assert Citizen(codes).sign_in(at_home.email)["Location"] == "/account"
    by_email = make_account("e@example.org", phone="")
    assert Citizen(codes).sign_in(by_email.email)["Location"] == "/account"


def test_no_texts_abroad_at_all(codes: list[SentCode], make_account: Callable[..., Account], settings: Any) -> None:
    settings.GAAP_IDENTITY = {"TEXTS_ABROAD_PER_DAY": 0, "PHONE_REGION": "VN"}
    make_account("home@example.org", phone="+84912345670")
    assert Citizen(codes).sign_in("home@example.org")["Location"] == "/account"
    make_account("abroad@example.org", phone="+447700900123")
    assert Citizen(codes).post("/sign-in/password", email="abroad@example.org", password=PASSWORD).status_code == 429


def test_other_quotas_have_words_of_their_own(signed_in: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    def spend(*_: Any, **__: Any) -> None:
        spend_try(of_a_day("nothing", tries=0), subject="anybody")

    monkeypatch.setattr("gaap_identity.web.account_details.send_new_code", spend)
    answer = signed_in.post("/account/phone", phone="+447700900124")
    assert answer.status_code == 429
    assert "Go on with this tomorrow" in text_of(answer)


def test_counters_hold_no_address(codes: list[SentCode], account: Account, clock: Clock) -> None:
    ask_for_codes(Citizen(codes), clock, email="x@example.org", times=1)
    assert TryCounter.objects.count() == 3
    assert all(len(counter.subject_digest) == 64 for counter in TryCounter.objects.all())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_spend_a_quota_of_six() -> None:
    from gaap_identity.errors import SpentError

    def spend() -> bool:
        try:
            spend_try(of_a_day("everything", tries=6), subject="anybody")
        except SpentError:
            return False
        return True

    assert sum(in_parallel([spend] * 20)) == 6
