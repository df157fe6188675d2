"""Sending: what is answered, what is stored, and every refusal of the contract (spec A.3 to A.5)."""

import uuid

import pytest
from django.test import override_settings

from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification, NotifySettings, ReplyTo, SmsSender
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import change_template, create_template, set_template_archived
from tests.notify.tokens import NotifyClient

UUID_ELSEWHERE = "b1f6cbd2-3b34-4d0c-8a7f-3b1f0c9f2a11"


def errors_of(answer):
    """The answer's status and its errors as (class, message)."""
    body = answer.json()
    assert body["status_code"] == answer.status_code
    return answer.status_code, [(entry["error"], entry["message"]) for entry in body["errors"]]


def assert_refused(answer, status, error, message):
    assert errors_of(answer) == (status, [(error, message)])
    assert not Notification.objects.exists()


def test_text_message(notify, service, sms_template, sms_body):
    answer = notify.send("sms", {**sms_body, "reference": "case 12"})
    assert answer.status_code == 201
    body = answer.json()
    notification = Notification.objects.get()
    assert body == {
        "id": str(notification.pk),
        "reference": "case 12",
        "content": {"body": "Hello Ngoc", "from_number": "GOVT"},
        "uri": f"http://127.0.0.1:8000/v2/notifications/{notification.pk}",
        "template": {
            "id": str(sms_template.pk),
            "version": 1,
            "uri": f"http://127.0.0.1:8000/services/{service.pk}/templates/{sms_template.pk}",
        },
        "scheduled_for": None,
    }


def test_email(notify, email_body):
    body = notify.send("email", email_body).json()
    assert body["content"] == {
        "from_email": "noreply@notify.localhost",
        "subject": "Paid £10",
        "body": "Dear Ngọc\n\nThank you.",
        "one_click_unsubscribe_url": None,
    }
    assert body["sanitised_content"] == {}
    assert body["reference"] is None
    assert body["scheduled_for"] is None


def test_accepting_writes_one_event_and_says_nothing_of_the_recipient(notify, sms_body):
    notify.send("sms", {**sms_body, "reference": "case 12"})
    event = OutboxEvent.objects.get(name="notification_created")
    assert event.subject == f"notification/{Notification.objects.get().pk}"
    assert event.data == {
        "type": "sms",
        "reference": "case 12",
        "template_id": sms_body["template_id"],
        "template_version": 1,
        "status": "created",
    }


def test_latest_version_is_sent(notify, sms_template, sms_body):
    change_template(sms_template, name="Reminder", body="Dear ((name))", by=TESTER)
    body = notify.send("sms", sms_body).json()
    assert body["content"]["body"] == "Dear Ngoc"
    assert body["template"]["version"] == 2


def test_unicode_alphabet_keeps_vietnamese(notify, service, sms_body):
    change_settings(service, sms_alphabet="unicode", by=TESTER)
    assert notify.send("sms", sms_body).json()["content"]["body"] == "Hello Ngọc"


def test_sender_is_chosen_by_id_or_default(notify, service, sms_body):
    SmsSender.objects.create(service=service, sender="DEFAULT", is_default=True)
    other = SmsSender.objects.create(service=service, sender="OTHER")
    assert notify.send("sms", sms_body).json()["content"]["from_number"] == "DEFAULT"
    chosen = notify.send("sms", {**sms_body, "sms_sender_id": str(other.pk)})
    assert chosen.json()["content"]["from_number"] == "OTHER"


def test_reply_to_is_kept(notify, service, email_body):
    address = ReplyTo.objects.create(service=service, email="help@transport.example")
    assert notify.send("email", {**email_body, "email_reply_to_id": str(address.pk)}).status_code == 201
    assert Notification.objects.get().sender == "help@transport.example"


def test_unsubscribe_address(notify, email_body):
    url = "https://transport.example/stop?id=1"
    body = notify.send("email", {**email_body, "one_click_unsubscribe_url": url}).json()
    assert body["content"]["one_click_unsubscribe_url"] == url


