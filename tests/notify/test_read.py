"""Reading messages and templates back (spec A.7, A.8, A.10)."""

import uuid
from datetime import timedelta

import pytest
from django.test import override_settings

from gaap.clock import now
from gaap.testing.plugin import TESTER
from gaap_notify.models import Notification
from gaap_notify.services import notifications
from gaap_notify.services.templates import change_template, create_template, set_template_archived
from tests.notify.tokens import NotifyClient

KEYS = {
    *("id", "reference", "email_address", "phone_number", "line_1", "line_2", "line_3", "line_4", "line_5", "line_6"),
    *("postcode", "type", "status", "template", "body", "subject", "created_at", "created_by_name", "sent_at"),
    *("completed_at", "scheduled_for", "postage", "one_click_unsubscribe_url", "cost_details", "cost_in_pounds"),
    "is_cost_data_ready",
}


def assert_not_found(answer):
    assert answer.json() == {
        "status_code": 404,
        "errors": [{"error": "NoResultFound", "message": "No result found"}],
    }
    assert answer.status_code == 404


def test_one_text(notify, sms_template, send_sms):
    message = send_sms("07700 900 123", reference="case 12")
    body = notify.get(f"/v2/notifications/{message.id}").json()
    assert set(body) == KEYS
    row = Notification.objects.get()
    assert body["phone_number"] == "07700 900 123"
    assert body["email_address"] is None
    assert body["subject"] is None
    assert body["body"] == "Hello Ngoc"
    assert body["reference"] == "case 12"
    assert body["status"] == "created"
    assert body["created_at"] == row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert body["template"]["uri"] == f"http://127.0.0.1:8000/v2/template/{sms_template.pk}/version/1"
    assert (body["cost_details"], body["cost_in_pounds"], body["is_cost_data_ready"]) == ({}, None, False)


def test_one_email(notify, send_email):
    body = notify.get(f"/v2/notifications/{send_email().id}").json()
    assert body["email_address"] == "ngoc@example.org"
    assert body["phone_number"] is None
    assert body["subject"] == "Paid £10"
    assert (body["cost_details"], body["cost_in_pounds"], body["is_cost_data_ready"]) == ({}, 0.0, True)


@override_settings(GAAP_NOTIFY={"SMS_RATE": "0.024"})
@pytest.mark.parametrize(("key_type", "cost"), [("live", 0.024), ("test", 0.0)])
def test_cost_of_a_sent_text(notify, send_sms, key_type, cost):
    message = send_sms(key_type=key_type)
    Notification.objects.update(status="sending", sent_at=now())
    body = notify.get(f"/v2/notifications/{message.id}").json()
    assert body["cost_in_pounds"] == cost
    assert body["cost_details"] == {
        "billable_sms_fragments": 1 if cost else 0,
        "international_rate_multiplier": 1,
        "sms_rate": 0.024,
    }


def test_any_key_of_the_service_reads_by_id(live_key, send_sms):
    message = send_sms(key_type="test")
    assert NotifyClient(live_key.api_key).get(f"/v2/notifications/{message.id}").status_code == 200


def test_somebody_elses_message_does_not_exist(other_key, send_sms):
    assert_not_found(NotifyClient(other_key.api_key).get(f"/v2/notifications/{send_sms().id}"))


def test_unknown_message(notify):
    assert_not_found(notify.get(f"/v2/notifications/{uuid.uuid4()}"))


@pytest.mark.parametrize("name", ["x", "sms", "123", "%20", "01a1ff92-51b3-7258-b259-c86ed9b28d2"])
def test_bad_id(notify, name):
    answer = notify.get(f"/v2/notifications/{name}")
    message = "notification_id is not a valid UUID"
    assert answer.json() == {"status_code": 400, "errors": [{"error": "ValidationError", "message": message}]}


@pytest.fixture
def sent(send_sms, send_email):
    """Three messages of the test key, oldest first, and one of the live key."""
    messages = [send_sms(reference="a"), send_email(reference="b"), send_sms(reference="a")]
    send_sms(key_type="live")
    for minutes, message in enumerate(messages):
        Notification.objects.filter(pk=message.id).update(created_at=now() + timedelta(minutes=minutes))
    return [str(message.id) for message in messages]


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [entry["id"] for entry in answer.json()["notifications"]]


def test_list_is_newest_first_and_only_of_the_keys_type(notify, sent):
    answer = notify.get("/v2/notifications")
    assert ids(answer) == sent[::-1]
    assert answer.json()["links"] == {
        "current": "http://127.0.0.1:8000/v2/notifications",
        "next": f"http://127.0.0.1:8000/v2/notifications?older_than={sent[0]}",
    }


