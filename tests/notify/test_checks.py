"""The system checks of Notify's settings."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from gaap_notify.checks import check_defaults, check_providers


def found(**configured):
    with override_settings(GAAP_NOTIFY=configured):
        return [fault.id for fault in (*check_providers(None), *check_defaults(None))]


def test_nothing_configured_is_in_order():
    assert found() == []
    assert not [fault for fault in run_checks() if str(fault.id).startswith("gaap_notify")]


@pytest.mark.parametrize(
    ("configured", "fault"),
    [
        ({"PROVIDERS": {"sms": {"x": {"BACKEND": "nobody"}}}}, "gaap_notify.E001"),
        (
            {"PROVIDERS": {"email": {"x": {"BACKEND": "smtp", "OPTIONS": {"backend": "no.such.Backend"}}}}},
            "gaap_notify.E002",
        ),
        ({"DEFAULT": {"email": "nobody"}}, "gaap_notify.E003"),
    ],
)
def test_faults(configured, fault):
    assert found(**configured) == [fault]


@override_settings(GAAP_ENVIRONMENT="production")
def test_sandbox_is_no_default_in_production():
    assert found() == ["gaap_notify.E004", "gaap_notify.E004"]
    assert found(DEFAULT={"email": "smtp"}) == ["gaap_notify.E004"]


@override_settings(GAAP_ENVIRONMENT="production", LANGUAGE_CODE="vi")
def test_every_fault_has_a_hint():
    with override_settings(GAAP_NOTIFY={}):
        assert all(fault.hint for fault in check_defaults(None))
