"""The contract's messages as the console says them: in the reader's language, and about what the reader can do."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap_notify.console.faults import FAULTS
from gaap_notify.errors import ContractError
from gaap_notify.recipients import RecipientError
from gaap_notify.rendering.letters.checking import UNREADABLE
from gaap_notify.services.letters.uploads import UNREADABLE_PDF
from gaap_notify.services.one_offs import TEMPLATE_CHANGED
from gaap_notify.services.recipients import TEAM_ONLY, TRIAL_ONLY

_ON_TRIAL = _("While the service is on trial, it can send only to its team and the people on its guest list.")
_ADDRESS = _("Enter a real postal address of 3 to 7 lines, with the postcode or the country in the last one.")
_SENDER = _("The sender that was chosen is gone. Fill in the template again.")
_NUMBER = _("Enter a real telephone number, for example 07700 900123 or +84 90 123 45 67.")

#: By the beginning of the contract's message, without the name of a field.
_WORDS: Mapping[str, str | Promise] = {
    TEAM_ONLY: _ON_TRIAL,
    TRIAL_ONLY: _ON_TRIAL,
    TEMPLATE_CHANGED: _("The template has changed since. Fill it in again."),
    "Template has been deleted": _("This template is archived. Nothing can be sent from it."),
    "Not a valid email address": _("Enter an email address in the right form, such as name@example.org."),
    "Not enough digits": _("The number has too few digits."),
    "Too many digits": _("The number has too many digits."),
    "Must not contain letters or symbols": _("The number must not hold letters or symbols."),
    "Not a valid country prefix": _("The country code of the number is not right."),
    "Number is not valid": _NUMBER,
    "Not a UK mobile number": _("The number is not that of a mobile telephone."),
    "Not a mobile number": _("The number is not that of a mobile telephone."),
    "Cannot send to international mobile numbers": _("This service cannot send to numbers of other countries."),
    "Your message is empty": _("With these values nothing is left of the message."),
    "Your message is too long": _("This message is too long to be sent."),
    "Cannot send letters when service is in trial mode": _("A service on trial cannot send letters."),
    "Service is not allowed to send": _("This service may not send messages of this type."),
    "Exceeded send limits": _("The service has sent as many messages today as it may."),
    "Cannot create a usable QR code": _("A link in this letter is too long for a QR code."),
    "Unsupported file type": _("A file of this type cannot be sent."),
    "`filename` cannot be longer": _("The name of the file is longer than 100 characters."),
    "Document must not be empty": _("The file is empty"),
    "Uploaded file exceeds": _("The file is larger than 2 MB"),
    "Letter content is larger than": _("The file is larger than 5 MB"),
    UNREADABLE_PDF: FAULTS[UNREADABLE],
    "sms_sender_id": _SENDER,
    "email_reply_to_id": _SENDER,
    "File did not pass the virus scan": _("The file did not pass the virus scan."),
    "The virus scanner does not answer": _("The file cannot be looked at for viruses now. Try again later."),
    "The file storage does not answer": _("Files cannot be kept now. Try again later."),
    "Send files by email has not been set up": _("This service has not been set up to send files."),
    "Address": _ADDRESS,
    "The first 2 lines of the address": _ADDRESS,
    "Last line of address": _ADDRESS,
    "The last line of a BFPO address": _("The last line of a BFPO address must not be a country."),
    "Must be a real": _ADDRESS,
}
_FIELDS = ("phone_number ", "email_address ")


_ABOUT_FILES = ("Unsupported file type", "File did not pass", "The virus scanner", "The file storage", "Send files")


def is_about_files(error: Exception) -> bool:
    """Tell whether an error of the contract is about a file that was to be sent."""
    return str(error).startswith(_ABOUT_FILES)


def in_words(error: ContractError | RecipientError) -> str:
    """Return what the console says of an error of the contract; what it has no words for stays as it is."""
    text = str(error)
    for name in _FIELDS:
        text = text.removeprefix(name)
    return str(next((words for beginning, words in _WORDS.items() if text.startswith(beginning)), text))
