"""Whether a PDF can be sent as a letter: the printer's rules for its pages, the country's for its address."""

from dataclasses import dataclass, field
from uuid import UUID

from gaap_notify.models.service_settings import Permission
from gaap_notify.recipients.postal import AddressError, PostalAddress, rules_for
from gaap_notify.rendering.letters.apart import check_pdf_apart
from gaap_notify.services.service_settings import settings_of


@dataclass(frozen=True)
class JudgedPdf:
    """What was found: ``lines`` stand where the address should; ``address`` is None when there is a ``fault``.

    ``fault`` is the short name of the first fault, ``fault_pages`` where it is (from 1).
    """

    pages: int
    fault: str = ""
    fault_pages: tuple[int, ...] = ()
    lines: tuple[str, ...] = field(default=(), repr=False)
    address: PostalAddress | None = field(default=None, repr=False)


def judge_pdf(data: bytes, *, service_id: UUID) -> JudgedPdf:
    """Return whether the service may send ``data`` as a letter, and where to (spec A.6)."""
    checked = check_pdf_apart(data)
    if checked.fault:
        return JudgedPdf(checked.pages, checked.fault, checked.fault_pages, checked.address)
    try:
        address = _read_address(checked.address, service_id)
    except AddressError as error:
        return JudgedPdf(checked.pages, error.code, (1,), checked.address)
    return JudgedPdf(checked.pages, lines=checked.address, address=address)


def _read_address(lines: tuple[str, ...], service_id: UUID) -> PostalAddress:
    settings = settings_of(service_id)
    allows_international = settings.allows(Permission.INTERNATIONAL_LETTERS)
    return rules_for(settings.default_region).parse(lines, allows_international=allows_international)