def test_null_and_hidden_leftovers_are_accepted(notify, email_body):
    body = notify.send("email", {**email_body, "scheduled_for": None, "sanitise_content_for": None})
    assert body.status_code == 201


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    "raw", ["", "   ", "{", "nope", "[" * 100_000, '{"reference": "\\u0000"}', '"\\ud800"', b"\xff"]
)
def test_bad_json(notify, channel, raw):
    answer = notify.generic("POST", f"/v2/notifications/{channel}", raw, content_type="application/json")
    assert_refused(answer, 400, "BadRequestError", "Invalid JSON supplied in POST data")


def test_empty_array_is_an_empty_object(notify):
    status, errors = errors_of(notify.send("sms", "[]"))
    assert status == 400
    assert ("ValidationError", "phone_number is a required property") in errors
    assert ("ValidationError", "template_id is a required property") in errors


def test_content_type_does_not_matter(notify, sms_body):
    import json

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"):
        answer = notify.generic("POST", "/v2/notifications/sms", json.dumps(sms_body), content_type=kind)
        assert answer.status_code == 201, kind


@pytest.mark.parametrize("raw", ["5", '"text"', "null", "[1]", "true"])
def test_json_that_is_no_object(notify, raw):
    status, errors = errors_of(notify.send("sms", raw))
    assert status == 400
    assert {error for error, _ in errors} == {"ValidationError"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"template_id": "x"}, "template_id is not a valid UUID"),
        ({"template_id": f"urn:uuid:{UUID_ELSEWHERE}"}, "template_id is not a valid UUID"),
        ({"template_id": 5}, "template_id 5 is not of type string"),
        ({"phone_number": 7700900123}, "phone_number 7700900123 is not of type string"),
        ({"personalisation": None}, "personalisation None is not of type object"),
        ({"personalisation": "x"}, "personalisation x is not of type object"),
        ({"reference": "x" * 1001}, f"reference {'x' * 1001} is too long"),
        ({"sms_sender_id": "1"}, "sms_sender_id is not a valid UUID"),
        ({"extra": 1}, "Additional properties are not allowed (extra was unexpected)"),
        ({"b": 1, "a": 2}, "Additional properties are not allowed (a, b were unexpected)"),
    ],
)
def test_schema_of_text_messages(notify, sms_body, change, message):
    assert_refused(notify.send("sms", {**sms_body, **change}), 400, "ValidationError", message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"one_click_unsubscribe_url": "http://x.example"}, "one_click_unsubscribe_url is not a valid https url"),
        ({"one_click_unsubscribe_url": "https://"}, "one_click_unsubscribe_url is not a valid https url"),
        ({"one_click_unsubscribe_url": "https://x.example/ y"}, "one_click_unsubscribe_url is not a valid https url"),
        ({"one_click_unsubscribe_url": "https://[x"}, "one_click_unsubscribe_url is not a valid https url"),
        ({"email_reply_to_id": "1"}, "email_reply_to_id is not a valid UUID"),
        ({"sanitise_content_for": "name"}, "sanitise_content_for name is not of type array, null"),
        ({"sanitise_content_for": ["name", 5]}, "sanitise_content_for 5 is not of type string"),
    ],
)
def test_schema_of_emails(notify, email_body, change, message):
    assert_refused(notify.send("email", {**email_body, **change}), 400, "ValidationError", message)


def test_several_faults_at_once(notify, sms_template):
    answer = notify.send("sms", {"template_id": "x", "reference": 5})
    assert errors_of(answer) == (
        400,
        [
            ("ValidationError", "phone_number is a required property"),
            ("ValidationError", "reference 5 is not of type string"),
            ("ValidationError", "template_id is not a valid UUID"),
        ],
    )


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("0770090012", "Number is not valid – double check the phone number you entered"),
        ("07700", "Not enough digits"),
        ("077009001234", "Too many digits"),
        ("07700 900 ABC", "Must not contain letters or symbols"),
        ("+999 1234567", "Not a valid country prefix"),
        ("", "Not enough digits"),
    ],
)
def test_malformed_numbers(notify, sms_body, number, message):
    answer = notify.send("sms", {**sms_body, "phone_number": number})
    assert_refused(answer, 400, "ValidationError", f"phone_number {message}")


def test_malformed_address(notify, email_body):
    answer = notify.send("email", {**email_body, "email_address": "nobody@nowhere"})
    assert_refused(answer, 400, "ValidationError", "email_address Not a valid email address")


