"""Signing up, in and out: address, password, code by email."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from gaap.audit.models import AuditEvent
from gaap.console.models import ConsoleEmail
from tests.console.conftest import person

PASSWORD = "three quiet otters"
ADDRESS = "nia@transport.example"

pytestmark = pytest.mark.django_db


def last_email() -> ConsoleEmail:
    return ConsoleEmail.objects.latest("pk")


def sent_code() -> str:
    found = re.search(r"\b\d{6}\b", last_email().text)
    assert found is not None
    return found[0]


def sign_up(client: Client, address: str = ADDRESS, password: str = PASSWORD) -> str:
    """Send the form and return the page that it leads to, or the form with what is wrong."""
    page = client.post(reverse("account_signup"), {"email": address, "password1": password})
    return str(page.get("Location") or page.content.decode())


def confirm(client: Client, code: str) -> str:
    page = client.post(reverse("account_email_verification_sent"), {"code": code, "action": "verify"})
    return str(page.get("Location") or page.content.decode())


def sign_in(client: Client, password: str = PASSWORD) -> str:
    page = client.post(reverse("account_login"), {"login": ADDRESS, "password": password})
    return str(page.get("Location") or page.content.decode())


def test_a_person_signs_up_with_a_code_from_their_email(client: Client) -> None:
    assert sign_up(client) == reverse("account_email_verification_sent")
    assert confirm(client, sent_code()) == reverse("gaap-console")
    assert client.get(reverse("gaap-console")).status_code == 200
    user = User.objects.get()
    assert (user.username, user.email) == (ADDRESS, ADDRESS)
    assert {"person_signed_up", "person_signed_in"} <= set(AuditEvent.objects.values_list("action", flat=True))


def test_nobody_gets_in_without_the_code(client: Client) -> None:
    sign_up(client)
    wrong = f"{(int(sent_code()) + 1) % 10**6:06}"
    assert "This code is not right" in confirm(client, wrong)
    assert client.get(reverse("gaap-console")).status_code == 302


def test_codes_cannot_be_guessed(client: Client) -> None:
    sign_up(client)
    code = sent_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answers = [confirm(client, wrong) for _ in range(3)]
    assert answers[-1] == reverse("account_login")
    assert confirm(client, code) == reverse("account_login")


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short", "at least 12 characters"),
        ("qwerty123456", "guessed first"),
        ("nia@transport.example", "too much like"),
        ("", "Enter a password"),
    ],
)
def test_weak_passwords_are_refused(client: Client, password: str, complaint: str) -> None:
    assert complaint in sign_up(client, password=password)
    assert not User.objects.exists()


def test_private_addresses_can_be_kept_out(client: Client, settings: Settings) -> None:
    settings.GAAP_CONSOLE = {"EMAIL_DOMAINS": ["transport.example"]}
    assert "Use your work email address" in sign_up(client, "nia@nottransport.example")
    assert sign_up(client, "nia@rail.transport.example") == reverse("account_email_verification_sent")


def test_the_page_does_not_tell_who_has_an_account(client: Client) -> None:
    person(ADDRESS)
    assert sign_up(client) == reverse("account_email_verification_sent")
    assert "You have an account" in last_email().subject
    assert User.objects.count() == 1


def test_a_member_signs_in_and_out(client: Client) -> None:
    person(ADDRESS).set_password(PASSWORD)
    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    assert "The address or the password is not right" in sign_in(client, "something else")
    assert sign_in(client) == reverse("gaap-console")
    client.post(reverse("account_logout"))
    assert client.get(reverse("gaap-console")).status_code == 302


def test_passwords_cannot_be_guessed(client: Client) -> None:
    person(ADDRESS)
    answers = [sign_in(client, f"guess number {number}") for number in range(6)]
    assert "Too many tries" in answers[-1]


def test_signing_in_leads_back_to_where_one_wanted_to_go(client: Client) -> None:
    user = person(ADDRESS)
    user.set_password(PASSWORD)
    user.save()
    wanted = reverse("gaap-console-new-service")
    way = client.get(wanted)["Location"]
    assert client.post(way, {"login": ADDRESS, "password": PASSWORD, "next": wanted})["Location"] == wanted
    client.post(reverse("account_logout"))
    elsewhere = {"login": ADDRESS, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(reverse("account_login"), elsewhere)["Location"] == reverse("gaap-console")


def test_a_forgotten_password_is_replaced_by_a_link_of_our_own_host(client: Client, settings: Settings) -> None:
    settings.GAAP_BASE_URL = "https://platform.example/"
    settings.ALLOWED_HOSTS = ["*"]
    person(ADDRESS)
    client.post(reverse("account_reset_password"), {"email": ADDRESS}, headers={"host": "evil.example"})
    found = re.search(r"https://platform\.example(/\S+)", last_email().text)
    assert found is not None
    form = client.get(found[1], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD})
    assert User.objects.get().check_password(PASSWORD)
    assert "used or is too old" in client.get(found[1]).content.decode()


def test_asking_for_an_unknown_address_looks_the_same(client: Client) -> None:
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@transport.example"})
    assert answer["Location"] == reverse("account_reset_password_done")
    assert "no account" in last_email().subject


def test_a_changed_password_is_told_by_email(client: Client) -> None:
    user = person(ADDRESS)
    user.set_password(PASSWORD)
    user.save()
    sign_in(client)
    fields = {"oldpassword": PASSWORD, "password1": "four quiet otters swim"}
    assert client.post(reverse("account_change_password"), fields).status_code == 302
    assert "was changed" in last_email().subject
    assert AuditEvent.objects.filter(action="password_changed").exists()
