"""``security.txt``: where whoever found a weakness of this installation tells of it (RFC 9116)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from gaap.clock import now
from gaap.conf import conf

PATH = ".well-known/security.txt"
#: Section 2.5.3 of the RFC: web addresses begin with https. No control character may end a line early.
CONTACT = re.compile(r"(https://|mailto:|tel:)[\x21-\x7e]+")
WEB_ADDRESS = re.compile(r"https://[\x21-\x7e]+")
#: Section 2.5.8: language tags as in RFC 5646.
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
#: Section 2.5.5 recommends less than a year, so that nobody writes to an address that was given up.
LONGEST = timedelta(days=366)


def expiry() -> datetime | None:
    """Return until when the contacts hold, or None when the setting says no time."""
    try:
        moment = datetime.fromisoformat(conf.security_expires)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def security_text() -> str:
    """Return the file; empty when no contact is set, or nothing says until when it holds."""
    until = expiry()
    if not conf.security_contacts or until is None:
        return ""
    return "".join(f"{name}: {value}\n" for name, value in _fields(until))


def has_expired() -> bool:
    """Tell whether whoever reads the file is not to trust it any more."""
    until = expiry()
    return bool(conf.security_contacts) and until is not None and until <= now()


def faults() -> Iterator[str]:
    """Yield what is wrong with the settings, in words for operators; nothing when no contact is set."""
    if not conf.security_contacts:
        return
    for contact in conf.security_contacts:
        if not CONTACT.fullmatch(contact):
            yield f"{contact!r} is no mailto:, tel: or https: address."
    for language in conf.security_languages:
        if not LANGUAGE.fullmatch(language):
            yield f"{language!r} is no language tag."
    if conf.security_policy_url and not WEB_ADDRESS.fullmatch(conf.security_policy_url):
        yield "The address of the policy is not https."
    yield from _expiry_faults()


def _fields(until: datetime) -> Iterator[tuple[str, str]]:
    for contact in conf.security_contacts:
        yield "Contact", contact
    yield "Expires", until.isoformat(timespec="seconds")
    if conf.security_languages:
        yield "Preferred-Languages", ", ".join(conf.security_languages)
    yield "Canonical", f"{conf.base_url}{PATH}"
    if conf.security_policy_url:
        yield "Policy", conf.security_policy_url


def _expiry_faults() -> Iterator[str]:
    until = expiry()
    if until is None:
        yield "Nothing says until when the contacts hold."
    elif until > now() + LONGEST:
        yield "The contacts hold for longer than a year."
