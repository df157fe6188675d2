"""The card page: what it asks, what it refuses, and that it never gives back a card."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from gaap.testing.plugin import TESTER
from gaap_payments.models import GatewayAccount, Payment, SandboxCharge
from gaap_payments.services.accounts import save_settings
from tests.payments.support import GOOD_CARD, Citizen, create, get

pytestmark = pytest.mark.django_db

IDS = [
    "card-details-wrap", "card-details", "card-no", "expiry-month", "expiry-year", "cardholder-name", "cvc",
    "address-line-1", "address-line-2", "address-city", "address-postcode", "address-country", "email",
    "submit-card-details", "cancel-payment", "main-content",
]  # fmt: skip
TOKENS = {
    "card-no": "cc-number",
    "expiry-month": "cc-exp-month",
    "expiry-year": "cc-exp-year",
    "cardholder-name": "cc-name",
    "cvc": "cc-csc",
    "address-line-1": "billing address-line1",
    "address-country": "billing country",
    "email": "email",
}

REFUSED: list[tuple[dict[str, str], str, str]] = [
    ({"card_no": ""}, "card-no", "Enter your card number"),
    ({"card_no": "4242"}, "card-no", "A card number has between 12 and 19 digits"),
    ({"card_no": "4242424242424241"}, "card-no", "check the digits on your card"),
    ({"card_no": "4242 4242 4242 424x"}, "card-no", "check the digits on your card"),
    ({"card_no": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, "card-no", "check the digits on your card"),
    ({"card_no": "6759649826438453"}, "card-no", "Maestro cards are not accepted"),
    ({"card_no": "9999999999999995"}, "card-no", "This kind of card is not accepted"),
    ({"expiry_month": ""}, "expiry-month", "Enter the month in which your card expires"),
    ({"expiry_month": "13"}, "expiry-month", "The month is a number from 1 to 12"),
    ({"expiry_year": ""}, "expiry-year", "Enter the year in which your card expires"),
    ({"expiry_year": "2100"}, "expiry-year", "The year has two or four digits"),
    ({"expiry_year": "20"}, "expiry-month", "Your card has expired"),
    ({"cardholder_name": ""}, "cardholder-name", "Enter the name as it is on your card"),
    ({"cardholder_name": "123"}, "cardholder-name", "not the security code"),
    ({"cardholder_name": "4242 4242 4242"}, "cardholder-name", "Do not enter a card number here"),
    ({"cvc": ""}, "cvc", "Enter your card security code"),
    ({"cvc": "12"}, "cvc", "A card security code has 3 digits"),
    ({"card_no": "371449635398431", "cvc": "123"}, "cvc", "security code of 4 digits"),
    ({"address_line_1": ""}, "address-line-1", "Enter the first line of your address"),
    ({"address_line_1": GOOD_CARD}, "address-line-1", "Do not enter a card number here"),
    ({"address_line_2": GOOD_CARD}, "address-line-2", "Do not enter a card number here"),
    ({"address_city": ""}, "address-city", "Enter your town or city"),
    ({"address_city": "Hà\0Nội"}, "address-city", "Null characters are not allowed."),
    ({"address_postcode": ""}, "address-postcode", "Enter your postcode"),
    ({"address_postcode": "1", "address_country": "GB"}, "address-postcode", "Enter a postcode of the United Kingdom"),
    ({"address_country": ""}, "address-country", "Choose your country or territory"),
    ({"address_country": "ZZ"}, "address-country", "Select a valid choice"),
    ({"email": ""}, "email", "Enter your email address"),
    ({"email": "ngoc@example"}, "email", "Enter an email address such as name@example.com"),
    ({"email": "a" * 250 + "@example.org"}, "email", "at most 254 characters"),
]


@pytest.fixture
def citizen(api: Client, account: GatewayAccount) -> Citizen:
    """A citizen before the card page."""
    one = Citizen(create(api))
    one.enter()
    return one


def attributes(page: str, identifier: str) -> str:
    found = re.search(rf'<(?:input|select)[^>]*\bid="{identifier}"[^>]*>', page)
    assert found, identifier
    return found.group()


def test_page_has_the_ids_that_foreign_tests_look_for(citizen: Citizen) -> None:
    page = citizen.get().content.decode()
    for identifier in IDS:
        assert len(re.findall(rf'\bid="{identifier}"', page)) == 1, identifier
    assert 'class="charge-new__content' in page
    for identifier, token in TOKENS.items():
        assert f'autocomplete="{token}"' in attributes(page, identifier)


@pytest.mark.parametrize(("change", "target", "text"), REFUSED)
def test_mistakes(citizen: Citizen, change: dict[str, str], target: str, text: str) -> None:
    answer = citizen.send_card(**change)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: Enter card details" in page
    assert re.search(rf'<a href="#{target}">[^<]*{re.escape(text)}', page)
    assert f'id="{target}_error"' in page
    assert Payment.objects.get().status == "started"
    assert SandboxCharge.objects.get().status == "open"


def test_nothing_of_the_card_is_written_back(citizen: Citizen) -> None:
    page = citizen.send_card(email="wrong", cvc="987").content.decode()
    assert GOOD_CARD not in page
    assert "987" not in page
    assert "value" not in attributes(page, "card-no")
    assert "value" not in attributes(page, "cvc")
    assert 'value="Nguyễn Thị Ngọc"' in page
    assert 'value="36 Hàng Bạc"' in page
    assert '<option value="VN" selected>' in page


@pytest.mark.parametrize(
    "number",
    ["4242 4242 4242 4242", "4242-4242-4242-4242", " 4242424242424242 "],
)
def test_card_number_may_be_typed_in_groups(citizen: Citizen, number: str) -> None:
    assert citizen.send_card(card_no=number)["Location"] == citizen.path("confirm")


@pytest.mark.parametrize(
    ("month", "year", "expiry"), [("1", "39", "01/39"), ("01", "2039", "01/39"), ("12", "99", "12/99")]
)
def test_expiry_may_be_typed_in_two_ways(api: Client, citizen: Citizen, month: str, year: str, expiry: str) -> None:
    citizen.send_card(expiry_month=month, expiry_year=year)
    assert get(api, citizen.payment_id)["card_details"]["expiry_date"] == expiry


def test_what_the_service_knows_is_filled_in(api: Client, account: GatewayAccount) -> None:
    address = {"line1": "14 Orchard Lane", "city": "Otterbourne", "postcode": "SO21 9ZZ", "country": "GB"}
    details = {"cardholder_name": "Sam Lee", "billing_address": address}
    page = Citizen(create(api, email="sam@example.org", prefilled_cardholder_details=details)).enter().content.decode()
    for value in ("Sam Lee", "14 Orchard Lane", "Otterbourne", "SO21 9ZZ", "sam@example.org"):
        assert f'value="{value}"' in page
    assert '<option value="GB" selected>' in page


@pytest.mark.parametrize(
    ("settings", "order", "absent", "present"),
    [
        ({"collects_billing_address": False}, {}, ["address-line-1", "address-country"], ["email"]),
        ({"email": "off"}, {}, ["email"], ["address-line-1"]),
        ({"allows_moto": True}, {"moto": True}, ["address-line-1"], ["email"]),
    ],
)
def test_settings_leave_fields_out(
    api: Client,
    account: GatewayAccount,
    settings: dict[str, Any],
    order: dict[str, Any],
    absent: list[str],
    present: list[str],
) -> None:
    save_settings(account.service, by=TESTER, **settings)
    citizen = Citizen(create(api, **order))
    page = citizen.enter().content.decode()
    assert not any(f'id="{identifier}"' in page for identifier in absent)
    assert all(f'id="{identifier}"' in page for identifier in present)
    assert citizen.send_card()["Location"] == citizen.path("confirm")


def test_optional_email_may_be_empty(api: Client, account: GatewayAccount) -> None:
    save_settings(account.service, by=TESTER, email="optional")
    citizen = Citizen(create(api))
    assert "Email (optional)" in citizen.enter().content.decode()
    assert citizen.send_card(email="")["Location"] == citizen.path("confirm")


def test_unknown_card_is_an_error_and_nothing_of_it_is_kept(api: Client, citizen: Citizen) -> None:
    citizen.send_card(card_no="4000000000009995")
    payment = get(api, citizen.payment_id)
    assert payment["state"]["code"] == "P0050"
    assert payment["card_details"]["last_digits_card_number"] is None
    assert "9995" not in repr(SandboxCharge.objects.values()) + repr(Payment.objects.values())


@pytest.mark.parametrize(
    ("language", "amount", "currency", "heading", "written"),
    [
        ("en", 2000, "GBP", "Enter card details", "£20.00"),
        ("cy", 2000, "GBP", None, "£20.00"),
        ("vi", 50_000, "VND", None, "50.000\N{NO-BREAK SPACE}₫"),
        ("en", 50_000, "VND", "Enter card details", "50,000\N{NO-BREAK SPACE}₫"),
    ],
)
def test_language_is_the_payments_own(
    api: Client, account: GatewayAccount, language: str, amount: int, currency: str, heading: str | None, written: str
) -> None:
    citizen = Citizen(create(api, language=language, amount=amount, currency=currency))
    citizen.browser.cookies["gaap_language"] = "en"
    answer = citizen.enter()
    page = answer.content.decode()
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}"' in page
    assert written in page
    with translation.override(language):
        translated = str(translation.gettext("Enter card details"))
    assert f"<h1>{translated}</h1>" in page
    assert (heading is None) == (translated != "Enter card details")


def test_pages_are_kept_by_no_cache_and_run_no_script(citizen: Citizen) -> None:
    answer = citizen.get()
    assert "no-store" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.content.decode()
    assert "style=" not in answer.content.decode()
