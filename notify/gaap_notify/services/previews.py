"""Looking at a template before anything is sent: its gaps, what differs between versions, and how it will look."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import override

from gaap.clock import now
from gaap.organisations.models import Service
from gaap_notify.conf import conf
from gaap_notify.models import TemplateVersion
from gaap_notify.models.channels import Channel
from gaap_notify.rendering.email_text import render_text
from gaap_notify.rendering.gsm import length
from gaap_notify.rendering.letters.pdf import LetterPages, LetterPart, render_letter
from gaap_notify.rendering.placeholders import Gap, compile_text
from gaap_notify.rendering.values import match_key
from gaap_notify.services.drafts import MAX_SMS_LENGTH, Draft, preview_draft, sms_prefix
from gaap_notify.services.outgoing import render_page, with_unsubscribe_link
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.unsubscribing.links import example_url

SAMPLE_ADDRESS = ("((address line 1))", "((address line 2))", "((address line 3))")
_WELSH = "cy"


@dataclass(frozen=True)
class Placeholder:
    """A gap of a template. A conditional one shows or hides text, and its value is yes or no."""

    name: str
    is_conditional: bool


@dataclass(frozen=True)
class Line:
    """One line of a difference: ``kind`` is ``added``, ``removed`` or ``kept``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Preview:
    """A message as it would be. ``length``, of at most ``longest``, says how long a text message is."""

    draft: Draft
    prefix: str = ""
    text: str = field(default="", repr=False)
    length: int = 0
    longest: int = MAX_SMS_LENGTH

    @property
    def is_too_long(self) -> bool:
        """True when the contract would refuse it for its length."""
        return bool(self.draft.too_long)


def placeholders_of(version: TemplateVersion) -> list[Placeholder]:
    """Return the gaps of a version, each once; one that is used both ways holds a text."""
    contact = version.contact_block.text if version.contact_block else ""
    texts = (version.subject, version.body, version.welsh_subject, version.welsh_body, contact)
    gaps = [piece for text in texts for piece in compile_text(text).pieces if isinstance(piece, Gap)]
    plain = {match_key(gap.name) for gap in gaps if gap.text is None}
    return [Placeholder(name, match_key(name) not in plain) for name in version.placeholders]


def difference(older: TemplateVersion | None, newer: TemplateVersion) -> list[Line]:
    """Return what a version says line by line, and what it said before; all of a first version is kept."""
    lines = _lines(newer)
    if older is None:
        return [Line("kept", line) for line in lines]
    return list(_compared(_lines(older), lines))


def preview_of(version: TemplateVersion, values: Mapping[str, Any], *, service: Service) -> Preview:
    """Return the message that ``values`` make of a version; gaps without a value stay as they are written.

    Raises QrCodeTooLongError.
    """
    settings = settings_of(service.pk)
    draft = preview_draft(version, values, settings=settings, service_name=service.name)
    if version.template.type == Channel.SMS:
        return Preview(draft, prefix=sms_prefix(settings, service.name), text=draft.body, length=length(draft.body))
    return Preview(draft, text=render_text(whole_body(version, draft.body, language=service.languages[0])))


def preview_page(version: TemplateVersion, values: Mapping[str, Any], *, service: Service) -> str:
    """Return the HTML of an email; a stranger to our own pages, to be served under a policy of its own."""
    draft = preview_of(version, values, service=service).draft
    return email_page(version, draft, language=service.languages[0])


def email_page(version: TemplateVersion, draft: Draft, *, language: str) -> str:
    """Return an email's HTML as its recipient would get it, with an example of the link for unsubscribing."""
    return render_page(
        subject=draft.subject, body=whole_body(version, draft.body, language=language), language=language
    )


def whole_body(version: TemplateVersion, body: str, *, language: str) -> str:
    """Return an email's markdown with what stands below it: an example of the link, if its template has one."""
    return with_unsubscribe_link(body, example_url() if version.has_unsubscribe_link else "", language=language)


def preview_letter(
    version: TemplateVersion, values: Mapping[str, Any], *, service: Service, address: Sequence[str] = SAMPLE_ADDRESS
) -> bytes:
    """Return the PDF of a letter as it would be printed today. Raises QrCodeTooLongError."""
    draft, font = preview_of(version, values, service=service).draft, conf.letter_font
    pages = LetterPages(
        address=address,
        contact=draft.contact.splitlines(),
        parts=_parts(draft, service.languages[0]),
        font=font["family"],
        font_folder=font["folder"],
    )
    return render_letter(pages, made_at=now())


def _parts(draft: Draft, language: str) -> list[LetterPart]:
    if not draft.welsh_body:
        return [LetterPart(language, draft.subject, draft.body, _today(language))]
    return [
        LetterPart(_WELSH, draft.welsh_subject, draft.welsh_body, _today(_WELSH)),
        LetterPart("en", draft.subject, draft.body, _today("en")),
    ]


def _today(language: str) -> str:
    with override(language):
        return date_format(now(), "j F Y" if language == "en" else "DATE_FORMAT")


def _lines(version: TemplateVersion) -> list[str]:
    texts = (version.name, version.subject, version.body, version.welsh_subject, version.welsh_body)
    return [line for text in texts if text for line in (*text.splitlines(), "")][:-1]


def _compared(older: list[str], newer: list[str]) -> Iterator[Line]:
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, older, newer, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            yield from (Line("kept", line) for line in newer[new_start:new_end])
            continue
        yield from (Line("removed", line) for line in older[start:end])
        yield from (Line("added", line) for line in newer[new_start:new_end])
