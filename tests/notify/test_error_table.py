"""Every error row of the contract (spec, part A): status, class, message, and nothing stored.

One row is one refusal: ``ask`` makes the request, and the answer's status, class and message are compared whole.
"""

import base64
import json
import mimetypes
import time
from datetime import timedelta

import pytest
from django.test import Client

from gaap.clock import now
from gaap.conf import conf
from gaap.keys.services import create_api_key, revoke_api_key
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent
from gaap.testing.plugin import TESTER
from gaap_notify.models import Letter, Notification, SharedFile, VaultFile
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import create_template, set_template_archived
from tests.notify.tokens import NotifyClient, make_token, token_for

ELSEWHERE = "b1f6cbd2-3b34-4d0c-8a7f-3b1f0c9f2a11"
JSON_FAULT = (400, "BadRequestError", "Invalid JSON supplied in POST data")
MALFORMED = (
    "Invalid token: make sure your API token matches the example at "
    "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)
CLOCK = "Error: Your system clock must be accurate to within 30 seconds"
NOT_VALID = "Number is not valid – double check the phone number you entered"
TRIAL = (
    "Can’t send to this recipient when service is in trial mode"
    " – see https://www.notifications.service.gov.uk/trial-mode"
)
TEAM = "Can’t send to this recipient using a team-only API key"
BAD_START = "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < >"
NO_NAME = "The first 2 lines of the address must both include at least one alphanumeric character"
NOT_FOUND = (404, "NoResultFound", "No result found")
NO_ENDING = "`filename` must end with a file extension. For example, filename.csv"
#: What the machine's own table calls a program for Windows.
PROGRAM = mimetypes.MimeTypes().types_map[True].get(".exe", "application/octet-stream")
ADDRESS = {"address_line_1": "A", "address_line_2": "B", "postcode": "SW1A 1AA"}


class World:
    """A service with templates, keys of every type, and shorthand for what rows ask."""

    def __init__(self, service, trial_service, other_service):
        self.service, self.trial, self.other = service, trial_service, other_service
        change_settings(service, permissions=["sms", "email", "letter"], by=TESTER)
        change_settings(trial_service, permissions=["sms", "email", "letter"], by=TESTER)
        self.keys = {
            kind: create_api_key(service, name=kind, type=kind, by=TESTER) for kind in ("test", "team", "live")
        }
        self.ids = {kind: self._template(service, kind) for kind in ("sms", "email", "letter")}
        self.trial_ids = {kind: self._template(trial_service, kind) for kind in ("sms", "email", "letter")}

    def _template(self, service, kind):
        subject = "" if kind == "sms" else "About ((topic))"
        return str(create_template(service, type=kind, name=kind, subject=subject, body="Dear ((name))", by=TESTER).pk)

    def client(self, kind="test"):
        return NotifyClient(self.keys[kind].api_key)

    def body(self, kind, **changes):
        given = {"name": "Ann", "topic": "tax", **(ADDRESS if kind == "letter" else {})}
        recipient = {"sms": {"phone_number": "07700900123"}, "email": {"email_address": "a@example.org"}}.get(kind, {})
        return {"template_id": self.ids[kind], "personalisation": given, **recipient, **changes}

    def send(self, kind, *, key="test", without=(), **changes):
        body = {name: value for name, value in self.body(kind, **changes).items() if name not in without}
        return self.client(key).send(kind, body)

    def filled(self, kind, *, key="test", **values):
        return self.send(kind, key=key, personalisation={**self.body(kind)["personalisation"], **values})

    def raw(self, text, kind="sms"):
        return self.client().send(kind, text)

    def get(self, path, key="test"):
        return self.client(key).get(f"/v2/{path}")

    def pdf(self, *, key="test", **changes):
        content = base64.b64encode(b"%PDF-1.7").decode()
        return self.client(key).send("letter", {"reference": "r", "content": content, **changes})

    def with_token(self, header):
        headers = {"Authorization": header} if header else {}
        return Client(headers=headers).get("/v2/templates")

    def claims(self, *, secret=None, header=None, **claims):
        secret = secret or self.keys["test"].api_key.secret
        return self.with_token(f"Bearer {make_token(secret, claims, header)}")

    def iss(self):
        return {"iss": str(self.service.pk), "iat": int(time.time())}

    def allow(self, *permissions):
        change_settings(self.service, permissions=list(permissions), by=TESTER)
        return self

    def address(self, *lines, postcode=None, key="test"):
        names = {f"address_line_{number}": line for number, line in enumerate(lines, 1)}
        given = {"name": "Ann", "topic": "tax", **names, **({"postcode": postcode} if postcode else {})}
        return self.send("letter", key=key, personalisation=given)


def archived(world):
    Service.objects.filter(pk=world.service.pk).update(archived_at=now())
    return world.claims(**world.iss())


def revoked(world):
    revoke_api_key(world.keys["test"].api_key, by=TESTER)
    return world.with_token(f"Bearer {token_for(world.keys['test'].api_key)}")


def deleted(world):
    from gaap_notify.models import Template

    set_template_archived(Template.objects.get(pk=world.ids["sms"]), is_archived=True, by=TESTER)
    return world.send("sms")


def emptied(world, kind):
    subject = "" if kind == "sms" else "S"
    template = create_template(world.service, type=kind, name="x", subject=subject, body="((a??b))", by=TESTER)
    return world.send(kind, template_id=str(template.pk), personalisation={"a": "no", **ADDRESS})


def of_trial(world, kind, key):
    issued = create_api_key(world.trial, name=key, type=key, by=TESTER).api_key
    return NotifyClient(issued).send(kind, {**world.body(kind), "template_id": world.trial_ids[kind]})


def long_qr(world):
    body = "qr: https://x.example/" + "x" * 490
    template = create_template(world.service, type="letter", name="x", subject="S", body=body, by=TESTER)
    return world.send("letter", template_id=str(template.pk), personalisation=ADDRESS)


def with_file(world, content=b"a,b", *, contact="help@transport.example", **details):
    """Ask for an email with a file, of a service that has set files up unless ``contact`` is empty."""
    change_settings(world.service, contact_details=contact, by=TESTER)
    file = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    return world.filled("email", name={"file": file, **details})


def unsupported(kind):
    return bad(
        f"Unsupported file type '{kind}'. Supported types are: '.csv', '.doc', '.docx', '.jpeg', '.jpg', '.json',"
        " '.odt', '.pdf', '.png', '.rtf', '.txt', '.xlsx'"
    )


def period(value):
    said = f"Unsupported value for retention_period: {value}. Supported periods are from 1 to 78 weeks."
    return invalid(f"retention_period {said}")


def auth(message, status=403):
    return (status, "AuthError", message)


def invalid(message):
    return (400, "ValidationError", message)


def bad(message):
    return (400, "BadRequestError", message)


LATER = (now() + timedelta(hours=25)).isoformat()
EARLIER = (now() - timedelta(hours=1)).isoformat()
NO_TIME = (
    "scheduled_for datetime format is invalid. It must be a valid ISO8601 date time format,"
    " https://en.wikipedia.org/wiki/ISO_8601"
)

ROWS = {
    # A.2: who calls
    "no token": (lambda w: w.with_token(""), auth("Unauthorized: authentication token must be provided", 401)),
    "basic": (lambda w: w.with_token("Basic x"), auth("Unauthorized: authentication bearer scheme must be used", 401)),
    "garbage": (lambda w: w.with_token("Bearer x.y.z"), auth(MALFORMED)),
    "expired": (lambda w: w.claims(**w.iss(), exp=1), auth(MALFORMED)),
    "no iss": (lambda w: w.claims(iat=int(time.time())), auth("Invalid token: iss field not provided")),
    "iss is no uuid": (lambda w: w.claims(iss="x"), auth("Invalid token: service id is not the right data type")),
    "unknown service": (lambda w: w.claims(iss=ELSEWHERE), auth("Invalid token: service not found")),
    "no keys": (lambda w: w.claims(iss=str(w.other.pk)), auth("Invalid token: service has no API keys")),
    "archived service": (archived, auth("Invalid token: service is archived")),
    "wrong secret": (lambda w: w.claims(secret=ELSEWHERE, **w.iss()), auth("Invalid token: API key not found")),
    "no iat": (lambda w: w.claims(iss=str(w.service.pk)), auth("Invalid token: API key not found")),
    "old iat": (lambda w: w.claims(**{**w.iss(), "iat": int(time.time()) - 31}), auth(CLOCK)),
    "early iat": (lambda w: w.claims(**{**w.iss(), "iat": int(time.time()) + 33}), auth(CLOCK)),
    "iat is text": (lambda w: w.claims(**{**w.iss(), "iat": "now"}), auth(CLOCK)),
    "iat is null": (lambda w: w.claims(**{**w.iss(), "iat": None}), auth(CLOCK)),
    "hs512": (
        lambda w: w.claims(**w.iss(), header={"alg": "HS512"}),
        auth("Invalid token: algorithm used is not HS256"),
    ),
    "revoked key": (revoked, auth("Invalid token: API key revoked")),
    # A.3: bodies and their schema
    "broken json": (lambda w: w.raw("{"), JSON_FAULT),
    "empty body": (lambda w: w.raw(""), JSON_FAULT),
    "required": (lambda w: w.send("sms", without=["phone_number"]), invalid("phone_number is a required property")),
    "required email": (
        lambda w: w.send("email", without=["email_address"]),
        invalid("email_address is a required property"),
    ),
    "required template": (
        lambda w: w.send("email", without=["template_id"]),
        invalid("template_id is a required property"),
    ),
    "uuid": (lambda w: w.send("sms", template_id="x"), invalid("template_id is not a valid UUID")),
    "urn": (lambda w: w.send("sms", template_id=f"urn:uuid:{ELSEWHERE}"), invalid("template_id is not a valid UUID")),
    "type": (lambda w: w.send("sms", phone_number=7), invalid("phone_number 7 is not of type string")),
    "null": (
        lambda w: w.send("sms", personalisation=None),
        invalid("personalisation None is not of type object"),
    ),
    "long reference": (
        lambda w: w.send("sms", reference="x" * 1001),
        invalid(f"reference {'x' * 1001} is too long"),
    ),
    "one extra": (lambda w: w.send("sms", a=1), invalid("Additional properties are not allowed (a was unexpected)")),
    "extras": (
        lambda w: w.send("email", b=1, a=2),
        invalid("Additional properties are not allowed (a, b were unexpected)"),
    ),
    "unsubscribe": (
        lambda w: w.send("email", one_click_unsubscribe_url="http://x.example"),
        invalid("one_click_unsubscribe_url is not a valid https url"),
    ),
    "sanitise": (
        lambda w: w.send("email", sanitise_content_for=[5]),
        invalid("sanitise_content_for 5 is not of type string"),
    ),
    "past": (lambda w: w.send("sms", scheduled_for=EARLIER), invalid("scheduled_for datetime can not be in the past")),
    "too far": (
        lambda w: w.send("email", scheduled_for=LATER),
        invalid("scheduled_for datetime can only be 24 hours in the future"),
    ),
    "no time": (lambda w: w.send("sms", scheduled_for="soon"), invalid(NO_TIME)),
    # A.4: text messages
    "too short": (lambda w: w.send("sms", phone_number="077"), invalid("phone_number Not enough digits")),
    "too long": (lambda w: w.send("sms", phone_number="077009008551"), invalid("phone_number Too many digits")),
    "letters": (
        lambda w: w.send("sms", phone_number="07700 x"),
        invalid("phone_number Must not contain letters or symbols"),
    ),
    "country": (
        lambda w: w.send("sms", phone_number="+999 1234567"),
        invalid("phone_number Not a valid country prefix"),
    ),
    "not a number": (lambda w: w.send("sms", phone_number="0770090012"), invalid(f"phone_number {NOT_VALID}")),
    "landline": (
        lambda w: w.send("sms", phone_number="020 7946 0000"),
        (400, "InvalidPhoneError", "Not a UK mobile number"),
    ),
    "abroad": (
        lambda w: w.send("sms", phone_number="+84912345678"),
        bad("Cannot send to international mobile numbers"),
    ),
    "unknown template": (lambda w: w.send("sms", template_id=ELSEWHERE), bad("Template not found")),
    "deleted template": (deleted, bad("Template has been deleted")),
    "wrong template": (
        lambda w: w.send("sms", template_id=w.ids["email"]),
        bad("email template is not suitable for sms notification"),
    ),
    "letter template": (
        lambda w: w.send("email", template_id=w.ids["letter"]),
        bad("letter template is not suitable for email notification"),
    ),
    "missing": (lambda w: w.send("email", personalisation={}), bad("Missing personalisation: topic, name")),
    "empty text": (lambda w: emptied(w, "sms"), bad("Your message is empty.")),
    "empty email": (lambda w: emptied(w, "email"), bad("Your message is empty.")),
    "empty letter": (lambda w: emptied(w, "letter"), bad("Your message is empty.")),
    "919 characters": (
        lambda w: w.filled("sms", name="x" * 914),
        bad(
            "Your message is too long. Text messages cannot be longer than 918 characters."
            " Your message is 919 characters long."
        ),
    ),
    "no texts": (lambda w: w.allow().send("sms"), bad("Service is not allowed to send text messages")),
    "no emails": (lambda w: w.allow().send("email"), bad("Service is not allowed to send emails")),
    "no letters": (lambda w: w.allow().send("letter"), bad("Service is not allowed to send letters")),
    "file by text": (lambda w: w.filled("sms", name={"file": "eA=="}), bad("Can only send a file by email")),
    "file by letter": (lambda w: w.filled("letter", name={"file": "eA=="}), bad("Can only send a file by email")),
    "team key": (lambda w: w.send("sms", key="team"), bad(TEAM)),
    "team key, email": (lambda w: w.send("email", key="team"), bad(TEAM)),
    "trial": (lambda w: of_trial(w, "email", "team"), bad(TEAM)),
    # A.5: emails
    "address": (lambda w: w.send("email", email_address="x"), invalid("email_address Not a valid email address")),
    "2,000,001 bytes": (
        lambda w: w.filled("email", name="x" * 1_999_996),
        bad("Your message is too long. Emails cannot be longer than 2000000 bytes. Your message is 2000001 bytes."),
    ),
    # A.5: files by email
    "file, period": (lambda w: with_file(w, retention_period="79 weeks"), period("79 weeks")),
    "file, no period": (lambda w: with_file(w, retention_period="0 weeks"), period("0 weeks")),
    "file, months": (lambda w: with_file(w, retention_period="1 month"), period("1 month")),
    "file, odd period": (lambda w: with_file(w, retention_period=False), period("False")),
    "file, other digits": (lambda w: with_file(w, retention_period="٣ weeks"), period("٣ weeks")),
    "file, confirm": (
        lambda w: with_file(w, confirm_email_before_download="yes"),
        invalid(
            "confirm_email_before_download Unsupported value for confirm_email_before_download: yes."
            " Use a boolean true or false value."
        ),
    ),
    "file, name": (lambda w: with_file(w, filename="permit"), invalid(f"filename {NO_ENDING}")),
    "file, no text for a name": (lambda w: with_file(w, filename=5), invalid(f"filename {NO_ENDING}")),
    "file, csv and name": (
        lambda w: with_file(w, filename="a.csv", is_csv=True),
        invalid("Do not set a value for `is_csv` if `filename` is set."),
    ),
    "file, csv": (
        lambda w: with_file(w, is_csv="yes"),
        invalid("is_csv Unsupported value for is_csv: yes. Use a boolean true or false value."),
    ),
    "file, extra": (
        lambda w: with_file(w, other="x"),
        invalid("Additional properties are not allowed (other was unexpected)"),
    ),
    "file, no text": (lambda w: with_file(w, 5), invalid("file 5 is not of type string")),
    "file, shape before all": (
        lambda w: w.filled("sms", name={"file": "eA==", "retention_period": "1 day"}),
        period("1 day"),
    ),
    "file, before the recipient": (
        lambda w: w.send("email", email_address="x", personalisation={"name": {"file": "eA=="}, "topic": "t"}),
        invalid("email_address Not a valid email address"),
    ),
    "file, not set up": (
        lambda w: with_file(w, contact=""),
        lambda w: bad(
            "Send files by email has not been set up - add contact details for your service at"
            f" {conf.base_url}services/{w.service.pk}/service-settings/send-files-by-email"
        ),
    ),
    "file, base64": (lambda w: with_file(w, "not base64!"), bad("Document is not base64 encoded")),
    "file, empty": (lambda w: with_file(w, b""), bad("Document must not be empty")),
    "file, 2 MB": (
        lambda w: with_file(w, b"x" * (2 * 1024 * 1024 + 1025)),
        (413, "BadRequestError", "Uploaded file exceeds file size limit"),
    ),
    "file, long name": (
        lambda w: with_file(w, filename="x" * 97 + ".csv"),
        bad("`filename` cannot be longer than 100 characters"),
    ),
    "file, program": (lambda w: with_file(w, filename="x.PDF.exe"), unsupported(PROGRAM)),
    "file, unknown ending": (lambda w: with_file(w, filename="x.qqq"), unsupported("application/octet-stream")),
    "file, archive": (lambda w: with_file(w, b"PK\x03\x04..."), unsupported("application/zip")),
    "file, unknown content": (lambda w: with_file(w, b"\x00\x01"), unsupported("application/octet-stream")),
    # A.6: letters
    "2 lines": (lambda w: w.address("A", postcode="SW1A 1AA"), invalid("Address must be at least 3 lines")),
    "8 lines": (
        lambda w: w.address(*"ABCDEF", postcode="G\nH"),
        invalid("Must be a real UK postcode"),
    ),
    "no name": (lambda w: w.address("-", "B", postcode="SW1A 1AA"), invalid(NO_NAME)),
    "bfpo": (
        lambda w: w.address("A", "B", "BFPO 1", "Germany"),
        invalid("The last line of a BFPO address must not be a country."),
    ),
    "no postcode": (lambda w: w.address("A", "B", "C"), invalid("Must be a real UK postcode")),
    "neither": (
        lambda w: w.allow("letter", "international_letters").address("A", "B", "C"),
        invalid("Last line of address must be a real UK postcode or another country"),
    ),
    "bad start": (lambda w: w.address("A", "(B", postcode="SW1A 1AA"), invalid(BAD_START)),
    "no abode": (lambda w: w.address("A", "NFA", postcode="SW1A 1AA"), invalid("Must be a real address")),
    "letter, no values": (
        lambda w: w.send("letter", without=["personalisation"]),
        invalid("personalisation is a required property"),
    ),
    "qr": (long_qr, invalid("Cannot create a usable QR code - the link is too long")),
    "team letter": (
        lambda w: w.send("letter", key="team"),
        (403, "BadRequestError", "Cannot send letters with a team api key"),
    ),
    "trial letter": (
        lambda w: of_trial(w, "letter", "team"),
        (403, "BadRequestError", "Cannot send letters with a team api key"),
    ),
    "team pdf": (lambda w: w.pdf(key="team"), (403, "BadRequestError", "Cannot send letters with a team api key")),
    "postage": (
        lambda w: w.pdf(postage="europe"),
        invalid("postage invalid. It must be either first, second or economy."),
    ),
    "base64": (
        lambda w: w.pdf(content="not base64!"),
        bad("Cannot decode letter content (invalid base64 encoding)"),
    ),
    "pdf, no reference": (
        lambda w: w.client().send("letter", {"content": "eA=="}),
        invalid("reference is a required property"),
    ),
    # A.7 to A.9: reading messages
    "id": (lambda w: w.get("notifications/x"), invalid("notification_id is not a valid UUID")),
    "unknown id": (lambda w: w.get(f"notifications/{ELSEWHERE}"), NOT_FOUND),
    "older than": (lambda w: w.get("notifications?older_than=x"), invalid("older_than is not a valid UUID")),
    "include jobs": (
        lambda w: w.get("notifications?include_jobs=yes"),
        invalid("include_jobs yes is not one of [true, True]"),
    ),
    "template type": (
        lambda w: w.get("notifications?template_type=fax"),
        invalid("template_type fax is not one of [sms, email, letter]"),
    ),
    "extra filter": (
        lambda w: w.get("notifications?page=2"),
        invalid("Additional properties are not allowed (page was unexpected)"),
    ),
    "pdf, id": (lambda w: w.get("notifications/x/pdf"), invalid("notification_id is not a valid UUID")),
    "pdf, unknown": (lambda w: w.get(f"notifications/{ELSEWHERE}/pdf"), NOT_FOUND),
    # A.10: templates
    "template id": (lambda w: w.get("template/x"), invalid("id is not a valid UUID")),
    "template unknown": (lambda w: w.get(f"template/{ELSEWHERE}"), NOT_FOUND),
    "template of others": (lambda w: w.get(f"template/{w.trial_ids['sms']}"), NOT_FOUND),
    "version unknown": (lambda w: w.get(f"template/{w.ids['sms']}/version/9"), NOT_FOUND),
    "templates of type": (
        lambda w: w.get("templates?type=fax"),
        invalid("type fax is not one of [sms, email, letter]"),
    ),
    "preview": (
        lambda w: w.client().post(f"/v2/template/{w.ids['sms']}/preview", "", content_type="application/json"),
        bad("Missing personalisation: name"),
    ),
    "preview of a list": (
        lambda w: w.client().post(f"/v2/template/{w.ids['sms']}/preview", "5", content_type="application/json"),
        invalid("5 is not of type object"),
    ),
    # A.11: received texts
    "received": (lambda w: w.get("received-text-messages?older_than=x"), invalid("older_than is not a valid UUID")),
    "received, extra": (
        lambda w: w.get("received-text-messages?a=1"),
        invalid("Additional properties are not allowed (a was unexpected)"),
    ),
}


@pytest.fixture
def world(service, trial_service, other_service):
    return World(service, trial_service, other_service)


@pytest.mark.parametrize("row", ROWS)
def test_row(world, row):
    ask, expected = ROWS[row]
    status, error, message = expected(world) if callable(expected) else expected
    events = OutboxEvent.objects.count()
    answer = ask(world)
    body = json.loads(answer.content)
    assert answer.status_code == body["status_code"] == status
    assert [(entry["error"], entry["message"]) for entry in body["errors"]] == [(error, message)]
    for model in (Notification, Letter, VaultFile, SharedFile):
        assert not model.objects.exists()
    assert OutboxEvent.objects.count() == events


@pytest.mark.parametrize("kind", ["sms_sender_id", "email_reply_to_id"])
def test_senders(world, kind):
    answer = world.send(kind.split("_")[0], **{kind: ELSEWHERE})
    message = f"{kind} {ELSEWHERE} does not exist in database for service id {world.service.pk}"
    assert answer.json() == {"status_code": 400, "errors": [{"error": "BadRequestError", "message": message}]}
    assert not Notification.objects.exists()


def test_long_qr_code_says_how_long(world):
    (entry,) = long_qr(world).json()["errors"]
    assert (entry["num_bytes"], entry["max_bytes"]) == (508, 504)
    assert entry["data"].startswith("https://x.example/")


def test_pdf_of_a_text_message(world):
    sent = world.send("sms").json()["id"]
    answer = world.get(f"notifications/{sent}/pdf").json()
    assert answer["errors"] == [{"error": "BadRequestError", "message": "Notification is not a letter"}]


@pytest.mark.parametrize("path", ["nothing", "notifications/fax", f"service/{ELSEWHERE}/template/{ELSEWHERE}/versions"])
def test_the_other_404(world, path):
    answer = world.client().post(f"/v2/{path}", "{}", content_type="application/json")
    assert answer.status_code == 404
    assert answer.json()["result"] == "error"
    assert answer.json()["message"].startswith("The requested URL was not found on the server.")


@pytest.mark.parametrize(
    ("method", "path"), [("put", "notifications"), ("delete", "templates"), ("patch", f"notifications/{ELSEWHERE}")]
)
def test_the_other_405(world, method, path):
    answer = getattr(world.client(), method)(f"/v2/{path}")
    assert answer.status_code == 405
    assert answer.json() == {"result": "error", "message": "The method is not allowed for the requested URL."}
