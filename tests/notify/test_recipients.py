"""Who may be reached, and how numbers and addresses are read (spec B.1)."""

import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from gaap.testing.plugin import TESTER
from gaap_notify.errors import BadRequestError
from gaap_notify.models import Notification, NotifySettings
from gaap_notify.recipients import RecipientError, emails, parse_email, parse_phone
from gaap_notify.services.recipients import TEAM_ONLY, TRIAL_ONLY, normalise_recipient
from gaap_notify.services.sending import SendOrder, send_notification
from gaap_notify.services.setup import set_guest_list
from gaap_notify.services.templates import create_template


@pytest.mark.parametrize(
    ("text", "region", "digits"),
    [
        ("07700900123", "GB", "447700900123"),
        ("7700900123", "GB", "447700900123"),
        ("+44 (0)7700 900 123", "GB", "447700900123"),
        ("0044 7700-900-123", "GB", "447700900123"),
        ("447700900123", "GB", "447700900123"),
        ("447700900123", "VN", "447700900123"),
        ("0912 345 678", "VN", "84912345678"),
        ("84912345678", "GB", "84912345678"),
        ("\u200b+84\u00a0912 345 678 ", "GB", "84912345678"),
        ("07797 123456", "GB", "447797123456"),
        ("(201) 555-0123", "US", "12015550123"),
    ],
)
def test_numbers(text, region, digits):
    assert parse_phone(text, default_region=region).digits == digits


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("077009008551", "Too many digits"),
        ("09012 345 678", "Number is not valid – double check the phone number you entered"),
        ("+44 20 7946 000", "Number is not valid – double check the phone number you entered"),
        ("0770090012", "Number is not valid – double check the phone number you entered"),
        ("+", "Not enough digits"),
        ("07700 900123 ext 5", "Must not contain letters or symbols"),
        ("٠٧٧٠٠٩٠٠١٢٣", "Must not contain letters or symbols"),
        ("+000 000 000", "Not a valid country prefix"),
        ("1" * 300, "Too many digits"),
    ],
)
def test_numbers_that_are_none(text, fault):
    with pytest.raises(RecipientError) as caught:
        parse_phone(text, default_region="GB")
    assert str(caught.value) == fault


@pytest.mark.parametrize(
    ("text", "region", "is_international", "is_landline"),
    [
        ("07700900123", "GB", False, False),
        ("02079460000", "GB", False, True),
        ("07797123456", "GB", False, False),
        ("+84912345678", "GB", True, False),
        ("+447700900123", "VN", True, False),
    ],
)
def test_kinds_of_numbers(text, region, is_international, is_landline):
    number = parse_phone(text, default_region=region)
    assert (number.is_international, number.is_landline) == (is_international, is_landline)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        (" ann@example.org\u200b\n", "ann@example.org"),
        ("o'neil+x@mail.example.co.uk", "o'neil+x@mail.example.co.uk"),
        ("a@münchen.example", "a@münchen.example"),
        ("a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),
    ],
)
def test_addresses(text, address):
    assert parse_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "ann", "ann@", "@example.org", "ann@localhost", "a..b@example.org", ".a@example.org"),
        *("a.@example.org", "a b@example.org", "é@example.org", "a@-x.example", "a@x-.example", "a@ex_ample.org"),
        *("a@example.o", "a@example..org", "a@example.org.", "a@1.2.3.4", "a@b@c.example", "a@.example"),
        *(f"{'x' * 310}@example.org", f"a@{'x' * 64}.example", "a@\u200b", "a\x00@example.org"),
        "a@example.org\r\nBcc: b@example.org",
    ],
)
def test_addresses_that_are_none(text):
    with pytest.raises(RecipientError) as caught:
        parse_email(text)
    assert str(caught.value) == "Not a valid email address"


@pytest.mark.parametrize("host", ["a-b.example", "A1.Example", "x" * 63 + ".example", "1.2.ex", "xn--mnchen-3ya.de"])
def test_a_plain_host_is_read_like_any_other(monkeypatch, host):
    short = parse_email(f"ann@{host}")
    monkeypatch.setattr(emails, "_PLAIN_HOST", re.compile("(?!)"))
    assert parse_email(f"ann@{host}") == short


