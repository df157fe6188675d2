"""What is wrong with a letter that came as a PDF, in the reader's language and about what the reader can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap_notify.models import LetterUpload
from gaap_notify.rendering.letters import checking

_POSTCODE = _("The last line of the address must be a real postcode of the United Kingdom.")
_PROVINCE = _("The last line of the address must be a province or city of Vietnam.")

FAULTS: Mapping[str, str | Promise] = {
    checking.UNREADABLE: _("The file cannot be read: it is no PDF, it is broken, or it is under a password."),
    checking.ACTIVE: _("The PDF runs a script or carries other files. Save it again without them."),
    checking.TOO_LONG: _("A letter has 10 pages at most."),
    checking.NOT_A4: _("The page is not A4 upright (210 by 297 millimetres)."),
    checking.LOOSE_FONTS: _("A font of this page is not in the file. Save the PDF with its fonts embedded."),
    checking.OUTSIDE: _(
        "Something stands in the margin, marked in red. Leave 15 millimetres free at the sides and 5 at head and foot."
    ),
    checking.NO_ADDRESS: _(
        "There is no address in the window of the envelope, marked in blue: 20 to 121 millimetres from the left, 37 to "
        "70 from the top."
    ),
    "not-enough-address-lines": _("The address has fewer than 3 lines."),
    "too-many-address-lines": _("The address has more than 7 lines, or something else stands in its window."),
    "no-name-in-address": _("The first two lines of the address must hold letters or digits."),
    "invalid-char-in-address": _(
        "No line of the address may begin with one of the characters @ ( ) = [ ] ” \\ / , < >"
    ),
    "no-fixed-abode-address": _("The address is not one where a letter can be delivered."),
    "international-address": _("This service cannot send letters to other countries."),
    "has-country-for-bfpo-address": _("The last line of a BFPO address must not be a country."),
    "not-a-real-uk-postcode": _POSTCODE,
    "not-a-real-uk-postcode-or-country": _(
        "The last line of the address must be a real postcode of the United Kingdom or another country."
    ),
    "not-a-real-province": _PROVINCE,
    "not-a-real-province-or-country": _(
        "The last line of the address must be a province or city of Vietnam or another country."
    ),
    "virus-found": _("The file did not pass the virus scan."),
    "file-lost": _("The storage has lost the file."),
    "every-try-broke-off": _("The letter could not be made ready for printing."),
}


@dataclass(frozen=True)
class ShownPage:
    """A page of a letter, its number from 1, with what is wrong with it or nothing."""

    number: int
    fault: str = ""


def in_short(fault: str) -> str:
    """Return what a fault's short name means, or nothing for none; one without words stays as it is."""
    return str(FAULTS.get(fault, fault))


def faulty_pages(upload: LetterUpload) -> Sequence[ShownPage]:
    """Return the pages that are shown of an uploaded letter: ten at most."""
    words, wrong = in_short(upload.fault), set(upload.fault_pages)
    shown = range(1, min(upload.pages, checking.MAX_PAGES) + 1)
    return [ShownPage(number, words if number in wrong else "") for number in shown]
