"""Emails that tell a citizen of a change to their account, sent to where they could be reached before it."""

from collections.abc import Callable
from typing import Literal

from django.apps import apps
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from gaap.conf import conf
from gaap_identity.contacts import is_of_sandbox
from gaap_identity.openid.addresses import endpoint

Notice = Literal[
    "email_changed",
    "phone_changed",
    "password_changed",
    "factor_added",
    "factor_removed",
    "recovery_code_used",
    "factor_reset_asked",
    "factor_reset_finished",
    "account_deleted",
    "identity_ready",
    "identity_refused",
    "power_offered",
    "account_compromised",
    "account_disabled",
]


def notify_citizen(notice: Notice, *, recipient: str, language: str = "") -> None:
    """Send ``notice`` to an email address once the transaction has committed.

    Without Notify, and to test users, nothing is sent: the change stands in the account's activity all the same.
    """
    if apps.is_installed("gaap_notify") and not is_of_sandbox(recipient):
        transaction.on_commit(lambda: _send(notice, recipient, language or get_language() or "en"))


def _send(notice: Notice, recipient: str, language: str) -> None:
    from gaap_notify import public

    with override(language):
        subject, happened = _texts()[notice]()
        body = "\n\n".join([happened, _what_now(notice)])
    email = public.PlatformEmail(
        kind=f"identity_{notice}",
        language=language,
        recipient=recipient,
        subject=subject,
        body=body,
        personalisation={"brand": str(conf.brand["name"]), "account": endpoint(_page_of(notice))},
    )
    try:
        public.send_platform_email(email)
    except public.RecipientError:
        # An address that nothing can be sent to any more cannot be told.
        return


def _page_of(notice: Notice) -> str:
    return "account/powers" if notice == "power_offered" else "account/activity"


def _what_now(notice: Notice) -> str:
    if notice in ("identity_ready", "identity_refused"):
        return _("Go back to the service that asked, or see your account: ((account))")
    if notice == "power_offered":
        return _("Sign in with this email address, or create an account with it, to see who asks: ((account))")
    return _("If this was not you, sign in and look at what happened, or ask for help at once: ((account))")


def _texts() -> dict[Notice, Callable[[], tuple[str, str]]]:
    """Return subject and first paragraph of each notice; read in the citizen's language."""
    return {
        "email_changed": lambda: (
            _("Your email address for ((brand)) was changed"),
            _("This address no longer belongs to your account. Sign in with the new one."),
        ),
        "phone_changed": lambda: (
            _("Your phone number for ((brand)) was changed"),
            _("Security codes go to the new number from now on."),
        ),
        "password_changed": lambda: (
            _("Your password for ((brand)) was changed"),
            _("You were signed out of every other browser."),
        ),
        "factor_added": lambda: (
            _("A new way to sign in was added to your ((brand)) account"),
            _("A passkey, an authenticator app or a phone was added to your account."),
        ),
        "factor_removed": lambda: (
            _("A way to sign in was removed from your ((brand)) account"),
            _("A passkey or an authenticator app was removed from your account."),
        ),
        "recovery_code_used": lambda: (
            _("A recovery code for ((brand)) was used"),
            _("Somebody signed in to your account with one of its recovery codes."),
        ),
        "factor_reset_asked": lambda: (
            _("Somebody asked for a new way to sign in to your ((brand)) account"),
            _("They know your password and read your emails. Sign in as usual to stop it; after the wait it happens."),
        ),
        "factor_reset_finished": lambda: (
            _("Your ((brand)) account has a new way to sign in"),
            _("The old ways no longer work. Your identity has to be confirmed again."),
        ),
        "account_deleted": lambda: (
            _("Your ((brand)) account was deleted"),
            _("What we held about you is gone. Services keep what you gave them."),
        ),
        "identity_ready": lambda: (
            _("Your identity is confirmed"),
            _("The check that was waiting is done, and it went well."),
        ),
        "identity_refused": lambda: (
            _("We could not confirm your identity"),
            _("The check that was waiting is done. You can try again in another way."),
        ),
        "account_compromised": lambda: (
            _("Make a new password for your ((brand)) account"),
            _("Somebody else may know your password. Choose “I forgot my password” when you sign in."),
        ),
        "account_disabled": lambda: (
            _("Your ((brand)) account is closed for now"),
            _("Somebody else may have come into it. Nobody can sign in until we have looked into it with you."),
        ),
        "power_offered": lambda: (
            _("Somebody asks you to act for them"),
            _("Somebody wants you to act for them, or for a company, at a service. Nothing happens unless you agree."),
        ),
    }
