"""The payments section of a provisioning file, and the rules of gateway accounts behind it."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from gaap.audit.models import AuditEvent
from gaap.organisations.models import Service
from gaap.provisioning.check import ProvisionError
from gaap.provisioning.services import provision
from gaap.testing.plugin import TESTER
from gaap_payments.errors import AccountRefusedError
from gaap_payments.models import GatewayAccount, PaymentSettings
from gaap_payments.services.accounts import save_account
from tests.payments.support import create

pytestmark = pytest.mark.django_db

SERVICE_ID = "4a1f0f0e-5b1c-4c63-8d0e-0a4b4a3f2b11"
ACCOUNT_ID = "6f1c8f5e-3c63-4f0e-9d0e-6a4b4a3f2b11"


def document(payments: dict[str, Any], **service: Any) -> dict[str, Any]:
    entry = {"id": SERVICE_ID, "name": "Renew", "organisation": "Transport", "payments": payments, **service}
    return {"organisations": [{"name": "Transport"}], "services": [entry]}


def apply(payments: dict[str, Any], **service: Any) -> dict[str, Any]:
    result: dict[str, Any] = provision(document(payments, **service), by=TESTER)["services"][0]
    return result


def faults(payments: dict[str, Any], **service: Any) -> list[str]:
    with pytest.raises(ProvisionError) as refused:
        apply(payments, **service)
    assert not GatewayAccount.objects.filter(pk=ACCOUNT_ID, provider="other").exists()
    return [str(fault) for fault in refused.value.faults]


def test_settings_and_accounts_are_applied_and_may_be_applied_again() -> None:
    payments = {
        "settings": {"collect_billing_address": False, "email": "optional", "moto": True, "allow_zero": True},
        "gateway_accounts": [
            {"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test", "currency": "VND", "credentials": {}},
            {"provider": "sandbox", "mode": "live", "disabled": True},
        ],
    }
    first = apply(payments, mode="live")
    changes = AuditEvent.objects.count()
    assert apply(payments, mode="live") == first
    assert AuditEvent.objects.count() == changes
    assert {"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test"} in first["payments"]["gateway_accounts"]
    test, live = GatewayAccount.objects.order_by("is_live")
    assert (str(test.pk), test.currency, test.is_enabled) == (ACCOUNT_ID, "VND", True)
    assert (live.currency, live.is_enabled) == ("GBP", False)
    settings = PaymentSettings.objects.get()
    assert (settings.collects_billing_address, settings.email) == (False, "optional")
    assert (settings.allows_moto, settings.allows_zero) == (True, True)


def test_key_and_account_of_one_file_take_a_payment(bearer: Any) -> None:
    made = apply(
        {"gateway_accounts": [{"provider": "sandbox", "mode": "test", "currency": "VND"}]},
        api_keys=[{"name": "first", "type": "test"}],
    )
    api: Client = bearer(made["api_keys"][0]["key"])
    assert create(api, amount=50_000)["currency"] == "VND"


def test_later_file_may_disable_and_change_the_account() -> None:
    apply({"gateway_accounts": [{"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test"}]})
    apply({"gateway_accounts": [{"id": ACCOUNT_ID, "provider": "sandbox", "mode": "test", "disabled": True}]})
    assert not GatewayAccount.objects.get().is_enabled


@pytest.mark.parametrize(
    ("payments", "path"),
    [
        ({"nonsense": 1}, "services[0].payments"),
        ({"settings": {"email": "sometimes"}}, "services[0].payments.settings.email"),
        ({"settings": {"moto": "yes"}}, "services[0].payments.settings.moto"),
        ({"gateway_accounts": [{"mode": "test"}]}, "services[0].payments.gateway_accounts[0]"),
        (
            {"gateway_accounts": [{"provider": "x", "mode": "test"}]},
            "services[0].payments.gateway_accounts[0].provider",
        ),
        (
            {"gateway_accounts": [{"provider": "sandbox", "mode": "test", "currency": "XXX"}]},
            "services[0].payments.gateway_accounts[0].currency",
        ),
        (
            {"gateway_accounts": [{"provider": "sandbox", "mode": "test", "credentials": {"key": 1}}]},
            "services[0].payments.gateway_accounts[0]",
        ),
        ({"gateway_accounts": [{"provider": "sandbox", "mode": "live"}]}, "services[0].payments.gateway_accounts[0]"),
        (
            {"gateway_accounts": [{"provider": "sandbox", "mode": "test"}, {"provider": "sandbox", "mode": "test"}]},
            "services[0].payments.gateway_accounts",
        ),
    ],
)
def test_faults_are_named_with_their_path(payments: dict[str, Any], path: str) -> None:
    assert [fault.partition(": ")[0] for fault in faults(payments)] == [path]
    assert not GatewayAccount.objects.exists()


def test_account_of_another_service_is_refused(service: Service) -> None:
    other = save_account(service, provider="sandbox", is_live=False, by=TESTER)
    found = faults({"gateway_accounts": [{"id": str(other.pk), "provider": "sandbox", "mode": "test"}]})
    assert found == ["services[0].payments.gateway_accounts[0]: The account with this id belongs to another service."]


def test_mode_of_an_account_never_changes(service: Service) -> None:
    account = save_account(service, provider="sandbox", is_live=False, by=TESTER)
    with pytest.raises(AccountRefusedError, match="never change"):
        save_account(service, provider="sandbox", is_live=True, id=account.pk, by=TESTER)


def test_credentials_are_encrypted_and_not_audited(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from gaap_payments.providers.sandbox import SandboxProvider

    monkeypatch.setattr(SandboxProvider, "credentials_schema", {"type": "object"})
    save_account(service, provider="sandbox", is_live=False, credentials={"api_key": "canary"}, by=TESTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM gaap_payments_gatewayaccount")
        (raw,) = cursor.fetchone()
    assert "canary" not in raw
    assert GatewayAccount.objects.get().credentials == {"api_key": "canary"}
    assert "canary" not in repr(AuditEvent.objects.values())


class TestProduction:
    """In production the sandbox takes no live money."""

    def test_live_sandbox_account_is_refused(self, service: Service, settings: Any) -> None:
        settings.GAAP_ENVIRONMENT = "production"
        with pytest.raises(AccountRefusedError, match="A sandbox takes no live payments in production"):
            save_account(service, provider="sandbox", is_live=True, by=TESTER)
        assert not save_account(service, provider="sandbox", is_live=False, by=TESTER).is_live

    def test_live_sandbox_account_that_is_there_is_found(self, live_account: GatewayAccount, settings: Any) -> None:
        settings.GAAP_ENVIRONMENT = "production"
        found = [message.id for message in run_checks(include_deployment_checks=True) if message.obj == live_account]
        assert found == ["gaap_payments.E002"]

    def test_account_whose_provider_is_gone_is_found(self, account: GatewayAccount) -> None:
        GatewayAccount.objects.update(provider="gone")
        account.refresh_from_db()
        found = [message.id for message in run_checks(include_deployment_checks=True) if message.obj == account]
        assert found == ["gaap_payments.E001"]