def test_landline(notify, service, sms_body):
    request = {**sms_body, "phone_number": "020 7946 0000"}
    assert_refused(notify.send("sms", request), 400, "InvalidPhoneError", "Not a UK mobile number")
    change_settings(service, permissions=["sms", "landline_sms"], by=TESTER)
    assert notify.send("sms", request).status_code == 201


def test_abroad(notify, service, sms_body):
    request = {**sms_body, "phone_number": "+84 912 345 678"}
    answer = notify.send("sms", request)
    assert_refused(answer, 400, "BadRequestError", "Cannot send to international mobile numbers")
    change_settings(service, permissions=["sms", "international_sms"], by=TESTER)
    assert notify.send("sms", request).status_code == 201


def test_home_is_where_the_service_says(notify, service, sms_body):
    change_settings(service, default_region="VN", by=TESTER)
    assert notify.send("sms", {**sms_body, "phone_number": "0912 345 678"}).status_code == 201
    assert Notification.objects.get().address == "84912345678"


def test_template_faults(notify, service, other_service, sms_body, sms_template, email_template):
    foreign = create_template(other_service, type="sms", name="Theirs", body="x", by=TESTER)
    for template_id in (UUID_ELSEWHERE, str(foreign.pk)):
        answer = notify.send("sms", {**sms_body, "template_id": template_id})
        assert_refused(answer, 400, "BadRequestError", "Template not found")
    answer = notify.send("sms", {**sms_body, "template_id": str(email_template.pk)})
    assert_refused(answer, 400, "BadRequestError", "email template is not suitable for sms notification")
    set_template_archived(sms_template, is_archived=True, by=TESTER)
    assert_refused(notify.send("sms", sms_body), 400, "BadRequestError", "Template has been deleted")


@pytest.mark.parametrize("given", [{}, {"name": None}])
def test_missing_personalisation_of_a_text(notify, sms_body, given):
    answer = notify.send("sms", {**sms_body, "personalisation": given})
    assert_refused(answer, 400, "BadRequestError", "Missing personalisation: name")


def test_missing_personalisation_names_the_subject_first(notify, email_body):
    answer = notify.send("email", {**email_body, "personalisation": {}})
    assert_refused(answer, 400, "BadRequestError", "Missing personalisation: amount, name")


def test_personalisation_may_be_left_out_without_gaps(notify, service):
    template = create_template(service, type="sms", name="Plain", body="No gaps", by=TESTER)
    answer = notify.send("sms", {"phone_number": "07700900123", "template_id": str(template.pk)})
    assert answer.json()["content"]["body"] == "No gaps"


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_empty_message(notify, service, channel):
    template = create_template(service, type=channel, name="Maybe", subject="S", body="((maybe??Text))", by=TESTER)
    recipient = {"phone_number": "07700900123"} if channel == "sms" else {"email_address": "a@example.org"}
    answer = notify.send(channel, {**recipient, "template_id": str(template.pk), "personalisation": {"maybe": "no"}})
    assert_refused(answer, 400, "BadRequestError", "Your message is empty.")


def test_length_of_texts(notify, sms_body):
    longest = {**sms_body, "personalisation": {"name": "x" * (918 - len("Hello "))}}
    assert notify.send("sms", longest).status_code == 201
    Notification.objects.all().delete()
    answer = notify.send("sms", {**sms_body, "personalisation": {"name": "x" * (919 - len("Hello "))}})
    message = "Your message is too long. Text messages cannot be longer than 918 characters."
    assert_refused(answer, 400, "BadRequestError", f"{message} Your message is 919 characters long.")


def test_size_of_emails(notify, email_body):
    answer = notify.send("email", {**email_body, "personalisation": {"amount": "1", "name": "x" * 2_000_000}})
    size = 2_000_000 + len("Dear \n\nThank you.")
    message = f"Your message is too long. Emails cannot be longer than 2000000 bytes. Your message is {size} bytes."
    assert_refused(answer, 400, "BadRequestError", message)


def test_unknown_sender_and_reply_to(notify, service, other_service, sms_body, email_body):
    foreign = SmsSender.objects.create(service=other_service, sender="THEIRS")
    answer = notify.send("sms", {**sms_body, "sms_sender_id": str(foreign.pk)})
    message = f"sms_sender_id {foreign.pk} does not exist in database for service id {service.pk}"
    assert_refused(answer, 400, "BadRequestError", message)
    answer = notify.send("email", {**email_body, "email_reply_to_id": UUID_ELSEWHERE})
    message = f"email_reply_to_id {UUID_ELSEWHERE} does not exist in database for service id {service.pk}"
    assert_refused(answer, 400, "BadRequestError", message)


