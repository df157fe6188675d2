"""What the platform remembers of one browser between two pages of a citizen's journey."""

import secrets
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField, keyed_digest
from gaap.identifiers import new_uuid
from gaap_identity.conf import LONGEST_SESSION, SESSION_LIFETIME
from gaap_identity.models.accounts import Account


def new_token() -> str:
    """Return the 256 random bits that the browser keeps in its cookie."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return the digest under which the session of a cookie's token is found."""
    return keyed_digest(token, purpose="identity.session")


class SessionQuerySet(models.QuerySet["BrowserSession"]):
    """Browser sessions, narrowed by what they still allow."""

    def alive(self) -> Self:
        """Sessions that have not run out."""
        return self.filter(expires_at__gt=now())


class BrowserSession(models.Model):
    """One browser; signed in once ``account`` is set.

    It lives for an hour from its last page (contract A.5), and half a day after signing in at most.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sessions")
    vot = models.CharField(max_length=10, default="", help_text=_("Cl or Cl.Cm once signed in."))
    authenticated_at = models.DateTimeField(null=True)
    data = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"browser session {self.pk}"

    @property
    def is_signed_in(self) -> bool:
        """True when a citizen signed in, with or without a second factor."""
        return self.account_id is not None

    @property
    def device(self) -> str:
        """What the browser said it was when the citizen signed in (its User-Agent header)."""
        return str(self.data.get("device", ""))

    @property
    def last_seen_at(self) -> datetime:
        """When the last page was asked for; in the last hour of the longest session, the beginning of that hour."""
        return self.expires_at - SESSION_LIFETIME

    @property
    def is_stored(self) -> bool:
        """True once the session stands in the database; a visit that holds nothing is not stored."""
        return not self._state.adding

    def extend(self) -> None:
        """Let the session live for its whole lifetime from now, but not past the longest one since signing in."""
        self.expires_at = now() + SESSION_LIFETIME
        if self.authenticated_at is not None:
            self.expires_at = min(self.expires_at, self.authenticated_at + LONGEST_SESSION)


class OneTimeCode(models.Model):
    """A code of six digits that was sent to prove an address or a phone; kept as a keyed digest only."""

    class Purpose(models.TextChoices):
        """What the right code lets happen."""

        SIGN_UP = "sign_up"
        SIGN_IN = "sign_in"
        CHANGE = "change"
        RESET = "reset"

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    session = models.ForeignKey(BrowserSession, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=10, choices=Purpose)
    recipient = EncryptedTextField()
    digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"one-time code {self.pk}"