def test_paging(notify, sent, monkeypatch):
    monkeypatch.setattr(notifications, "PAGE_SIZE", 2)
    first = notify.get("/v2/notifications?template_type=sms&template_type=email")
    assert ids(first) == [sent[2], sent[1]]
    link = first.json()["links"]["next"].removeprefix("http://127.0.0.1:8000")
    assert link == f"/v2/notifications?template_type=sms&template_type=email&older_than={sent[1]}"
    second = notify.get(link)
    assert ids(second) == [sent[0]]
    last = notify.get(second.json()["links"]["next"].removeprefix("http://127.0.0.1:8000"))
    assert ids(last) == []
    assert "next" not in last.json()["links"]


def test_paging_through_messages_of_one_moment(notify, send_sms, monkeypatch):
    monkeypatch.setattr(notifications, "PAGE_SIZE", 2)
    wanted = {str(send_sms().id) for _ in range(5)}
    Notification.objects.update(created_at=now())
    found, link = [], "/v2/notifications"
    while link:
        answer = notify.get(link)
        found += ids(answer)
        link = answer.json()["links"].get("next", "").removeprefix("http://127.0.0.1:8000")
    assert len(found) == 5
    assert set(found) == wanted


@pytest.mark.parametrize("older_than", ["0f0cbd1e-77b5-4b57-8d8e-1a2a92a6a1cf"])
def test_older_than_something_unknown(notify, sent, older_than):
    assert ids(notify.get(f"/v2/notifications?older_than={older_than}")) == []


def test_older_than_another_services_message(other_key, sent):
    assert ids(NotifyClient(other_key.api_key).get(f"/v2/notifications?older_than={sent[2]}")) == []


def test_filters(notify, sent):
    Notification.objects.filter(pk=sent[0]).update(status="permanent-failure")
    Notification.objects.filter(pk=sent[1]).update(status="delivered")
    for query, wanted in {
        "reference=a": [sent[2], sent[0]],
        "reference=": [],
        "template_type=email": [sent[1]],
        "template_type=letter": [],
        "status=created": [sent[2]],
        "status=failed": [sent[0]],
        "status=accepted": [sent[2]],
        "status=received": [sent[1]],
        "status=delivered&status=failed": [sent[1], sent[0]],
        "status=returned-letter": [],
        "include_jobs=True": sent[::-1],
        "reference=a&status=created&template_type=sms": [sent[2]],
    }.items():
        assert ids(notify.get(f"/v2/notifications?{query}")) == wanted, query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("older_than=x", "older_than is not a valid UUID"),
        ("template_type=fax", "template_type fax is not one of [sms, email, letter]"),
        ("include_jobs=1", "include_jobs 1 is not one of [true, True]"),
        ("page=2", "Additional properties are not allowed (page was unexpected)"),
        ("reference=%00", "The query holds characters that cannot be stored"),
    ],
)
def test_bad_queries(notify, query, message):
    answer = notify.get(f"/v2/notifications?{query}")
    assert answer.json() == {"status_code": 400, "errors": [{"error": "ValidationError", "message": message}]}


def test_unknown_status(notify):
    message = notify.get("/v2/notifications?status=lost").json()["errors"][0]["message"]
    assert message.startswith(
        "status lost is not one of [cancelled, created, sending, sent, delivered, pending, failed"
    )


def test_template(notify, service, email_template):
    body = notify.get(f"/v2/template/{email_template.pk}").json()
    assert body == {
        "id": str(email_template.pk),
        "type": "email",
        "name": "Receipt",
        "created_at": email_template.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "updated_at": None,
        "created_by": "tests",
        "version": 1,
        "body": "Dear ((name))\n\nThank you.",
        "subject": "Paid ((amount))",
        "postage": None,
        "letter_contact_block": None,
        "personalisation": {"amount": {"required": True}, "name": {"required": True}},
    }


def test_template_versions(notify, sms_template):
    change_template(sms_template, name="Reminder", body="Dear ((name??friend))", by=TESTER)
    path = f"/v2/template/{sms_template.pk}"
    assert notify.get(f"{path}/version/1").json()["body"] == "Hello ((name))"
    assert notify.get(f"{path}/version/2").json()["body"] == "Dear ((name??friend))"
    assert notify.get(f"{path}/version/0").json()["version"] == 2
    latest = notify.get(path).json()
    assert latest["version"] == 2
    assert latest["updated_at"] is not None
    assert latest["personalisation"] == {"name": {"required": True}}
    assert_not_found(notify.get(f"{path}/version/3"))
    assert_not_found(notify.get(f"{path}/version/{10**30}"))
    assert notify.get(f"{path}/version/x").json()["result"] == "error"


