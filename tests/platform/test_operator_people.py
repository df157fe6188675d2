"""Operators look after people's accounts, and never learn or set a password."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from gaap.audit.models import AuditEvent


def act(client, name, user):
    return client.post(f"{reverse(f'admin:auth_user_{name}')}?ids={user.pk}", follow=True)


def test_a_lost_second_factor_is_removed_and_the_person_signed_out(operator_client, operator, owner):
    TOTP.activate(owner, generate_totp_secret())
    act(operator_client, "reset", owner)
    assert not Authenticator.objects.filter(user=owner).exists()
    event = AuditEvent.objects.get(action="second_factor_removed")
    assert (event.target_id, event.actor_label) == (str(owner.pk), operator.username)


def test_a_closed_account_lets_nobody_in_until_it_is_opened(operator_client, owner):
    browser = Client()
    browser.force_login(owner)
    act(operator_client, "close", owner)
    assert browser.get(reverse("gaap-console")).status_code == 302
    act(operator_client, "open", owner)
    owner.refresh_from_db()
    assert owner.is_active


@pytest.mark.parametrize("name", ["close", "withdraw"])
def test_operators_do_not_lock_themselves_out(operator_client, operator, name):
    act(operator_client, name, operator)
    operator.refresh_from_db()
    assert operator.is_active
    assert operator.is_staff


def test_an_operator_s_rights_are_withdrawn(operator_client, owner):
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    act(operator_client, "withdraw", owner)
    owner.refresh_from_db()
    assert not owner.is_staff
    assert not owner.is_superuser


def test_nobody_sets_passwords_or_second_factors_here(operator_client, owner):
    page = operator_client.get(reverse("admin:auth_user_change", args=[owner.pk]))
    assert page.status_code == 200
    assert owner.password not in page.content.decode()
    assert operator_client.post(page.request["PATH_INFO"], {"is_superuser": "on"}).status_code == 403
    assert Authenticator not in admin.site._registry
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[owner.pk])
