"""Filling a template for one channel."""

import re
from dataclasses import dataclass
from functools import lru_cache

from gaap_notify.rendering import gsm
from gaap_notify.rendering.placeholders import CompiledText, compile_text, unique_names
from gaap_notify.rendering.typography import set_type
from gaap_notify.rendering.values import Personalisation, bulleted, enumerated

_SPACE_BEFORE_STOP = re.compile(r"[ \t]+(?=[,.])")
_SPACES = re.compile(r"[ \t]+")
_MANY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class SmsContent:
    """A text message without the service's name before it."""

    body: str

    @property
    def length(self) -> int:
        """Its length in UTF-16 code units, as the limit counts it."""
        return gsm.length(self.body)


@dataclass(frozen=True)
class EmailContent:
    """An email or letter: ``body`` is markdown with every gap filled."""

    subject: str
    body: str

    @property
    def size(self) -> int:
        """The body's size in bytes."""
        return len(self.body.encode())


@lru_cache(maxsize=4096)
def placeholder_names(*texts: str) -> tuple[str, ...]:
    """Return the names of the gaps in a template's texts, each once, in the order of the texts."""
    return unique_names(name for text in texts for name in compile_text(text).names)


def fill_sms(body: str, values: Personalisation, *, is_unicode: bool) -> SmsContent:
    """Fill and clean up a text message.

    ``is_unicode`` keeps every letter; without it the text is brought down to the GSM alphabet and Welsh.
    """
    text = compile_text(body).fill(values, list_style=enumerated)
    return SmsContent(clean_sms(text) if is_unicode else gsm.downgrade(clean_sms(text)))


def fill_email(subject: str, body: str, values: Personalisation, *, subject_values: Personalisation) -> EmailContent:
    """Fill an email. ``subject_values`` differ where values were escaped, as a subject knows no markdown."""
    filled = compile_text(body).fill(values, list_style=bulleted).strip()
    return EmailContent(fill_subject(compile_text(subject), subject_values), filled)


def fill_letter(subject: str, body: str, values: Personalisation) -> EmailContent:
    """Fill a letter's heading and text; the typesetter sets the text's typography."""
    return fill_email(subject, body, values, subject_values=values)


def fill_lines(text: str, values: Personalisation) -> str:
    """Fill a contact block and return its lines without empty ones at its ends."""
    return compile_text(text).fill(values, list_style=enumerated).strip("\r\n")


def fill_subject(subject: CompiledText, values: Personalisation) -> str:
    """Return a subject in one line with its typography set."""
    return " ".join(set_type(subject.fill(values, list_style=enumerated)).split())


def clean_sms(text: str) -> str:
    """Return a text without stray spaces and empty lines (spec B.1)."""
    text = _SPACE_BEFORE_STOP.sub("", gsm.plain_spaces(text))
    lines = [_SPACES.sub(" ", line).strip() for line in text.splitlines()]
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()
