"""What other components may import from Notify. Nothing else of this package is meant for them."""

from gaap_notify.recipients import RecipientError
from gaap_notify.services.codes import send_code
from gaap_notify.services.platform_emails import PlatformEmail, send_platform_email
from gaap_notify.services.recipients import normalise_recipient
from gaap_notify.services.scanning import ScanError, is_clean

__all__ = [
    "PlatformEmail",
    "RecipientError",
    "ScanError",
    "is_clean",
    "normalise_recipient",
    "send_code",
    "send_platform_email",
]
