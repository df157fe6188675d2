"""Direct Debit in the sandbox: the API, the payer's pages, and every state over the days."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from jsonschema import Draft202012Validator

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_payments import direct_debit_states as states
from gaap_payments.api.v1.direct_debit_schemas import DIRECT_DEBIT, MANDATE
from gaap_payments.models import DirectDebit, GatewayAccount, Mandate, SandboxCollection, SandboxMandate
from gaap_payments.providers.direct_debit import MandateOutcome
from gaap_payments.providers.sandbox_direct_debit import ACCOUNTS
from gaap_payments.services.accounts import save_account
from gaap_payments.tasks import sweep_direct_debits
from tests.project import ROOT

pytestmark = pytest.mark.django_db

ORDER = {
    "reference": "council-tax-1042",
    "description": "Council tax",
    "return_url": "https://service.example/back",
}
ANSWERS = {
    "account_holder": "Sam Lee",
    "email": "sam@example.org",
    "sort_code": "10-88-00",
    "account_number": "00012345",
    "can_agree_alone": "on",
}


def create_mandate(api: Client, **changes: Any) -> Any:
    answer = api.post("/v1/directdebit/mandates", {**ORDER, **changes}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def collect(api: Client, mandate_id: str, **changes: Any) -> Any:
    order = {"amount": 12000, "reference": "march", "description": "March", "mandate_id": mandate_id, **changes}
    return api.post("/v1/directdebit/payments", order, content_type="application/json")


def get(api: Client, noun: str, identifier: str) -> Any:
    return api.get(f"/v1/directdebit/{noun}/{identifier}").json()


class Payer:
    """A payer with a browser that holds one mandate."""

    def __init__(self, document: Any) -> None:
        self.browser = Client()
        self.id = document["mandate_id"]
        self.entry = urlsplit(document["_links"]["next_url"]["href"]).path

    def enter(self) -> Any:
        return self.browser.get(self.entry, follow=True)

    def path(self, stage: str = "") -> str:
        return f"/mandates/{self.id}" + (f"/{stage}" if stage else "")

    def agree(self, **changes: Any) -> Any:
        self.enter()
        self.browser.post(self.path(), {**ANSWERS, **changes})
        return self.browser.post(self.path("confirm"), follow=True)


def agreed(api: Client, number: str = "00012345") -> str:
    document = create_mandate(api)
    Payer(document).agree(account_number=number)
    return str(document["mandate_id"])


def pass_days(move_clock: Any, days: int) -> None:
    move_clock(timedelta(days=days))
    for _ in range(3):
        sweep_direct_debits()


def test_payer_sets_it_up_and_pays(api: Client, account: GatewayAccount, move_clock: Any) -> None:
    created = create_mandate(api)
    assert created["state"] == {"status": "created", "details": "The mandate has been created."}
    payer = Payer(created)
    assert "Set up a Direct Debit" in payer.enter().content.decode()
    sent = payer.browser.post(payer.path(), ANSWERS)
    assert (sent.status_code, sent["Location"]) == (303, payer.path("confirm"))
    page = payer.browser.get(payer.path("confirm")).content.decode()
    assert "●●●●●●45" in page
    assert "00012345" not in page
    assert "The Direct Debit Guarantee" in page
    assert "3 working days before your account is debited" in page
    page = payer.browser.post(payer.path("confirm"), follow=True).content.decode()
    assert "Your Direct Debit is set up" in page
    left = payer.browser.get(payer.path("return"))
    assert (left.status_code, left["Location"]) == (302, ORDER["return_url"])

    shown = get(api, "mandates", payer.id)
    assert shown["state"]["status"] == "pending"
    assert shown["payer"] == {"name": "Sam Lee", "email": "sam@example.org"}
    assert "next_url" not in shown["_links"]
    assert shown["bank_statement_reference"].startswith("SB")
    answer = collect(api, payer.id)
    assert answer.status_code == 201
    payment_id = answer.json()["payment_id"]
    for days, status in [(0, "pending"), (3, "success"), (4, "paidout")]:
        pass_days(move_clock, days)
        assert get(api, "payments", payment_id)["state"]["status"] == status
    assert get(api, "mandates", payer.id)["state"]["status"] == "active"


@pytest.mark.parametrize(
    ("number", "days"),
    [(number, days) for number, account in ACCOUNTS.items() for days in sorted({*account.payments, *account.mandate})],
)
def test_every_account_on_every_day(
    api: Client, account: GatewayAccount, move_clock: Any, number: str, days: int
) -> None:
    """Each day by itself: what the provider went through unseen is walked too."""
    mandate_id = agreed(api, number)
    payment_id = collect(api, mandate_id).json()["payment_id"]
    sweep_direct_debits()
    pass_days(move_clock, days)
    known = ACCOUNTS[number]
    expected = known.payments[max(day for day in known.payments if day <= days)]
    assert get(api, "payments", payment_id)["state"]["status"] == expected
    expected_mandate = known.mandate[max(day for day in known.mandate if day <= days)]
    assert get(api, "mandates", mandate_id)["state"]["status"] == expected_mandate


def test_bank_details_are_kept_encrypted_and_only_until_they_are_sent(api: Client, account: GatewayAccount) -> None:
    payer = Payer(create_mandate(api))
    payer.enter()
    payer.browser.post(payer.path(), ANSWERS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT bank_account FROM gaap_payments_mandate")
        (stored,) = cursor.fetchone()
    assert stored
    assert "00012345" not in stored
    payer.browser.post(payer.path("confirm"))
    mandate = Mandate.objects.get()
    assert (mandate.bank_account, mandate.account_ending) == (None, "45")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"account_holder": ""}, "Enter the name on the account"),
        ({"account_holder": "4242424242424242"}, "Do not enter a card number here"),
        ({"email": "x"}, "Enter an email address"),
        ({"sort_code": "12345"}, "A sort code has 6 digits"),
        ({"account_number": "1234567"}, "An account number has 8 digits"),
        ({"can_agree_alone": ""}, "nobody else has to agree"),
    ],
)
def test_mistakes_on_the_form(api: Client, account: GatewayAccount, change: dict[str, str], message: str) -> None:
    payer = Payer(create_mandate(api))
    payer.enter()
    page = payer.browser.post(payer.path(), {**ANSWERS, **change})
    assert message in page.content.decode()
    assert "00012345" not in page.content.decode()
    assert Mandate.objects.get().bank_account is None


def test_unknown_account_can_be_corrected(api: Client, account: GatewayAccount) -> None:
    payer = Payer(create_mandate(api))
    page = payer.agree(account_number="99999999")
    assert "Your bank does not know" in page.content.decode()
    assert Mandate.objects.get().status == states.STARTED
    assert "is set up" in payer.agree().content.decode()


def test_pressing_twice_makes_one_mandate(api: Client, account: GatewayAccount) -> None:
    payer = Payer(create_mandate(api))
    payer.agree()
    page = payer.browser.post(payer.path("confirm"), follow=True)
    assert "is set up" in page.content.decode()
    assert SandboxMandate.objects.count() == 1


def test_other_browsers_see_nothing(api: Client, account: GatewayAccount) -> None:
    payer = Payer(create_mandate(api))
    payer.enter()
    for stage in ("", "confirm", "cancel", "back", "return"):
        assert Client().get(payer.path(stage)).status_code == 403
    assert Client().get(payer.entry).status_code == 403
    assert payer.browser.get(payer.entry).status_code == 303


def test_form_of_the_service_opens_it_too(api: Client, account: GatewayAccount) -> None:
    link = create_mandate(api)["_links"]["next_url_post"]
    answer = Client(enforce_csrf_checks=True).post(urlsplit(link["href"]).path, link["params"])
    assert answer.status_code == 303


@pytest.mark.parametrize("way", ["cancel", "return", "time"])
def test_mandate_that_is_not_finished_is_abandoned(
    api: Client, account: GatewayAccount, move_clock: Any, way: str
) -> None:
    payer = Payer(create_mandate(api))
    payer.enter()
    payer.browser.post(payer.path(), ANSWERS)
    if way == "time":
        move_clock(timedelta(minutes=91))
        sweep_direct_debits()
    else:
        payer.browser.generic("POST" if way == "cancel" else "GET", payer.path(way))
    assert get(api, "mandates", payer.id)["state"]["status"] == "abandoned"
    assert Mandate.objects.get().bank_account is None


def test_lost_answer_is_found_again(api: Client, account: GatewayAccount) -> None:
    mandate_id = agreed(api)
    Mandate.objects.update(status=states.SUBMITTING, due_at=now())
    payment_id = collect_when_possible(api, mandate_id)
    assert get(api, "mandates", mandate_id)["state"]["status"] == "pending"
    DirectDebit.objects.update(status=states.SUBMITTING, due_at=now())
    sweep_direct_debits()
    assert get(api, "payments", payment_id)["state"]["status"] == "pending"
    assert SandboxCollection.objects.count() == 1


def collect_when_possible(api: Client, mandate_id: str) -> str:
    assert collect(api, mandate_id).status_code == 422
    sweep_direct_debits()
    payment_id = collect(api, mandate_id).json()["payment_id"]
    sweep_direct_debits()
    return str(payment_id)


def test_request_that_never_arrived_is_sent_again(api: Client, account: GatewayAccount) -> None:
    payment_id = collect(api, agreed(api)).json()["payment_id"]
    DirectDebit.objects.update(status=states.SUBMITTING, due_at=now())
    sweep_direct_debits()
    DirectDebit.objects.update(due_at=now())
    sweep_direct_debits()
    assert get(api, "payments", payment_id)["state"]["status"] == "pending"


def test_nothing_is_collected_once_the_mandate_is_gone(api: Client, account: GatewayAccount) -> None:
    payment_id = collect(api, agreed(api)).json()["payment_id"]
    Mandate.objects.update(status=states.CANCELLED)
    sweep_direct_debits()
    assert get(api, "payments", payment_id)["state"]["status"] == "cancelled"
    assert not SandboxCollection.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"reference": None}, 400, "P0101", "reference"),
        ({"return_url": None}, 400, "P0101", "return_url"),
        ({"reference": "x" * 256}, 422, "P0102", "reference"),
        ({"reference": "<b>"}, 400, "P0102", "reference"),
        ({"reference": "4242424242424242"}, 400, "P0105", "reference"),
        ({"description": 7}, 400, "P0102", "description"),
        ({"return_url": "nowhere"}, 422, "P0102", "return_url"),
        ({"language": "xx"}, 422, "P0102", "language"),
    ],
)
def test_wrong_mandates(
    api: Client, account: GatewayAccount, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    order = {name: value for name, value in {**ORDER, **change}.items() if value is not None}
    answer = api.post("/v1/directdebit/mandates", order, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"amount": None}, 400, "P0101", "amount"),
        ({"amount": "12"}, 400, "P0102", "amount"),
        ({"amount": 99}, 422, "P0102", "amount"),
        ({"amount": 10_000_001}, 422, "P0102", "amount"),
        ({"mandate_id": None}, 400, "P0101", "mandate_id"),
        ({"mandate_id": "x" * 26}, 422, "P0102", "mandate_id"),
        ({"description": "a|b"}, 400, "P0102", "description"),
    ],
)
def test_wrong_payments(
    api: Client, account: GatewayAccount, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    order = {"amount": 100, "reference": "r", "description": "d", "mandate_id": agreed(api), **change}
    order = {name: value for name, value in order.items() if value is not None}
    answer = api.post("/v1/directdebit/payments", order, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    assert not DirectDebit.objects.exists()


def test_searches(api: Client, account: GatewayAccount) -> None:
    first, second = agreed(api), str(create_mandate(api, reference="OTHER")["mandate_id"])
    payment_id = collect(api, first).json()["payment_id"]
    for query, found in [
        ("", [second, first]),
        ("?reference=other", [second]),
        ("?state=pending", [first]),
        ("?email=SAM@", [first]),
        ("?name=lee", [first]),
        ("?from_date=2000-01-01T00:00:00Z", [second, first]),
        ("?to_date=2000-01-01T00:00:00Z", []),
    ]:
        page = api.get(f"/v1/directdebit/mandates{query}").json()
        assert [one["mandate_id"] for one in page["results"]] == found, query
    for query, total in [("", 1), (f"?mandate_id={first}", 1), (f"?mandate_id={second}", 0), ("?state=created", 1)]:
        assert api.get(f"/v1/directdebit/payments{query}").json()["total"] == total
    wrong = api.get("/v1/directdebit/mandates?state=nope&page=0")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "P0401")
    assert api.get("/v1/directdebit/payments?page=2").json()["code"] == "P0402"
    assert api.get(f"/v1/directdebit/payments/{payment_id}").json()["_links"]["mandate"]["href"].endswith(first)


def test_answers_follow_the_schema(api: Client, account: GatewayAccount, move_clock: Any) -> None:
    document = create_mandate(api)
    Draft202012Validator(MANDATE).validate(document)
    Payer(document).agree()
    Draft202012Validator(MANDATE).validate(get(api, "mandates", document["mandate_id"]))
    payment = collect(api, document["mandate_id"]).json()
    Draft202012Validator(DIRECT_DEBIT).validate(payment)
    pass_days(move_clock, 4)
    Draft202012Validator(DIRECT_DEBIT).validate(get(api, "payments", payment["payment_id"]))


def test_other_services_and_live_keys_see_nothing(
    api: Client, account: GatewayAccount, live_account: GatewayAccount, live_api: Client
) -> None:
    mandate_id = agreed(api)
    assert live_api.get(f"/v1/directdebit/mandates/{mandate_id}").status_code == 404
    assert live_api.get("/v1/directdebit/mandates").json()["total"] == 0
    assert collect(live_api, mandate_id).json()["description"].endswith("Mandate ID does not exist")
    assert api.get("/v1/directdebit/mandates/rubbish").status_code == 404


def test_every_word_of_the_provider_has_a_status() -> None:
    from gaap_payments.services.mandates import TARGETS

    assert set(TARGETS) == set(MandateOutcome) - {MandateOutcome.UNKNOWN, MandateOutcome.OPEN}


def test_repeat_with_the_same_key_makes_one(api: Client, account: GatewayAccount) -> None:
    headers = {"Idempotency-Key": "one"}
    made = [
        api.post("/v1/directdebit/mandates", ORDER, content_type="application/json", headers=headers).json()[
            "mandate_id"
        ]
        for _ in range(2)
    ]
    assert len(set(made)) == 1
    assert Mandate.objects.count() == 1


def test_disabled_accounts_collect_nothing(api: Client, account: GatewayAccount) -> None:
    mandate_id = agreed(api)
    save_account(account.service, provider="sandbox", is_live=False, is_enabled=False, by=TESTER)
    assert collect(api, mandate_id).json()["code"] == "P0941"


def test_documentation_lists_the_accounts() -> None:
    page = (ROOT / "docs" / "reference" / "payments-direct-debit.md").read_text(encoding="utf-8")
    for known in ACCOUNTS.values():
        days = ", ".join(f"day {day}: {outcome}" for day, outcome in known.payments.items())
        assert f"| {known.number} | {known.note} |" in page
        assert f"| {days} |" in page
