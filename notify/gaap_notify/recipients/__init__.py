"""Telephone numbers and email addresses: reading, checking, normalising."""

from gaap_notify.recipients.emails import parse_email
from gaap_notify.recipients.errors import RecipientError
from gaap_notify.recipients.phones import PhoneNumber, parse_phone

__all__ = ["PhoneNumber", "RecipientError", "parse_email", "parse_phone"]
