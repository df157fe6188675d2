"""The console's pages about programs that sign citizens in."""

import html
import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from gaap.organisations.models import Service
from gaap_identity.models import Client
from gaap_identity.services.passwords import verify_password
from tests.identity.conftest import RSA

CALLBACK = "http://127.0.0.1:9999/callback"


@pytest.fixture
def team(client: Browser, owner) -> Browser:
    client.force_login(owner)
    return client


def register(team: Browser, service: Service, **fields: str) -> str:
    address = reverse("identity-console-new-client", args=[service.pk])
    return team.post(address, {"redirect_uris": CALLBACK, **fields}).content.decode()


def test_a_program_is_registered_with_a_secret_shown_once(team, service):
    page = register(team, service)
    client = Client.objects.get(service=service)
    secret = re.search(r'gaap-console-code--secret"[^>]*><code>([^<]+)</code>', page)
    assert secret is not None
    assert verify_password(secret[1], stored=client.client_secret)
    assert client.levels == ["P0"]
    again = team.get(reverse("identity-console-clients", args=[service.pk])).content.decode()
    assert client.client_id in again
    assert secret[1] not in again


def test_a_trial_service_may_ask_the_sandbox_for_everything(team, service):
    Service.objects.filter(pk=service.pk).update(is_live=False)
    register(team, service)
    client = Client.objects.get(service=service)
    assert "P2" in client.levels
    assert client.claims


def test_a_program_that_signs_gets_no_secret(team, service):
    page = register(team, service, public_key=RSA.as_pem(private=False).decode())
    client = Client.objects.get(service=service)
    assert (client.auth_method, client.client_secret) == ("private_key_jwt", "")
    assert "gaap-console-code--secret" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uris": ""},
        {"redirect_uris": "nonsense"},
        {"redirect_uris": "ftp://transport.example/"},
        {"redirect_uris": "http://transport.example/back"},
        {"redirect_uris": "https://transport.example/back#here"},
        {"redirect_uris": "https://transport.example/back\njavascript:alert(1)"},
        {"public_key": "no key"},
    ],
)
def test_a_wrong_wish_registers_nothing(team, service, wrong):
    assert "<title>Error: " in register(team, service, **wrong)
    assert not Client.objects.filter(service=service).exists()


def test_the_program_to_try_out_is_one_that_python_understands(team, service):
    page = html.unescape(register(team, service))
    program = re.search(r"python3 - <<'PYTHON'\n(.*?)\nPYTHON", page, re.DOTALL)
    assert program is not None
    compile(program[1], "first_sign_in.py", "exec")
    assert CALLBACK in program[1]


def test_viewers_do_not_see_these_pages(client, service, member):
    client.force_login(member)
    for name in ("identity-console-clients", "identity-console-new-client"):
        assert client.get(reverse(name, args=[service.pk])).status_code == 403


def change(team: Browser, client: Client, **fields: str) -> str:
    address = reverse("identity-console-client", args=[client.service_id, client.pk])
    usual = {"name": "Renew", "redirect_uris": CALLBACK, "algorithm": "RS256", "is_active": "on"}
    return team.post(address, {**usual, **fields}, follow=True).content.decode()


def test_a_team_changes_its_program(team, service):
    register(team, service)
    client = Client.objects.get(service=service)
    second = "http://127.0.0.1:9999/other"
    page = change(team, client, redirect_uris=f"{CALLBACK}\n{second}", sector_identifier="x", levels='["P3"]')
    assert "Saved" in page
    client.refresh_from_db()
    assert (client.redirect_uri_list, client.algorithm, client.levels) == ([CALLBACK, second], "RS256", ["P0"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uris": ""},
        {"redirect_uris": "http://transport.example/back"},
        {"post_logout_redirect_uris": "javascript:alert(1)"},
        {"back_channel_logout_uri": "http://transport.example/out"},
        {"algorithm": "none"},
        {"redirect_uris": f"{CALLBACK}\nhttps://transport.example/back"},
        {"redirect_uris": "https://transport.example/back"},
    ],
)
def test_a_wrong_wish_changes_nothing(team, service, wrong):
    register(team, service)
    client = Client.objects.get(service=service)
    assert "<title>Error: " in change(team, client, **wrong)
    stored = Client.objects.get()
    assert (stored.name, stored.algorithm, stored.redirect_uris) == (client.name, "ES256", CALLBACK)


def test_a_secret_is_replaced(team, service):
    register(team, service)
    client = Client.objects.get(service=service)
    page = team.post(reverse("identity-console-client-secret", args=[service.pk, client.pk])).content.decode()
    secret = re.search(r'gaap-console-code--secret"[^>]*><code>([^<]+)</code>', page)
    assert secret is not None
    assert not verify_password(secret[1], stored=client.client_secret)
    client.refresh_from_db()
    assert verify_password(secret[1], stored=client.client_secret)


def test_another_services_program_is_not_there(team, service, other_service, owner):
    from gaap.testing.plugin import TESTER
    from gaap_identity.services.team_clients import register_client

    theirs = register_client(other_service, redirect_uris=[CALLBACK], public_key="", by=TESTER).client
    for name in ("identity-console-client", "identity-console-client-secret"):
        assert team.post(reverse(name, args=[service.pk, theirs.pk])).status_code == 404
