"""The journey by a program that knows nothing of ours: HTTP, links, forms and redirects alone."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from gaap_payments.models import GatewayAccount
from gaap_site.journey.browser import Browser
from gaap_site.journey.forms import FieldMissingError
from tests.payments.support import ANSWERS, DECLINED_CARD, Citizen, create, get, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service_page(live_server: LiveServer) -> str:
    """Where the service wants its citizens back: another origin than the pages have."""
    return live_server.url.replace("localhost", "127.0.0.1") + "/health/live?order=7"


def test_citizen_pays_in_dong_and_vietnamese(
    api: Client, account: GatewayAccount, live_server: LiveServer, service_page: str
) -> None:
    document = create(api, amount=1_350_000, currency="VND", language="vi", return_url=service_page)
    with Browser(language="en") as browser:
        card_page = browser.open(live_server.url + Citizen(document).entry)
        assert (card_page.language, card_page.path) == ("vi", f"/card_details/{document['payment_id']}")
        assert card_page.text_by_id("amount").replace("\N{NO-BREAK SPACE}", " ") == "1.350.000 ₫"
        form = card_page.form_with("card_no").fill(**ANSWERS)
        confirm_page = browser.submit(card_page, form, button="submit-card-details")
        assert confirm_page.text_by_id("card-number").endswith("4242")
        back = browser.submit(confirm_page, confirm_page.form_to("/confirm"), button="confirm")
        assert back.url == service_page
    work()
    assert get(api, document["payment_id"])["settlement_summary"]["captured_date"]


def test_declined_citizen_is_led_back(
    api: Client, account: GatewayAccount, live_server: LiveServer, service_page: str
) -> None:
    document = create(api, return_url=service_page)
    with Browser(language="en") as browser:
        page = browser.open(live_server.url + Citizen(document).entry)
        answers: dict[str, Any] = {**ANSWERS, "card_no": DECLINED_CARD}
        declined = browser.submit(page, page.form_with("card_no").fill(**answers), button="submit-card-details")
        assert declined.heading == "Your card was declined"
        with pytest.raises(FieldMissingError):
            declined.form_to("/card_details/")
        assert browser.open(declined.link("/return/")).url == service_page


def test_citizen_cancels(api: Client, account: GatewayAccount, live_server: LiveServer) -> None:
    document = create(api)
    with Browser(language="en") as browser:
        page = browser.open(live_server.url + Citizen(document).entry)
        cancelled = browser.submit(page, page.form_to("/cancel"), button="cancel-payment")
        assert cancelled.heading == "You cancelled this payment"
    assert get(api, document["payment_id"])["state"]["code"] == "P0030"
