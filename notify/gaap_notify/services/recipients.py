"""Whether a message may go to a recipient, and in which form it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gaap.keys.models import ApiKey
from gaap.organisations.models import Membership, Service
from gaap_notify.conf import conf
from gaap_notify.errors import BadRequestError, InvalidPhoneError, ValidationError
from gaap_notify.models import GuestListEntry, NotifySettings
from gaap_notify.models.service_settings import Permission
from gaap_notify.recipients import RecipientError, parse_email, parse_phone
from gaap_notify.services.service_settings import recipient_digest

TEAM_ONLY = "Can’t send to this recipient using a team-only API key"
TRIAL_ONLY = (
    "Can’t send to this recipient when service is in trial mode"
    " – see https://www.notifications.service.gov.uk/trial-mode"
)
#: Answered like any other, but nothing is stored or sent (spec A.14).
SIMULATED = frozenset(
    {
        "447700900000",
        "447700900111",
        "447700900222",
        "simulate-delivered@notifications.service.gov.uk",
        "simulate-delivered-2@notifications.service.gov.uk",
        "simulate-delivered-3@notifications.service.gov.uk",
    }
)
FIELDS: Mapping[str, str] = {"sms": "phone_number", "email": "email_address"}


@dataclass(frozen=True)
class Recipient:
    """Somebody a message may go to. ``address`` is what is sent to, ``given`` what the caller wrote."""

    given: str = field(repr=False)
    address: str = field(repr=False)
    rate_multiplier: int = 1

    @property
    def is_simulated(self) -> bool:
        """True for those of the contract's list to whom nothing is sent."""
        return self.address in SIMULATED


def normalise_recipient(text: str, *, channel: Literal["sms", "email"], default_region: str | None = None) -> str:
    """Return an email address in lower case, or a number as E.164 digits without the plus.

    ``default_region`` (ISO 3166) is where a number without a country code belongs; the platform's when not given.
    Raises RecipientError.
    """
    if channel == "email":
        return parse_email(text)
    return parse_phone(text, default_region=default_region or conf.default_region).digits


def accept_recipient(
    text: str, *, channel: Literal["sms", "email"], service: Service, key_type: str, settings: NotifySettings
) -> Recipient:
    """Return the recipient; raises ContractError when not reachable with this key, malformed, or abroad (A.3, A.4)."""
    check_reachable(text, channel=channel, service=service, key_type=key_type, settings=settings)
    try:
        return Recipient(text, parse_email(text)) if channel == "email" else _accept_number(text, settings)
    except RecipientError as error:
        raise ValidationError(f"{FIELDS[channel]} {error}") from error


def check_reachable(
    text: str, *, channel: Literal["sms", "email"], service: Service, key_type: str, settings: NotifySettings
) -> None:
    """Raise BadRequestError for a stranger when only the team and its guests may be reached (spec A.4)."""
    if key_type == ApiKey.Type.TEST or (key_type == ApiKey.Type.LIVE and service.is_live):
        return
    if not _is_known(text, channel=channel, service=service, settings=settings):
        raise BadRequestError(TEAM_ONLY if key_type == ApiKey.Type.TEAM else TRIAL_ONLY)


def possible_digests(text: str) -> list[str]:
    """Return what a whole address or number, as somebody typed it, may be stored under; nothing for other text."""
    channel: Literal["sms", "email"] = "email" if "@" in text else "sms"
    try:
        return [recipient_digest(normalise_recipient(text, channel=channel))]
    except RecipientError:
        return []


def _is_known(text: str, *, channel: Literal["sms", "email"], service: Service, settings: NotifySettings) -> bool:
    try:
        address = normalise_recipient(text, channel=channel, default_region=settings.default_region)
    except RecipientError:
        return False
    if address in SIMULATED:
        return True
    if channel == "email" and Membership.objects.filter(service=service, user__email__iexact=address).exists():
        return True
    return GuestListEntry.objects.filter(service=service, recipient_digest=recipient_digest(address)).exists()


def _accept_number(text: str, settings: NotifySettings) -> Recipient:
    number = parse_phone(text, default_region=settings.default_region)
    if number.is_landline and not settings.allows(Permission.LANDLINE_SMS):
        home = "UK " if settings.default_region == "GB" else ""
        raise InvalidPhoneError(f"Not a {home}mobile number")
    if number.is_international and not settings.allows(Permission.INTERNATIONAL_SMS):
        raise BadRequestError("Cannot send to international mobile numbers")
    return Recipient(text, number.digits, conf.sms_multiplier(number.country_code))
