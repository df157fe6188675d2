"""The citizen's account. It is no user of Django's admin and shares nothing with one (ADR 0010)."""

import secrets
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField, keyed_digest
from gaap.identifiers import new_uuid


def new_subject() -> str:
    """Return the random name that pairwise subjects are made from; it never leaves the platform."""
    return secrets.token_urlsafe(32)


def email_digest(email: str) -> str:
    """Return the digest under which an account is found by its (already normalised) email address."""
    return keyed_digest(email, purpose="identity.account.email")


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, found by what is known of them."""

    def with_email(self, email: str) -> Self:
        """The account with this normalised address, if there is one."""
        return self.filter(email_digest=email_digest(email))


class Account(models.Model):
    """A citizen who can sign in with an email address, a password and a code."""

    class SecondFactor(models.TextChoices):
        """Where the code goes."""

        SMS = "sms", _("Text message")
        EMAIL = "email", _("Email")
        APP = "app", _("Authenticator app")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    subject = models.CharField(max_length=64, unique=True, default=new_subject, editable=False)
    subject_salt = models.CharField(max_length=64, default=new_subject, editable=False)
    email = EncryptedTextField(_("email address"))
    email_digest = models.CharField(max_length=64, unique=True, editable=False)
    password = models.CharField(max_length=255, editable=False)
    second_factor = models.CharField(_("second factor"), max_length=10, choices=SecondFactor)
    phone = EncryptedTextField(_("phone number"), default="", blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    disabled_at = models.DateTimeField(_("disabled"), null=True, editable=False)
    is_sandbox = models.BooleanField(_("test user"), default=False, db_default=False, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("citizen account")
        verbose_name_plural = _("citizen accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_factor__in=["sms", "email", "app"]),
                name="gaap_identity_account_second_factor",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"

    @property
    def code_channel(self) -> str:
        """How a second factor's codes are sent: ``sms``, ``email``, or empty when they come from an app alone."""
        if self.second_factor == self.SecondFactor.EMAIL:
            return "email"
        return "sms" if self.phone else ""

    @property
    def factor_recipient(self) -> str:
        """The phone number (E.164) or email address that codes are sent to."""
        return self.phone if self.code_channel == "sms" else self.email
