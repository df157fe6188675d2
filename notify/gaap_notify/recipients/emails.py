"""Email addresses (spec B.1): a strict local part, an international domain name, nothing obscure."""

import re

from gaap_notify.recipients.errors import RecipientError

MAX_ADDRESS_LENGTH = 320
MAX_HOST_LENGTH = 253
MAX_LABEL_LENGTH = 63

#: Characters that are pasted along unseen: zero-width marks, soft hyphen, byte-order mark, Mongolian vowel separator.
OBSCURE_SPACE = re.compile("[\u00ad\u180e\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\ufeff]")

_LOCAL_PART = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
#: A name that needs no translation and keeps to every rule below but that of its length.
_PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII)
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]+", re.IGNORECASE)


def parse_email(text: str) -> str:
    """Return the address in ``text`` in lower case and without stray spaces; raises RecipientError."""
    address = OBSCURE_SPACE.sub("", text).strip()
    local_part, at, host = address.rpartition("@")
    if not at or len(address) > MAX_ADDRESS_LENGTH or ".." in address:
        raise _invalid()
    if not _LOCAL_PART.fullmatch(local_part) or local_part[0] == "." or local_part[-1] == ".":
        raise _invalid()
    _check_host(host)
    return address.lower()


def _check_host(host: str) -> None:
    if len(host) <= MAX_HOST_LENGTH and _PLAIN_HOST.fullmatch(host):
        return
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _invalid() from error
    labels = ascii_host.split(".")
    if len(ascii_host) > MAX_HOST_LENGTH or len(labels) < 2 or not _TOP_LEVEL.fullmatch(labels[-1]):
        raise _invalid()
    if not all(len(label) <= MAX_LABEL_LENGTH and _LABEL.fullmatch(label) for label in labels):
        raise _invalid()


def _invalid() -> RecipientError:
    return RecipientError("Not a valid email address")