@pytest.mark.parametrize(
    "host",
    [
        *("-a.example", "a-.example", "a..example", "a.e", "a.1x", "a.exampl3", "x" * 64 + ".example", ".example", "a"),
        *("a.example.", "a.ex-ample", f"{'a.' * 130}example", "a_b.example", ""),
    ],
)
def test_no_host_is_plain_that_is_none(host):
    with pytest.raises(RecipientError):
        parse_email(f"ann@{host}")


@pytest.mark.parametrize("host", ["\u212aa.example", "a.\u017fx", "münchen.example", "a.example\n"])
def test_only_plain_letters_are_plain(host):
    assert not emails._PLAIN_HOST.fullmatch(host)


def test_a_number_has_a_kind_where_it_is_valid():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None or number.national_number is None:
                continue
            for national in (number.national_number, number.national_number + 1, number.national_number // 10):
                tried = phonenumbers.PhoneNumber(country_code=number.country_code, national_number=national)
                has_kind = phonenumbers.number_type(tried) != PhoneNumberType.UNKNOWN
                assert has_kind == phonenumbers.is_valid_number(tried), tried


@pytest.fixture
def try_sending(db):
    def send(service, recipient, *, key_type):
        is_email = "@" in recipient
        template = create_template(
            service, type="email" if is_email else "sms", name="T", subject="S" if is_email else "", body="B", by=TESTER
        )
        order = SendOrder(
            service=service,
            channel="email" if is_email else "sms",
            template_id=template.pk,
            recipient=recipient,
            key_type=key_type,
        )
        return send_notification(order)

    return send


STRANGERS = ["stranger@example.org", "07700900123"]


@pytest.mark.parametrize("recipient", STRANGERS)
def test_team_key_and_strangers(service, try_sending, recipient):
    with pytest.raises(BadRequestError, match=TEAM_ONLY):
        try_sending(service, recipient, key_type="team")
    assert not Notification.objects.exists()


@pytest.mark.parametrize("recipient", STRANGERS)
def test_trial_service_and_strangers(trial_service, try_sending, recipient):
    with pytest.raises(BadRequestError) as caught:
        try_sending(trial_service, recipient, key_type="live")
    assert str(caught.value) == TRIAL_ONLY
    with pytest.raises(BadRequestError, match=TEAM_ONLY):
        try_sending(trial_service, recipient, key_type="team")


@pytest.mark.parametrize("recipient", STRANGERS)
def test_test_keys_reach_anybody(trial_service, try_sending, recipient):
    assert try_sending(trial_service, recipient, key_type="test")


@pytest.mark.parametrize("recipient", ["guest@example.org", "GUEST@example.org ", "07700 900 456", "+447700900456"])
def test_guests_are_reached(service, try_sending, recipient):
    set_guest_list(service, ["Guest@Example.org", "07700900456"], by=TESTER)
    assert try_sending(service, recipient, key_type="team")


def test_guests_of_another_service_are_not(service, other_service, try_sending):
    set_guest_list(other_service, ["guest@example.org"], by=TESTER)
    with pytest.raises(BadRequestError, match=TEAM_ONLY):
        try_sending(service, "guest@example.org", key_type="team")


def test_home_of_the_platform(settings):
    settings.GAAP_NOTIFY = {"DEFAULT_REGION": "VN"}
    assert normalise_recipient("0912 345 678", channel="sms") == "84912345678"
    assert NotifySettings().default_region == "VN"


def test_team_members_are_reached(service, member, stranger, try_sending):
    assert try_sending(service, member.email.upper(), key_type="team")
    with pytest.raises(BadRequestError, match=TEAM_ONLY):
        try_sending(service, stranger.email, key_type="team")


def test_smoke_recipients_are_reached_by_any_key(trial_service, try_sending):
    for key_type in ("team", "live", "test"):
        assert try_sending(trial_service, "07700900000", key_type=key_type)
    assert not Notification.objects.exists()