def test_archived_template_is_read_and_not_listed(notify, sms_template):
    set_template_archived(sms_template, is_archived=True, by=TESTER)
    assert notify.get(f"/v2/template/{sms_template.pk}").status_code == 200
    assert notify.get("/v2/templates").json() == {"templates": []}


def test_template_faults(notify, other_service):
    foreign = create_template(other_service, type="sms", name="Theirs", body="x", by=TESTER)
    for path in (f"/v2/template/{foreign.pk}", f"/v2/template/{foreign.pk}/version/1"):
        assert_not_found(notify.get(path))
    assert_not_found(notify.post(f"/v2/template/{foreign.pk}/preview", {}, content_type="application/json"))
    answer = notify.get("/v2/template/x")
    assert answer.json()["errors"] == [{"error": "ValidationError", "message": "id is not a valid UUID"}]


def test_templates_by_name_and_type(notify, service, sms_template, email_template, django_assert_num_queries):
    create_template(service, type="sms", name="Receipt", body="x", by=TESTER)
    notify.get("/v2/templates")
    with django_assert_num_queries(2):
        found = notify.get("/v2/templates").json()["templates"]
    assert [(entry["name"], entry["type"]) for entry in found] == [
        ("Receipt", "email"),
        ("Receipt", "sms"),
        ("Reminder", "sms"),
    ]
    assert [entry["name"] for entry in notify.get("/v2/templates?type=email").json()["templates"]] == ["Receipt"]


def test_templates_of_unknown_type(notify):
    message = notify.get("/v2/templates?type=fax").json()["errors"][0]["message"]
    assert message == "type fax is not one of [sms, email, letter]"


def test_preview(notify, email_template, sms_template):
    def preview(template, body):
        return notify.post(f"/v2/template/{template.pk}/preview", body, content_type="application/json")

    answer = preview(email_template, {"personalisation": {"name": "<b>", "amount": 3, "more": 1}, "extra": 1}).json()
    assert answer["body"] == "Dear <b>\n\nThank you."
    assert answer["subject"] == "Paid 3"
    assert "Dear &lt;b&gt;" in answer["html"]
    assert (answer["id"], answer["version"], answer["postage"]) == (str(email_template.pk), 1, None)
    text = preview(sms_template, {"personalisation": {"name": "Ann"}}).json()
    assert (text["body"], text["html"], text["subject"]) == ("Hello Ann", None, None)
    missing = preview(sms_template, "").json()
    assert missing["errors"] == [{"error": "BadRequestError", "message": "Missing personalisation: name"}]
    for bad in ("5", '{"personalisation": 5}'):
        assert preview(sms_template, bad).status_code == 400


def test_headers_on_every_answer(notify):
    for answer in (notify.get("/v2/templates"), notify.get("/v2/nothing"), notify.put("/v2/templates")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Cache-Control"] == "no-store, no-cache, private, must-revalidate"
        assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_browsers_question_needs_no_token(client, db):
    answer = client.options("/v2/templates")
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/v2/", "/v2/nothing", "/v2/notifications/", "/v2/template", "/v2/template/x/y"])
def test_unknown_addresses(client, db, path):
    answer = client.post(path)
    assert answer.status_code == 404
    assert answer.json()["result"] == "error"
    assert answer.json()["message"].startswith("The requested URL was not found on the server.")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v2/notifications"),
        ("POST", "/v2/notifications"),
        ("DELETE", "/v2/notifications/sms"),
        ("POST", "/v2/templates"),
    ],
)
def test_wrong_methods_are_told_without_a_token(client, db, method, path):
    answer = client.generic(method, path)
    assert answer.status_code == 405
    assert answer.json() == {"result": "error", "message": "The method is not allowed for the requested URL."}


def test_unexpected_faults_keep_the_shape(notify, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("gaap_notify.api.v2.notifications.list_notifications", fail)
    answer = notify.get("/v2/notifications")
    assert answer.status_code == 500
    assert answer.json() == {
        "status_code": 500,
        "errors": [{"error": "RuntimeError", "message": "Internal server error"}],
    }
    assert "Unexpected error" in caplog.text
