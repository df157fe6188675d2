"""Removing what has run out."""

from datetime import timedelta

from gaap.clock import now
from gaap_identity.models import (
    AccessToken,
    AuthorizationCode,
    BrowserSession,
    IDToken,
    LogoutNotice,
    OneTimeCode,
    PushedRequest,
    SecurityNotice,
    TryCounter,
    UsedAssertion,
)

#: How long a used authorization code is remembered, so that its replay is noticed.
CODE_MEMORY = timedelta(days=1)
#: How long it can be looked up what became of a logout notice.
NOTICE_MEMORY = timedelta(days=7)


def remove_expired_rows() -> None:
    """Remove every row that no longer allows or forbids anything."""
    moment = now()
    for model in (BrowserSession, OneTimeCode, PushedRequest, TryCounter, UsedAssertion):
        model.objects.filter(expires_at__lte=moment).delete()
    AccessToken.objects.filter(expires__lte=moment).delete()
    IDToken.objects.filter(expires__lte=moment).delete()
    AuthorizationCode.objects.filter(expires__lte=moment - CODE_MEMORY).delete()
    SecurityNotice.objects.filter(finished_at__lte=moment - NOTICE_MEMORY).delete()
    LogoutNotice.objects.filter(finished_at__lte=moment - NOTICE_MEMORY).delete()
