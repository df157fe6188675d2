"""Whether a person has a second factor, and whether they used it in this session."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import User
from django.http import HttpRequest

#: Recovery codes alone are no second factor; they stand in for one that was lost.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_second_factor(user: User) -> bool:
    """Tell whether the person has set up a second factor."""
    return bool(is_mfa_enabled(user, FACTORS))


def used_second_factor(request: HttpRequest) -> bool:
    """Tell whether the second factor was used, or set up, in this session."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)
