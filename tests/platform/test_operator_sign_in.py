"""Operators get in with a second factor, and a deployment is told when they do not."""

import io

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.testing.plugin import PASSWORD

CONSOLE = "gaap.console.operator_sign_in.ConsoleSignIn"
PASSWORD_ONLY = "gaap.operators.sign_in.PasswordSignIn"


@pytest.fixture
def demanding(settings):
    """A deployment in which no operator gets in with a password alone."""
    settings.GAAP_OPERATOR_MFA = True


def use_second_factor(client, user):
    """Note in the client's session that the second factor was used."""
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    record_authentication(request, user, "mfa", type="totp")
    request.session.save()


@pytest.mark.usefixtures("demanding")
def test_an_operator_without_a_second_factor_adds_one_first(operator_client):
    page = operator_client.get(reverse("admin:gaap_service_changelist"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("mfa_activate_totp"))


@pytest.mark.usefixtures("demanding")
def test_an_operator_shows_the_code_once_in_a_session(operator_client, operator):
    TOTP.activate(operator, generate_totp_secret())
    wanted = reverse("admin:gaap_service_changelist")
    page = operator_client.get(wanted, follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    use_second_factor(operator_client, operator)
    assert operator_client.get(wanted).status_code == 200


@pytest.mark.usefixtures("demanding")
def test_using_one_is_not_enough_when_it_was_removed_since(operator_client, operator):
    use_second_factor(operator_client, operator)
    assert operator_client.get(reverse("admin:index")).status_code == 302


def test_the_way_in_leads_back_to_where_one_wanted_to_go(operator_client):
    wanted = reverse("admin:gaap_service_changelist")
    assert operator_client.get(reverse("admin:login"), {"next": wanted})["Location"] == wanted
    elsewhere = operator_client.get(reverse("admin:login"), {"next": "https://evil.example/"})
    assert elsewhere["Location"] == reverse("admin:index")


def test_people_who_are_not_signed_in_come_to_the_console_s_page(client, db):
    page = client.get(reverse("admin:index"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_a_site_without_the_console_has_django_s_page(client, operator, settings):
    settings.GAAP_OPERATOR_SIGN_IN = PASSWORD_ONLY
    page = client.get(reverse("admin:index"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("admin:login"))
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("sign_in", "mfa", "environment", "expected"),
    [
        (CONSOLE, True, "production", set()),
        (CONSOLE, False, "development", set()),
        (CONSOLE, False, "production", {"gaap.E006"}),
        (PASSWORD_ONLY, False, "production", {"gaap.W003"}),
        (PASSWORD_ONLY, True, "development", {"gaap.E005"}),
    ],
)
def test_a_deployment_is_told_of_unsafe_settings(settings, sign_in, mfa, environment, expected):
    settings.GAAP_OPERATOR_SIGN_IN, settings.GAAP_OPERATOR_MFA = sign_in, mfa
    settings.GAAP_ENVIRONMENT, settings.GAAP_EMBEDDED = environment, False
    ids = {message.id for message in run_checks(tags=["security"])}
    assert ids & {"gaap.E005", "gaap.E006", "gaap.W003"} == expected


def make(email, *, password="three quiet otters", monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("make_operator", email)


def test_an_operator_is_made_on_the_command_line_and_signs_in(client, db, monkeypatch):
    make("Olwen@platform.example", monkeypatch=monkeypatch)
    fields = {"login": "olwen@platform.example", "password": "three quiet otters", "next": reverse("admin:index")}
    assert client.post(reverse("account_login"), fields)["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    assert AuditEvent.objects.get(action="operator_made").after == {"email": "olwen@platform.example"}


def test_a_team_member_becomes_an_operator_and_keeps_the_password(owner, monkeypatch):
    make(owner.email, monkeypatch=monkeypatch)
    owner.refresh_from_db()
    assert owner.is_staff
    assert owner.check_password(PASSWORD)


@pytest.mark.parametrize(("email", "password"), [("nobody", "three quiet otters"), ("a@b.example", "short")])
def test_a_wrong_wish_makes_no_operator(db, monkeypatch, email, password):
    with pytest.raises(CommandError):
        make(email, password=password, monkeypatch=monkeypatch)
    assert not User.objects.exists()
