"""What happened in an account, read from the audit for the citizen it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.audit.models import AuditEvent
from gaap_identity.models import Account

LONGEST = 50

#: The acts that are shown, in the citizen's words; others are of no use to them.
WORDS: Mapping[str, Promise | str] = {
    "account_created": _("Account created"),
    "citizen_signed_in": _("Signed in"),
    "citizen_signed_out": _("Signed out"),
    "other_sessions_ended": _("Signed out of every other browser"),
    "email_changed": _("Email address changed"),
    "phone_changed": _("Phone number changed"),
    "password_changed": _("Password changed"),
    "passkey_added": _("Passkey added"),
    "passkey_removed": _("Passkey removed"),
    "second_factor_added": _("Authenticator app added"),
    "second_factor_removed": _("Authenticator app removed"),
    "recovery_codes_created": _("Recovery codes created"),
    "recovery_code_used": _("Recovery code used"),
    "factor_reset_asked": _("New way to sign in asked for"),
    "identity_lapsed": _("Proof of identity ran out"),
    "claims_released": _("Details given to a service"),
    "consent_given": _("Agreed to share details"),
    "consent_withdrawn": _("Stopped sharing details"),
    "power_given": _("Let somebody act for you, once they accept"),
    "acting_begun": _("A power to act for another was accepted"),
    "acting_ended": _("A power to act for another ended"),
    "acted_for_another": _("A power to act for another was used"),
    "company_office_confirmed": _("Confirmed as an officer of a company"),
    "company_office_ended": _("Officer of a company no more"),
    "company_power_given": _("Let somebody act for your company, once they accept"),
    "account_compromised": _("Signed out by our staff, and a new password asked for"),
    "account_disabled": _("Account closed for now by our staff"),
    "account_enabled": _("Account opened again by our staff"),
    "citizen_looked_up": _("Looked at by our staff"),
}


@dataclass(frozen=True)
class Act:
    """One line of the page."""

    happened_at: datetime
    words: Promise | str


def acts_of(account: Account) -> list[Act]:
    """Return the last acts in ``account``, newest first."""
    events = AuditEvent.objects.filter(
        target_type=Account._meta.label_lower, target_id=str(account.pk), action__in=list(WORDS)
    )[:LONGEST]
    return [Act(event.occurred_at, WORDS[event.action]) for event in events]
