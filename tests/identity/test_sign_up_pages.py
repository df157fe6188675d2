"""Creating an account, page by page."""

from typing import Any

import pytest

from gaap_identity.models import Account, OneTimeCode
from tests.identity.people import PASSWORD, Citizen, SentCode, text_of

pytestmark = pytest.mark.django_db

EMAIL = "ngoc@example.org"
WRONG = "The code is wrong or has expired"


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_an_account_with_a_phone(citizen: Citizen) -> None:
    assert citizen.create_account(EMAIL, phone="+84 912 345 678")["Location"] == "/account"
    assert [(code.channel, code.recipient, code.purpose) for code in citizen.codes] == [
        ("email", EMAIL, "sign_up"),
        ("sms", "+84912345678", "sign_up"),
    ]
    account = Account.objects.get()
    assert (account.email, account.phone, account.second_factor) == (EMAIL, "+84912345678", "sms")
    page = text_of(citizen.browser.get("/account"))
    assert EMAIL in page
    assert "+84912345678" in page
    assert "Not confirmed yet" in page


def test_an_account_without_a_phone(citizen: Citizen) -> None:
    citizen.create_account(EMAIL)
    assert (Account.objects.get().second_factor, Account.objects.get().phone) == ("email", "")


def test_a_number_without_country_code_is_one_of_the_home_region(citizen: Citizen) -> None:
    citizen.create_account(EMAIL, phone="07700 900 123")
    assert Account.objects.get().phone == "+447700900123"


def test_the_address_is_kept_in_one_form(citizen: Citizen) -> None:
    citizen.create_account("  Ngoc@Example.ORG ")
    assert Account.objects.get().email == EMAIL


def test_nothing_about_the_citizen_is_stored_readable(citizen: Citizen) -> None:
    from django.db import connection

    citizen.create_account(EMAIL, phone="+84912345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gaap_identity_account")
        stored = repr(cursor.fetchall())
        cursor.execute("SELECT * FROM gaap_identity_browsersession")
        stored += repr(cursor.fetchall())
        cursor.execute("SELECT * FROM gaap_identity_onetimecode")
        stored += repr(cursor.fetchall())
    for secret in (EMAIL, "912345678", PASSWORD, *(code.code for code in citizen.codes)):
        assert secret not in stored


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.org", "a@example.org, b@example.org"])
def test_faulty_addresses(citizen: Citizen, email: str) -> None:
    response = citizen.post("/sign-in/create", email=email)
    assert response.status_code == 200
    assert "Error:" in response.content.decode()
    assert 'href="#id_email"' in response.content.decode()
    assert citizen.codes == []


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_faulty_codes(citizen: Citizen, code: str) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    response = citizen.post("/sign-in/create/email-code", code=code)
    assert 'href="#id_code"' in response.content.decode()


