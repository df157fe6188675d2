"""A person sees what is kept of them and has it erased; the accounts keep their minimum, the audit says who and why."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.privacy.models import SubjectRequest
from gaap.privacy.people import Subject
from gaap.privacy.subjects import PurposeMissingError, count_records, erase_subject, export_subject
from gaap.testing.plugin import TESTER
from gaap.webhooks.models import Delivery
from gaap_identity.models import Account
from gaap_identity.models.accounts import email_digest
from gaap_notify.models import GuestListEntry, Notification, ReceivedText
from gaap_notify.services.service_settings import recipient_digest
from gaap_payments.models import Payment
from tests.platform.planting import Planter, found_in_database
from tests.platform.test_operator_acts import grow_stale

pytestmark = pytest.mark.django_db
EMAIL, PHONE = "ngoc.canary@example.org", "+84912345678"
DIGITS = PHONE.removeprefix("+")
WHY = "Case 7"


@pytest.fixture
def person():
    """Somebody whom every component knows, with a planted value in every column that is theirs."""
    planter = Planter()
    planter.plant_everywhere()
    account = planter.plant("gaap_identity.Account")
    account.email, account.phone, account.email_digest = EMAIL, PHONE, email_digest(EMAIL)
    account.save()
    Payment.objects.update(email=EMAIL.title())
    Notification.objects.update(recipient=EMAIL, recipient_digest=recipient_digest(EMAIL))
    ReceivedText.objects.update(user_number=DIGITS, user_digest=recipient_digest(DIGITS))
    GuestListEntry.objects.update(recipient=EMAIL, recipient_digest=recipient_digest(EMAIL))
    return planter


@pytest.fixture
def subject(person):
    return Subject.known_by(email=EMAIL)


def test_export_brings_what_every_component_keeps(subject, person):
    found = {record.noun: record for record in export_subject(subject, by=TESTER, purpose=WHY)}
    expected = {"account", "core_identity", "sign_in", "identity_check", "payment", "notification", "received_text"}
    assert found.keys() >= expected
    assert found["payment"].values["email"] == EMAIL.title()
    assert found["notification"].values["recipient"] == EMAIL
    assert found["received_text"].values["user_number"] == DIGITS


@pytest.mark.parametrize("known_by", [{"email": EMAIL.upper()}, {"email": f" {EMAIL} "}])
def test_an_address_is_found_however_it_is_written(person, known_by):
    assert count_records(Subject.known_by(**known_by))["account"] == 1


def test_an_account_brings_its_address_and_its_number(person):
    account = Account.objects.get()
    counts = count_records(Subject.known_by(account=account.pk))
    assert counts["notification"] == counts["payment"] == counts["received_text"] == 1


def test_a_number_finds_messages_and_no_account(person):
    counts = count_records(Subject.known_by(phone=PHONE))
    assert counts == {"received_text": 1}


def test_erasure_leaves_nothing_of_the_person_but_what_the_accounts_need(subject, person):
    payment = Payment.objects.get()
    delivered = Delivery.objects.get()
    Delivery.objects.filter(pk=delivered.pk).update(subject=f"payment/{payment.pk}")
    erase_subject(subject, by=TESTER, purpose=WHY)
    identity = {"Account", "CoreIdentity", "SignIn", "IdentityCheck", "Evidence", "BrowserSession"}
    gone = identity | {"ReceivedText", "Notification", "GuestListEntry", "SandboxCharge", "Delivery", "DeliveryAttempt"}
    left = {person.canaries[canary] for canary in found_in_database(set(person.canaries))}
    assert [name for name in left if name.split(".")[1] in gone] == []
    assert not {EMAIL, EMAIL.title(), PHONE, DIGITS} & found_in_database({EMAIL, EMAIL.title(), PHONE, DIGITS})
    assert {name for name in left if name.startswith("gaap_payments.Payment.")} == {"gaap_payments.Payment.reference"}
    payment.refresh_from_db()
    assert (payment.amount, payment.currency, payment.email) == (1, "GBP", "")


def test_what_is_still_on_its_way_is_kept_and_goes_the_next_time(subject, person):
    Notification.objects.update(status="sending")
    Payment.objects.update(status="started")
    first = {erasure.noun: erasure for erasure in erase_subject(subject, by=TESTER, purpose=WHY)}
    assert (first["notification"].kept, first["payment"].kept) == (1, 1)
    assert Notification.objects.get().recipient == EMAIL
    Notification.objects.update(status="delivered")
    Payment.objects.update(status="captured")
    again = {erasure.noun: erasure for erasure in erase_subject(subject, by=TESTER, purpose=WHY)}
    assert (again["notification"].erased, again["payment"].erased) == (1, 1)


def test_others_are_left_alone(person):
    before = found_in_database(set(person.canaries))
    erase_subject(Subject.known_by(email="somebody.else@example.org"), by=TESTER, purpose=WHY)
    assert found_in_database(set(person.canaries)) == before


@pytest.mark.parametrize(
    ("act", "action"),
    [(export_subject, "subject_exported"), (erase_subject, "subject_erased")],
    ids=["export", "erase"],
)
def test_both_are_audited_with_purpose_and_without_a_name(subject, act, action):
    act(subject, by=TESTER, purpose=WHY)
    event = AuditEvent.objects.get(action=action)
    assert (event.purpose, event.actor_id) == (WHY, TESTER.id)
    assert EMAIL not in f"{event.after} {SubjectRequest.objects.values().latest('pk')}"


@pytest.mark.parametrize("act", [export_subject, erase_subject])
def test_without_a_purpose_nothing_happens(subject, person, act):
    before = found_in_database(set(person.canaries))
    with pytest.raises(PurposeMissingError), transaction.atomic():
        act(subject, by=TESTER, purpose=" ")
    assert found_in_database(set(person.canaries)) == before


def test_export_command_writes_json_and_a_page(subject, tmp_path):
    out = StringIO()
    call_command("subject_export", "--email", EMAIL, "--purpose", WHY, stdout=out)
    kinds = {record["kind"] for record in json.loads(out.getvalue())["records"]}
    assert {"account", "payment", "notification"} <= kinds
    page = tmp_path / "page.html"
    args = ("--email", EMAIL, "--purpose", WHY, "--format", "html", "--output", str(page))
    call_command("subject_export", *args, stdout=StringIO(), stderr=StringIO())
    text = page.read_text(encoding="utf-8")
    assert "<h1>What is kept about you</h1>" in text
    assert EMAIL in text


def test_erase_command_counts_first_and_erases_when_told(subject):
    counted, erased = StringIO(), StringIO()
    call_command("erase_subject", "--email", EMAIL, "--purpose", WHY, stdout=counted)
    assert "account: 1" in counted.getvalue()
    assert Account.objects.exists()
    call_command("erase_subject", "--email", EMAIL, "--purpose", WHY, "--yes", stdout=erased)
    assert "account: 1 erased, 0 kept" in erased.getvalue()
    assert not Account.objects.exists()


@pytest.mark.parametrize("who", [[], ["--account", "seven"]])
def test_commands_refuse_who_is_nobody(db, who):
    with pytest.raises(CommandError):
        call_command("subject_export", *who, "--purpose", WHY, stdout=StringIO())


def ask(client, act, **changes):
    form = {"email": EMAIL, "phone": "", "account": "", "purpose": WHY, "act": act, **changes}
    return client.post(reverse("admin:gaap_subjectrequest_ask"), form)


def test_operator_downloads_a_page_and_json(operator_client, operator, subject):
    page, data = ask(operator_client, "page"), ask(operator_client, "json")
    assert "attachment" in page["Content-Disposition"]
    assert EMAIL in page.content.decode()
    assert {"account", "payment"} <= {record["kind"] for record in data.json()["records"]}
    assert AuditEvent.objects.filter(action="subject_exported", actor_label=operator.username).count() == 2


def test_operator_erases_after_being_asked(operator_client, operator, subject):
    asked = ask(operator_client, "erase").content.decode()
    assert "cannot be undone" in asked
    assert Account.objects.exists()
    done = ask(operator_client, "erase-now").content.decode()
    assert "account: 1 erased" in done
    assert EMAIL not in done
    assert not Account.objects.exists()
    assert AuditEvent.objects.get(action="subject_erased").actor_label == operator.username


@pytest.mark.parametrize("act", ["page", "json", "erase", "erase-now"])
def test_operator_must_have_proved_who_they_are(operator_client, subject, act):
    grow_stale(operator_client)
    answer = ask(operator_client, act)
    assert answer.status_code == 302
    assert EMAIL not in answer["Location"]
    assert Account.objects.exists()
    assert not SubjectRequest.objects.filter(purpose=WHY).exists()


@pytest.mark.parametrize("changes", [{"email": ""}, {"purpose": ""}, {"email": "", "account": "x"}])
def test_operator_must_say_who_and_why(operator_client, subject, changes):
    answer = ask(operator_client, "erase-now", **changes)
    assert "errorlist" in answer.content.decode()
    assert Account.objects.exists()


def test_the_list_leads_there(operator_client, subject):
    ask(operator_client, "json")
    page = operator_client.get(reverse("admin:gaap_subjectrequest_changelist")).content.decode()
    assert reverse("admin:gaap_subjectrequest_ask") in page
    assert WHY in page
