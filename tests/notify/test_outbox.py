"""The local outbox: for people, for programs, and only where nothing leaves the machine."""

import pytest
from django.test import override_settings

from gaap_notify.models import SandboxMessage
from gaap_notify.services.delivery import work_on_notification


@pytest.fixture
def sent(send_sms, send_email):
    """An email and, after it, a text, both handed to the sandbox."""
    messages = [send_email(), send_sms()]
    for message in messages:
        work_on_notification(message.id)
    return [str(message.id) for message in messages]


def paths(sent):
    return ["/outbox", "/outbox.json", f"/outbox/{sent[0]}", f"/outbox/{sent[0]}/html"]


def test_page_shows_newest_first(client, sent):
    page = client.get("/outbox").content.decode()
    assert "Dear Ngọc" in page
    assert "Renew a vehicle registration: Hello Ngoc" in page
    assert page.index("Hello Ngoc") < page.index("Dear Ngọc")
    assert "On its way" in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("wanted", ["07700 900123", "+447700900123", "447700900123"])
def test_filter_by_number(client, sent, wanted):
    page = client.get("/outbox", {"to": wanted}).content.decode()
    assert "Hello Ngoc" in page
    assert "Dear Ngọc" not in page


def test_filter_by_address(client, sent):
    page = client.get("/outbox", {"to": " NGOC@example.org "}).content.decode()
    assert "Dear Ngọc" in page
    assert "Hello Ngoc" not in page


def test_filter_that_finds_nothing(client, sent):
    assert "Nothing was sent to this recipient." in client.get("/outbox?to=nobody").content.decode()


def test_empty_outbox(client, db):
    assert "Nothing has been sent yet." in client.get("/outbox").content.decode()
    assert client.get("/outbox.json").json() == {"messages": []}


@pytest.mark.parametrize(("language", "heading"), [("cy", "Blwch allan"), ("vi", "Hộp thư đi")])
def test_other_languages(client, sent, language, heading):
    page = client.get("/outbox", {"lang": language}, follow=True).content.decode()
    assert f"<h1>{heading}</h1>" in page


def test_for_programs(client, sent):
    text, email = client.get("/outbox.json").json()["messages"]
    assert (text["id"], text["type"], text["to"]) == (sent[1], "sms", "+447700900123")
    assert (text["subject"], text["html"], text["status"]) == (None, None, "sending")
    assert (email["id"], email["type"], email["to"]) == (sent[0], "email", "ngoc@example.org")
    assert (email["subject"], email["template"]) == ("Paid £10", "Receipt")
    assert "Dear Ngọc" in email["body"]
    assert "<!doctype html>" in email["html"]


def test_for_programs_by_recipient(client, sent):
    found = client.get("/outbox.json", {"to": "ngoc@example.org"}).json()["messages"]
    assert [message["id"] for message in found] == [sent[0]]


def test_queries_do_not_grow(client, sent, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        client.get("/outbox.json")
    with django_assert_max_num_queries(3):
        client.get("/outbox")


def test_email_is_shown_in_a_frame_of_its_own(client, sent):
    page = client.get(f"/outbox/{sent[0]}")
    assert f'src="/outbox/{sent[0]}/html"' in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


def test_html_of_an_email_can_do_nothing(client, sent):
    SandboxMessage.objects.filter(notification_id=sent[0]).update(html="<script>alert(1)</script>")
    answer = client.get(f"/outbox/{sent[0]}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_texts_are_escaped(client, sent):
    SandboxMessage.objects.update(body="<img src=x>", subject="<b>")
    page = client.get("/outbox").content.decode()
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    assert "<b>" not in page


def test_unknown_message(client, db):
    path = "/outbox/01a1ff92-51b3-7258-b259-c86ed9b28d2c"
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/html").status_code == 404


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("surroundings", [{"GAAP_EMBEDDED": False}, {"GAAP_ENVIRONMENT": "production"}])
def test_it_does_not_exist_elsewhere(client, sent, number, surroundings):
    with override_settings(**surroundings):
        assert client.get(paths(sent)[number]).status_code == 404


def test_only_reading(client, sent):
    assert client.post("/outbox").status_code == 405