def test_codes_may_be_typed_with_gaps(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    code = citizen.codes[-1].code
    response = citizen.post("/sign-in/create/email-code", code=f" {code[:3]} {code[3:]}")
    assert response["Location"] == "/sign-in/create/password"


def test_a_wrong_code_proves_nothing(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    assert WRONG in text_of(citizen.post("/sign-in/create/email-code", code=other_than(citizen.codes[-1].code)))
    assert citizen.browser.get("/sign-in/create/password")["Location"] == "/sign-in/create"


def test_a_code_works_once_and_only_the_last(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create", email=EMAIL)
    first, last = (code.code for code in citizen.codes)
    if first != last:
        assert WRONG in text_of(citizen.post("/sign-in/create/email-code", code=first))
    assert citizen.post("/sign-in/create/email-code", code=last).status_code == 302
    assert WRONG in text_of(citizen.post("/sign-in/create/email-code", code=last))


def test_a_code_lasts_fifteen_minutes(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    stored = OneTimeCode.objects.get()
    lifetime = stored.expires_at - stored.session.created_at
    assert 890 < lifetime.total_seconds() < 910
    OneTimeCode.objects.update(expires_at=stored.session.created_at)
    assert WRONG in text_of(citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code))


def test_a_code_belongs_to_one_browser(citizen: Citizen, codes: list[SentCode]) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    thief = Citizen(codes)
    thief.post("/sign-in/create", email=EMAIL)
    assert WRONG in text_of(citizen.post("/sign-in/create/email-code", code=codes[-1].code)) or (
        codes[0].code == codes[-1].code
    )


def test_six_wrong_codes_close_the_door(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    right = citizen.codes[-1].code
    for _ in range(6):
        assert citizen.post("/sign-in/create/email-code", code=other_than(right)).status_code == 200
    assert citizen.post("/sign-in/create/email-code", code=right).status_code == 429


def test_six_codes_are_sent_and_no_more(citizen: Citizen) -> None:
    for _ in range(6):
        assert citizen.post("/sign-in/create", email=EMAIL).status_code == 302
    assert citizen.post("/sign-in/create", email=EMAIL).status_code == 429
    assert len(citizen.codes) == 6


@pytest.mark.parametrize("password", ["", "short", "password123", "x" * 257])
def test_weak_passwords(citizen: Citizen, password: str) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    response = citizen.post("/sign-in/create/password", password=password)
    assert 'href="#id_password"' in response.content.decode()
    assert password == "" or password not in response.content.decode()


@pytest.mark.parametrize("phone", ["", "12", "phone", "+99912345678"])
def test_faulty_phones(citizen: Citizen, phone: str) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    citizen.post("/sign-in/create/password", password=PASSWORD)
    assert 'href="#id_phone"' in citizen.post("/sign-in/create/phone", phone=phone).content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/create/email-code",
        "/sign-in/create/password",
        "/sign-in/create/codes",
        "/sign-in/create/phone",
        "/sign-in/create/phone-code",
        "/sign-in/create/exists",
    ],
)
def test_pages_cannot_be_skipped(citizen: Citizen, path: str) -> None:
    assert citizen.browser.get(path)["Location"] == "/sign-in/create"
    assert citizen.post(path, password=PASSWORD, code="123456")["Location" if "exists" not in path else "Allow"]


def test_the_password_cannot_be_skipped(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    assert citizen.post("/sign-in/create/codes", second_factor="email")["Location"] == "/sign-in/create"
    assert not Account.objects.exists()


def test_another_address_must_be_proven_anew(citizen: Citizen) -> None:
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    citizen.post("/sign-in/create", email="somebody.else@example.org")
    assert citizen.browser.get("/sign-in/create/password")["Location"] == "/sign-in/create"


def test_only_who_proves_an_address_learns_that_it_has_an_account(citizen: Citizen, account: Any) -> None:
    known = citizen.post("/sign-in/create", email=account.email)
    unknown = Citizen(citizen.codes).post("/sign-in/create", email=EMAIL)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    citizen.post("/sign-in/create", email=account.email)
    response = citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    assert response["Location"] == "/sign-in/create/exists"
    assert "You have an account already" in text_of(citizen.browser.get("/sign-in/create/exists"))


def test_two_browsers_make_one_account(citizen: Citizen, codes: list[SentCode]) -> None:
    other = Citizen(codes)
    for person in (citizen, other):
        person.post("/sign-in/create", email=EMAIL)
        person.post("/sign-in/create/email-code", code=codes[-1].code)
        person.post("/sign-in/create/password", password=PASSWORD)
    assert citizen.post("/sign-in/create/codes", second_factor="email")["Location"] == "/account"
    assert other.post("/sign-in/create/codes", second_factor="email")["Location"] == "/sign-in/create/exists"
    assert Account.objects.count() == 1


def test_codes_are_asked_for_in_the_language_of_the_page(codes: list[SentCode]) -> None:
    Citizen(codes, language="vi").post("/sign-in/create", email=EMAIL)
    assert codes[-1].language == "vi"


RISK = "A text message can be read by whoever gets hold of your number."


@pytest.mark.parametrize(("language", "risk"), [("en", RISK), ("cy", "ddarllen neges destun"), ("vi", "chiếm được số")])
def test_the_risk_of_text_messages_is_said_where_they_are_chosen(
    codes: list[SentCode], language: str, risk: str
) -> None:
    citizen = Citizen(codes, language=language)
    citizen.post("/sign-in/create", email=EMAIL)
    citizen.post("/sign-in/create/email-code", code=citizen.codes[-1].code)
    citizen.post("/sign-in/create/password", password=PASSWORD)
    assert risk in text_of(citizen.browser.get("/sign-in/create/codes"))
