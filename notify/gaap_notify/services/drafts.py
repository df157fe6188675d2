"""From a template and personalisation to the text of one message, with the contract's checks on the way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gaap.conf import conf as kernel_conf
from gaap_notify.errors import BadRequestError, QrCodeTooLongError
from gaap_notify.models import NotifySettings, TemplateVersion
from gaap_notify.models.service_settings import Alphabet
from gaap_notify.rendering import Personalisation, SanitisedValue, fill_email, fill_sms, sanitise_values
from gaap_notify.rendering.gsm import fragments
from gaap_notify.rendering.letters.blocks import MAX_QR_BYTES, long_qr_codes
from gaap_notify.rendering.messages import fill_letter, fill_lines
from gaap_notify.services.files.orders import is_file

MAX_SMS_LENGTH = 918
MAX_EMAIL_BYTES = 2_000_000


@dataclass(frozen=True)
class Draft:
    """The text of a message; the last three stand only in letters.

    ``too_long`` is the contract's message when it cannot be sent for its length.
    """

    body: str = field(repr=False)
    subject: str = field(default="", repr=False)
    fragments: int = 0
    too_long: str = ""
    sanitised: Mapping[str, SanitisedValue] = field(default_factory=dict, repr=False)
    contact: str = field(default="", repr=False)
    welsh_subject: str = field(default="", repr=False)
    welsh_body: str = field(default="", repr=False)

    def check_length(self) -> None:
        """Raise BadRequestError when the message is too long (spec A.4, A.5)."""
        if self.too_long:
            raise BadRequestError(self.too_long)


def write_draft(
    version: TemplateVersion,
    personalisation: Mapping[str, Any],
    *,
    settings: NotifySettings,
    service_name: str,
    sanitise_content_for: Sequence[str] = (),
) -> Draft:
    """Fill the gaps of ``version``; raises BadRequestError when values are missing or nothing is left (spec A.4).

    ``sanitise_content_for`` names the values in which links and formatting are made harmless.
    """
    values = Personalisation(_without_files(personalisation))
    missing = [name for name in version.placeholders if not values.has(name)]
    if missing:
        raise BadRequestError(f"Missing personalisation: {', '.join(missing)}")
    write = _WRITERS[version.template.type]
    draft = write(version, values, settings, service_name, sanitise_content_for)
    if not draft.body:
        raise BadRequestError("Your message is empty.")
    return draft


def preview_draft(
    version: TemplateVersion, personalisation: Mapping[str, Any], *, settings: NotifySettings, service_name: str
) -> Draft:
    """Fill the gaps that have values, and leave the others as they are written, for looking at it before it is sent.

    Raises QrCodeTooLongError.
    """
    return _WRITERS[version.template.type](version, Personalisation(personalisation), settings, service_name, ())


def sms_prefix(settings: NotifySettings, service_name: str) -> str:
    """Return what stands before each text message of the service."""
    return f"{service_name}: " if settings.has_sms_prefix else ""


def _write_sms(
    version: TemplateVersion, values: Personalisation, settings: NotifySettings, service_name: str, _: Sequence[str]
) -> Draft:
    content = fill_sms(version.body, values, is_unicode=settings.sms_alphabet == Alphabet.UNICODE)
    too_long = content.length > MAX_SMS_LENGTH and (
        f"Your message is too long. Text messages cannot be longer than {MAX_SMS_LENGTH} characters."
        f" Your message is {content.length} characters long."
    )
    sent_text = sms_prefix(settings, service_name) + content.body
    return Draft(content.body, fragments=fragments(sent_text), too_long=too_long or "")


def _write_email(
    version: TemplateVersion, values: Personalisation, _: NotifySettings, __: str, sanitise_for: Sequence[str]
) -> Draft:
    sanitised = sanitise_values(values, sanitise_for)
    content = fill_email(
        version.subject,
        version.body,
        values.replaced({name: value.sanitised for name, value in sanitised.items()}),
        subject_values=values.replaced({name: value.unlinked for name, value in sanitised.items()}),
    )
    too_long = content.size > MAX_EMAIL_BYTES and (
        f"Your message is too long. Emails cannot be longer than {MAX_EMAIL_BYTES} bytes."
        f" Your message is {content.size} bytes."
    )
    changed = {name: value for name, value in sanitised.items() if value.is_changed}
    return Draft(content.body, content.subject, too_long=too_long or "", sanitised=changed)


def _write_letter(
    version: TemplateVersion, values: Personalisation, _: NotifySettings, __: str, ___: Sequence[str]
) -> Draft:
    content = fill_letter(version.subject, version.body, values)
    welsh = fill_letter(version.welsh_subject, version.welsh_body, values)
    contact = version.contact_block.text if version.contact_block else ""
    for text in (content.body, welsh.body):
        for url in long_qr_codes(text):
            raise QrCodeTooLongError(url, MAX_QR_BYTES)
    return Draft(
        content.body,
        content.subject,
        contact=fill_lines(contact, values),
        welsh_subject=welsh.subject,
        welsh_body=welsh.body,
    )


def _without_files(personalisation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with each file as the address where it would be fetched."""
    return {name: kernel_conf.base_url if is_file(value) else value for name, value in personalisation.items()}


_WRITERS: Mapping[str, Callable[..., Draft]] = {
    "sms": _write_sms,
    "email": _write_email,
    "letter": _write_letter,
}
