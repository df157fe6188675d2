"""What platform operators see of payments, and what they may change."""

import pytest
from django.test import Client

from gaap.audit.models import AuditEvent
from gaap_payments.models import GatewayAccount, Payment, PaymentSettings
from tests.payments.support import Citizen, create, work

pytestmark = pytest.mark.django_db

MODELS = ["payment", "gatewayaccount", "paymentsettings", "receivedproviderevent"]


@pytest.fixture
def paid(api: Client, account: GatewayAccount) -> str:
    """The id of a payment that was made and captured."""
    created = create(api, reference="FIND-ME-1", amount=50_000, currency="VND")
    Citizen(created).pay()
    work()
    return str(created["payment_id"])


@pytest.mark.parametrize("model", MODELS)
def test_lists_open(operator_client: Client, paid: str, model: str) -> None:
    assert operator_client.get(f"/admin/gaap_payments/{model}/").status_code == 200


def test_payment_is_found_by_reference(operator_client: Client, paid: str) -> None:
    page = operator_client.get("/admin/gaap_payments/payment/", {"q": "find-me-1"}).content.decode()
    assert paid in page
    assert "50,000\N{NO-BREAK SPACE}₫" in page
    assert paid not in operator_client.get("/admin/gaap_payments/payment/", {"q": "other"}).content.decode()


@pytest.mark.parametrize(("state", "is_found"), [("success", True), ("failed", False), ("created", False)])
def test_payments_are_narrowed_by_public_state(operator_client: Client, paid: str, state: str, is_found: bool) -> None:
    page = operator_client.get("/admin/gaap_payments/payment/", {"state": state}).content.decode()
    assert (paid in page) == is_found


def test_money_is_read_only_and_the_payer_is_not_shown(operator_client: Client, paid: str) -> None:
    address = f"/admin/gaap_payments/payment/{paid}/change/"
    page = operator_client.get(address).content.decode()
    assert "capture_submitted" in page
    assert "authorise" in page.lower()
    for hidden in ("ngoc@example.org", "Ngọc", "Hàng Bạc", 'name="_save"', 'name="amount"'):
        assert hidden not in page
    assert operator_client.post(address, {"amount": 1}).status_code == 403
    assert operator_client.post(f"/admin/gaap_payments/payment/{paid}/delete/").status_code == 403
    assert Payment.objects.get().amount == 50_000


def test_account_is_made_and_its_secrets_are_never_shown(operator_client: Client, account: GatewayAccount) -> None:
    GatewayAccount.objects.filter(pk=account.pk).update(credentials={"api_key": "canary"})
    page = operator_client.get(f"/admin/gaap_payments/gatewayaccount/{account.pk}/change/").content.decode()
    assert "canary" not in page
    form = {"provider": "sandbox", "currency": "VND", "service": str(account.service_id), "new_credentials": "{}"}
    answer = operator_client.post(
        "/admin/gaap_payments/gatewayaccount/add/", {**form, "is_live": "on", "is_enabled": "on"}
    )
    assert answer.status_code == 302
    made = GatewayAccount.objects.get(is_live=True)
    assert (made.currency, made.is_enabled, made.credentials) == ("VND", True, {})
    event = AuditEvent.objects.get(action="gateway_account_created", target_id=str(made.pk))
    assert (event.actor_kind, event.actor_label) == ("person", "operator@platform.example")


def test_account_is_disabled_and_keeps_its_credentials(operator_client: Client, account: GatewayAccount) -> None:
    answer = operator_client.post(
        f"/admin/gaap_payments/gatewayaccount/{account.pk}/change/", {"currency": "GBP", "new_credentials": ""}
    )
    assert answer.status_code == 302, answer.content
    account.refresh_from_db()
    assert (account.is_enabled, account.provider) == (False, "sandbox")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"new_credentials": '{"key": 1}'}, "Additional properties are not allowed"),
        ({"new_credentials": "{"}, "Enter a valid JSON"),
        ({"currency": "XXX"}, "Select a valid choice"),
        ({"provider": "acme"}, "Select a valid choice"),
    ],
)
def test_wrong_set_up_is_refused(
    operator_client: Client, account: GatewayAccount, change: dict[str, str], fault: str
) -> None:
    form = {"provider": "sandbox", "currency": "GBP", "service": str(account.service_id), "is_live": "on", **change}
    page = operator_client.post("/admin/gaap_payments/gatewayaccount/add/", form).content.decode()
    assert fault in page
    assert GatewayAccount.objects.count() == 1


def test_second_enabled_account_of_a_kind_is_refused(operator_client: Client, account: GatewayAccount) -> None:
    form = {"provider": "sandbox", "currency": "GBP", "service": str(account.service_id), "is_enabled": "on"}
    page = operator_client.post("/admin/gaap_payments/gatewayaccount/add/", form).content.decode()
    assert "The service already has an enabled account of this kind." in page


def test_settings_are_changed_and_audited(operator_client: Client, account: GatewayAccount) -> None:
    surcharges = dict.fromkeys(("credit_surcharge", "debit_surcharge", "prepaid_surcharge"), "0")
    form = {"service": str(account.service_id), "email": "off", "collects_billing_address": "on", **surcharges}
    answer = operator_client.post("/admin/gaap_payments/paymentsettings/add/", form)
    assert answer.status_code == 302, answer.content
    assert PaymentSettings.objects.get().email == "off"
    assert AuditEvent.objects.filter(action="payment_settings_changed", actor_kind="person").exists()


def test_team_members_have_no_way_in(account: GatewayAccount, owner: object) -> None:
    client = Client()
    client.force_login(owner)  # type: ignore[arg-type]
    assert client.get("/admin/gaap_payments/payment/").status_code == 302


@pytest.mark.parametrize("model", ["refund", "dispute", "agreement", "ledgerentry", "payout", "difference"])
def test_money_is_shown_and_not_changed(operator_client: Client, model: str) -> None:
    address = f"/admin/gaap_payments/{model}/"
    assert operator_client.get(address, {"q": "nothing"}).status_code == 200
    assert operator_client.get(f"{address}add/").status_code == 403
