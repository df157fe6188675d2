"""Email addresses and phone numbers, each in the one form under which it is kept."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from gaap_identity.conf import conf

#: Where test users have their addresses: a domain that can never be anybody's (RFC 2606, 3), so nothing is sent there.
SANDBOX_DOMAIN = "test-users.example"


def is_of_sandbox(email: str) -> bool:
    """Tell whether ``email`` (normalised) is of a test user."""
    return email.endswith(f"@{SANDBOX_DOMAIN}")


def normalise_email(text: str) -> str:
    """Return an email address in the one form under which it is kept; raises ValidationError."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValidationError(
            _("Enter an email address in the correct format, like name@example.com"), code="invalid"
        ) from None


def normalise_phone(text: str) -> str:
    """Return a phone number in E.164; raises ValidationError."""
    try:
        number = phonenumbers.parse(text, conf.phone_region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("Enter a mobile phone number, with its country code if it is from abroad"), code="invalid"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_abroad(phone: str) -> bool:
    """Tell whether ``phone``, in E.164, has another country code than the numbers of the deployment's region."""
    home = phonenumbers.country_code_for_region(conf.phone_region)
    return bool(phonenumbers.parse(phone).country_code != home)
