"""What operators do about an account that somebody else came into: change its password, or close it for now."""

import secrets

from django.db import transaction
from django.db.models import Q

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap_identity.models import AccessToken, Account, AuthorizationCode, SecurityNotice
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.passwords import hash_password
from gaap_identity.services.security_notices import queue_security_notices
from gaap_identity.services.sessions import end_sessions

Kind = SecurityNotice.Kind


@transaction.atomic
def require_new_password(account: Account, *, purpose: str, by: Actor) -> bool:
    """Sign ``account`` out everywhere and let its password open nothing until the citizen makes another.

    They do so by the way back for a forgotten password. The services that know them are told.
    """
    _shut_out(account)
    Account.objects.filter(pk=account.pk).update(password=hash_password(secrets.token_urlsafe(32)))
    record("account_compromised", target=account, by=by, purpose=purpose)
    queue_security_notices(account, kinds=(Kind.SESSIONS, Kind.CREDENTIALS))
    notify_citizen("account_compromised", recipient=account.email, language=account.language)
    return True


@transaction.atomic
def disable_account(account: Account, *, purpose: str, by: Actor) -> bool:
    """Sign ``account`` out everywhere and let nobody in until it is enabled; False when it was disabled already."""
    if not Account.objects.filter(pk=account.pk, disabled_at=None).update(disabled_at=now()):
        return False
    _shut_out(account)
    record("account_disabled", target=account, by=by, purpose=purpose)
    queue_security_notices(account, kinds=(Kind.SESSIONS, Kind.DISABLED), reason="hijacking")
    notify_citizen("account_disabled", recipient=account.email, language=account.language)
    return True


@transaction.atomic
def enable_account(account: Account, *, purpose: str, by: Actor) -> bool:
    """Let the citizen in again; False when the account is not disabled."""
    if not Account.objects.filter(pk=account.pk).exclude(disabled_at=None).update(disabled_at=None):
        return False
    record("account_enabled", target=account, by=by, purpose=purpose)
    return True


def _shut_out(account: Account) -> None:
    end_sessions(account)
    AccessToken.objects.filter(Q(user=account) | Q(sign_in__power__giver=account)).delete()
    AuthorizationCode.objects.filter(user=account, redeemed_at=None).update(redeemed_at=now())