def test_channel_permission(notify, service, sms_body, email_body):
    NotifySettings.objects.create(service=service, permissions=[])
    answer = notify.send("sms", sms_body)
    assert_refused(answer, 400, "BadRequestError", "Service is not allowed to send text messages")
    answer = notify.send("email", email_body)
    assert_refused(answer, 400, "BadRequestError", "Service is not allowed to send emails")


def test_files(notify, service, sms_body, email_body):
    file = {"file": "aGVsbG8=", "filename": None, "confirm_email_before_download": None, "retention_period": None}
    answer = notify.send("sms", {**sms_body, "personalisation": {"name": file}})
    assert_refused(answer, 400, "BadRequestError", "Can only send a file by email")
    answer = notify.send("email", {**email_body, "personalisation": {"name": file, "amount": "1"}})
    message = "Send files by email has not been set up - add contact details for your service at"
    assert_refused(
        answer,
        400,
        "BadRequestError",
        f"{message} http://127.0.0.1:8000/services/{service.pk}/service-settings/send-files-by-email",
    )


def test_unknown_channel(notify):
    answer = notify.send("fax", {})
    assert (answer.status_code, answer.json()["result"]) == (404, "error")


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_too_large_a_request(notify, email_body):
    status, errors = errors_of(notify.send("email", {**email_body, "reference": "x" * 200}))
    assert (status, errors[0][0]) == (413, "BadRequestError")


def test_sanitising(notify, email_body):
    given = {"name": "User, [click here](https://evil.example/x)", "amount": "1"}
    body = notify.send("email", {**email_body, "personalisation": given, "sanitise_content_for": ["NAME"]}).json()
    assert body["content"]["body"] == "Dear User, \\[click here\\]\\(\\)\n\nThank you."
    assert body["sanitised_content"] == {
        "NAME": {"unsanitised": given["name"], "sanitised": "User, \\[click here\\]\\(\\)"}
    }


def test_sanitising_a_list(notify, email_body):
    given = {"name": ["a.example", "*b*", 3], "amount": "1"}
    body = notify.send("email", {**email_body, "personalisation": given, "sanitise_content_for": ["name"]}).json()
    assert body["content"]["body"] == "Dear \n\n* a\\. example\n* \\*b\\*\n* 3\n\nThank you."


def test_subject_shows_no_backslash(notify, email_body):
    given = {"name": "x", "amount": "10.50 (*)"}
    body = notify.send("email", {**email_body, "personalisation": given, "sanitise_content_for": ["amount"]}).json()
    assert body["content"]["subject"] == "Paid 10.50 (*)"


def test_recipient_and_text_are_encrypted_at_rest(notify, sms_body):
    from django.db import connection

    notify.send("sms", sms_body)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gaap_notify_notification")
        stored = " ".join(str(value) for value in cursor.fetchone())
    assert "7700900123" not in stored
    assert "Ngoc" not in stored


def test_repeat_with_the_same_idempotency_key_makes_one_message(notify, sms_body):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = notify.send("sms", sms_body, headers=key)
    again = notify.send("sms", sms_body, headers=key)
    assert first.json() == again.json()
    assert Notification.objects.count() == 1
    other = notify.send("sms", {**sms_body, "reference": "another"}, headers=key)
    assert (other.status_code, other.json()["errors"][0]["error"]) == (409, "BadRequestError")


def test_malformed_idempotency_key(notify, sms_body):
    status, errors = errors_of(notify.send("sms", sms_body, headers={"Idempotency-Key": "a b"}))
    assert (status, errors[0][0]) == (400, "ValidationError")


def test_scope_is_needed(service, sms_body):
    from gaap.keys.services import create_api_key

    reader = create_api_key(service, name="reader", type="test", scopes=["notify:read"], by=TESTER)
    status, errors = errors_of(NotifyClient(reader.api_key).send("sms", sms_body))
    assert (status, errors[0][0]) == (403, "AuthError")
    assert NotifyClient(reader.api_key).get("/v2/notifications").status_code == 200
