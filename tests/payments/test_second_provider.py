"""A second provider is one file: dropped in, it is found, offered and held to the contract, without another line."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.payments.stripe_peer import running_peer
from tests.project import ROOT, python_path, run

OFFERED = """
import pytest
from django.urls import resolve

from gaap_payments.admin import GatewayAccountForm
from gaap_payments.models import GatewayAccount, Payment
from gaap_payments.provision import SCHEMA
from gaap_payments.services.accounts import account_faults, save_account
from gaap_payments.providers import registry
from tests.payments.support import Citizen, create, get, work
from gaap.testing.plugin import TESTER


def test_operators_are_offered_it():
    assert ("acme", "acme") in GatewayAccountForm().fields["provider"].choices


def test_provisioning_knows_it():
    accounts = SCHEMA["properties"]["gateway_accounts"]["items"]["properties"]
    assert accounts["provider"]["enum"] == ["acme", "sandbox", "stripe"]


def test_its_credentials_are_checked():
    assert account_faults(provider="acme", is_live=False, currency_code="GBP", credentials={}) != []


def test_its_events_have_an_address():
    found = resolve("/provider-events/payments/acme/6f1c8f5e-3c63-4f0e-9d0e-6a4b4a3f2b11")
    assert found.kwargs["provider"] == "acme"


@pytest.mark.django_db
def test_citizen_pays_with_it(api, service):
    save_account(service, provider="acme", is_live=False, by=TESTER, currency_code="VND",
                 credentials={"event_secret": "s" * 16})
    created = create(api, amount=50000)
    citizen = Citizen(created)
    assert "50,000" in citizen.enter().content.decode()
    citizen.send_card()
    citizen.post("confirm")
    work()
    paid = get(api, created["payment_id"])
    assert (paid["payment_provider"], paid["state"]["status"]) == ("acme", "success")
    assert paid["refund_summary"]["status"] == "available"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The payments package as it would be with one more file in its folder of providers."""
    package = tmp_path / "payments" / "gaap_payments"
    shutil.copytree(ROOT / "payments" / "gaap_payments", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("acme.py.txt"), package / "providers" / "acme.py")
    (tmp_path / "test_offered.py").write_text(OFFERED, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", encoding="utf-8")
    return tmp_path


def test_one_file_is_all_it_takes(shop: Path) -> None:
    with running_peer() as stripe:
        _run_the_suite(shop, addresses={"stripe": stripe.address})


def _run_the_suite(shop: Path, *, addresses: dict[str, str]) -> None:
    others = python_path().replace(str(ROOT / "payments"), str(shop / "payments"))
    environ = {
        "PYTHONPATH": os.pathsep.join([others, str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "gaap_site.settings",
        "DATABASE_URL": "",
        "GAAP_EMBEDDED": "1",
        "GAAP_DATA": str(shop / "data"),
        "GAAP_PAYMENTS_PROVIDER_ADDRESSES": json.dumps(addresses),
    }
    suite = shop / "payments" / "gaap_payments" / "testing" / "provider_contract.py"
    plugins = ("-p", "gaap.testing.plugin", "-p", "no:cacheprovider")
    ran = run(
        sys.executable, "-m", "pytest", "-v", *plugins, "--no-migrations", suite, "test_offered.py",
        cwd=shop, environ=environ,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    for name in ("acme", "sandbox"):
        assert f"test_refund_is_made_once_per_key_and_never_above_the_charge[{name}] PASSED" in ran.stdout
        assert f"test_events_without_signature_are_refused[{name}" in ran.stdout
    assert "skipped" not in ran.stdout
