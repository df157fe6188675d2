"""Card numbers: recognised where they must not stand, and shown nowhere."""

import logging
import pickle

import pytest

from gaap_payments.cards import CardDetails, CardNumber, Secret, holds_card_number, passes_luhn
from gaap_payments.providers.sandbox import CARDS


@pytest.mark.parametrize("number", [*CARDS, "6759649826438453"])
def test_every_documented_number_is_well_formed_and_of_a_brand(number: str) -> None:
    card = CardNumber(number)
    assert card.is_well_formed
    assert card.brand is not None


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", "Visa"),
        ("371449635398431", "American Express"),
        ("36148900647913", "Diners Club"),
        ("3566002020360505", "Jcb"),
        ("6011000990139424", "Discover"),
        ("222100000000000", "Mastercard"),
        ("5105105105105100", "Mastercard"),
        ("6759649826438453", "Maestro"),
        ("9999999999999995", None),
    ],
)
def test_brand(number: str, brand: str | None) -> None:
    assert CardNumber(number).brand == brand


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "my card is 4242 4242 4242 4242, thanks",
        "4242-4242-4242-4242",
        "371449635398431",
        "ref:4917610000000000003.",
    ],
)
def test_card_numbers_are_found_in_text(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "VRM-000123",
        "4242424242424241",
        "424242424242",
        "42424242424242424242424242",
        "4242  4242  4242  4242",
        "2026-11-21 10:20:30 0001",
        "call +44 20 7946 0958",
    ],
)
def test_ordinary_references_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


def test_luhn() -> None:
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398710")


def test_secrets_show_themselves_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    number, code = CardNumber("4242424242424242"), Secret("987")
    card = CardDetails(number, code, expiry_month=8, expiry_year=2031, cardholder_name="Somebody")
    logging.getLogger("test").warning("%s %r %s", number, code, card)
    shown = caplog.text + repr(card) + str(number) + f"{code}"
    for secret in ("4242", "987", "Somebody"):
        assert secret not in shown
    with pytest.raises(TypeError):
        pickle.dumps(number)
    assert card.expiry_date == "08/31"
