"""From an account to the first calls: the snippets on the page run as they stand."""

import html
import json
import re
import shlex

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gaap.keys.models import ApiKey
from gaap.keys.services import authenticate_text
from gaap.organisations.models import Membership, Organisation, Service


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("nia@harbour.example", "nia@harbour.example")


@pytest.fixture
def browser(newcomer: User) -> Client:
    client = Client()
    client.force_login(newcomer)
    return client


def create(browser: Client, **fields: str) -> str:
    asked = {"name": "Berth a boat", "new_organisation": "Harbour Board", **fields}
    page = browser.post(reverse("gaap-console-new-service"), asked)
    assert page.status_code == 200
    return page.content.decode()


def snippets(page: str) -> list[str]:
    found = re.findall(r'<pre class="gaap-console-code" [^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    return [html.unescape(code) for code in found]


def key_on(page: str) -> str:
    found = re.search(r"gaap_test_[\w-]+", page)
    assert found is not None
    return found[0]


def test_a_new_service_comes_with_a_key_that_works(browser: Client, newcomer: User) -> None:
    api_key = authenticate_text(key_on(create(browser)))
    assert api_key.type == "test"
    assert (api_key.service.name, api_key.service.organisation.name) == ("Berth a boat", "Harbour Board")
    assert not api_key.service.is_live
    assert Membership.objects.get(user=newcomer).role == "admin"


def test_the_first_payment_is_made_as_the_snippet_says(browser: Client) -> None:
    code = next(code for code in snippets(create(browser)) if "/v1/payments" in code)
    words = shlex.split(code)
    key = next(word for word in words if word.startswith("Authorization: Bearer ")).rpartition(" ")[2]
    body = json.loads(words[words.index("-d") + 1])
    made = Client(headers={"Authorization": f"Bearer {key}"}).post("/v1/payments", body, "application/json")
    assert made.status_code == 201, made.content
    assert made.json()["_links"]["next_url"]["href"]


def test_the_key_is_shown_once(browser: Client) -> None:
    text = key_on(create(browser))
    service = Service.objects.get()
    for name in ("gaap-console-service", "gaap-console-keys"):
        assert text not in browser.get(reverse(name, args=[service.pk])).content.decode()


def test_sending_the_form_twice_makes_one_service(browser: Client) -> None:
    create(browser)
    assert "here already" in create(browser)
    assert (Service.objects.count(), ApiKey.objects.count()) == (1, 1)


def test_a_stranger_cannot_put_a_service_into_an_organisation_by_its_name(
    browser: Client, organisation: Organisation
) -> None:
    page = create(browser, new_organisation=organisation.name.upper())
    assert "ask one of its teams to invite you" in page
    assert not Service.objects.exists()


@pytest.mark.parametrize("fields", [{"name": ""}, {"new_organisation": ""}, {"name": "x" * 300}])
def test_what_is_missing_is_said_beside_its_field(browser: Client, fields: dict[str, str]) -> None:
    page = create(browser, **fields)
    assert "<title>Error: " in page
    assert "gaap-summary-errors" in page
