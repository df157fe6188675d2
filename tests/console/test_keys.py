"""The pages about API keys."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from gaap.clock import now
from gaap.keys.models import ApiKey
from gaap.keys.rotation import next_name, rotate_api_key
from gaap.keys.services import ApiKeyError, IssuedKey, KeyRefusedError, authenticate_text, revoke_api_key
from gaap.organisations.models import Service
from gaap.testing.plugin import TESTER
from tests.console.conftest import Page

FIELDS = {"name": "Website", "type": "test", "lifetime": ""}


def text_on(page: str) -> str:
    found = re.search(r"gaap_(live|team|test)_[\w-]+", page)
    assert found is not None
    return found[0]


def test_a_key_is_made_with_the_scopes_that_were_ticked(browser: Client, address: Page) -> None:
    page = browser.post(address("new-key"), {**FIELDS, "scopes": ["payments:create", "payments:read"]})
    api_key = authenticate_text(text_on(page.content.decode()))
    assert api_key.scopes == ["payments:create", "payments:read"]
    assert api_key.created_by == "admin@transport.example"


def test_a_key_without_ticks_may_do_everything(browser: Client, address: Page) -> None:
    browser.post(address("new-key"), FIELDS)
    assert ApiKey.objects.get().scopes is None


@pytest.mark.parametrize(("lifetime", "days"), [("30", 30), ("365", 365)])
def test_a_key_expires_when_asked_to(browser: Client, address: Page, lifetime: str, days: int) -> None:
    browser.post(address("new-key"), {**FIELDS, "lifetime": lifetime})
    expires_at = ApiKey.objects.get().expires_at
    assert expires_at is not None
    assert abs(expires_at - now() - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"type": "root"}, {"scopes": ["everything"]}, {"lifetime": "9"}])
def test_a_wrong_wish_makes_no_key(browser: Client, address: Page, wrong: dict[str, object]) -> None:
    page = browser.post(address("new-key"), {**FIELDS, **wrong}).content.decode()
    assert "<title>Error: " in page
    assert not ApiKey.objects.exists()


def test_a_trial_service_is_not_offered_a_live_key(
    browser: Client, address: Page, service: Service, trial_service: Service
) -> None:
    assert 'value="live"' in browser.get(address("new-key")).content.decode()
    Service.objects.filter(pk=service.pk).update(is_live=False)
    assert 'value="live"' not in browser.get(address("new-key")).content.decode()
    assert "<title>Error: " in browser.post(address("new-key"), {**FIELDS, "type": "live"}).content.decode()


def test_a_taken_name_is_refused_beside_its_field(browser: Client, address: Page, test_key: IssuedKey) -> None:
    page = browser.post(address("new-key"), {**FIELDS, "name": "test"}).content.decode()
    assert "already has a key with this name" in page


def test_the_list_never_shows_a_key(browser: Client, address: Page, test_key: IssuedKey) -> None:
    page = browser.get(address("keys")).content.decode()
    assert "test" in page
    assert test_key.api_key.secret not in page


def test_a_key_is_replaced_while_both_work(browser: Client, address: Page, test_key: IssuedKey) -> None:
    page = browser.post(address("rotate-key", test_key.api_key.pk), {"overlap": "24"}).content.decode()
    fresh = authenticate_text(text_on(page))
    old = authenticate_text(test_key.text)
    assert (fresh.name, fresh.type) == ("test 2", "test")
    assert old.expires_at is not None
    assert abs(old.expires_at - now() - timedelta(days=1)) < timedelta(minutes=1)


def test_a_key_can_be_replaced_at_once(browser: Client, address: Page, test_key: IssuedKey) -> None:
    browser.post(address("rotate-key", test_key.api_key.pk), {"overlap": "0"})
    with pytest.raises(KeyRefusedError):
        authenticate_text(test_key.text)


def test_replacing_never_lengthens_the_life_of_a_key(test_key: IssuedKey) -> None:
    soon = now() + timedelta(hours=1)
    ApiKey.objects.update(expires_at=soon)
    rotate_api_key(test_key.api_key, overlap=timedelta(days=7), by=TESTER)
    test_key.api_key.refresh_from_db()
    assert test_key.api_key.expires_at == soon


def test_the_new_key_lives_as_long_as_the_old_one_was_meant_to(test_key: IssuedKey) -> None:
    ApiKey.objects.update(created_at=now() - timedelta(days=20), expires_at=now() + timedelta(days=10))
    fresh = rotate_api_key(test_key.api_key, overlap=timedelta(), by=TESTER).api_key
    assert fresh.expires_at is not None
    assert abs(fresh.expires_at - now() - timedelta(days=30)) < timedelta(minutes=1)


def test_a_revoked_key_is_not_replaced(test_key: IssuedKey) -> None:
    revoke_api_key(test_key.api_key, by=TESTER)
    with pytest.raises(ApiKeyError):
        rotate_api_key(test_key.api_key, overlap=timedelta(), by=TESTER)


@pytest.mark.parametrize(
    ("name", "following"), [("test", "test 2"), ("test 2", "test 3"), ("x" * 100, "x" * 92 + " 2"), ("2026", "2026 2")]
)
def test_the_new_name_counts_on(test_key: IssuedKey, name: str, following: str) -> None:
    test_key.api_key.name = name
    assert next_name(test_key.api_key) == following


def test_a_key_is_revoked_after_asking_once(browser: Client, address: Page, test_key: IssuedKey) -> None:
    target = address("revoke-key", test_key.api_key.pk)
    assert "cannot be undone" in browser.get(target).content.decode()
    assert authenticate_text(test_key.text) == test_key.api_key
    page = browser.post(target, follow=True).content.decode()
    assert "The key “test” is revoked." in page
    with pytest.raises(KeyRefusedError):
        authenticate_text(test_key.text)


def test_another_service_s_key_does_not_exist_here(browser: Client, address: Page, other_key: IssuedKey) -> None:
    for name in ("revoke-key", "rotate-key"):
        assert browser.post(address(name, other_key.api_key.pk), {"overlap": "0"}).status_code == 404
    assert authenticate_text(other_key.text) == other_key.api_key
