"""Codes and tokens, in the places that django-oauth-toolkit keeps them (ADR 0011); none is stored readable."""

import hashlib

from django.db import models
from oauth2_provider.models import AbstractAccessToken, AbstractGrant, AbstractIDToken, AbstractRefreshToken

from gaap.crypto import keyed_digest
from gaap_identity.models.accounts import Account
from gaap_identity.models.clients import Client
from gaap_identity.models.sign_ins import SignIn


def code_digest(code: str) -> str:
    """Return the digest under which an authorization code is found."""
    return keyed_digest(code, purpose="identity.authorization_code")


def token_checksum(text: str) -> str:
    """Return the checksum under which an access token is found."""
    return hashlib.sha256(text.encode()).hexdigest()


class AuthorizationCode(AbstractGrant):  # type: ignore[misc]
    """A code that may be redeemed once; ``code`` holds its digest. Kept after use, so that a replay is noticed."""

    user = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="+")
    redeemed_at = models.DateTimeField(null=True)


class AccessToken(AbstractAccessToken):  # type: ignore[misc]
    """The right to ask ``/userinfo`` about one citizen, for three minutes."""

    user = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="+")


class RefreshToken(AbstractRefreshToken):  # type: ignore[misc]
    """Required by django-oauth-toolkit beside its access tokens; the contract issues none (A.4)."""

    user = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")


class IDToken(AbstractIDToken):  # type: ignore[misc]
    """The record of an ID token that was issued, by its ``jti``."""

    user = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")


class UsedAssertion(models.Model):
    """A client assertion that was accepted; the same ``jti`` is refused until the assertion has expired."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    jti_digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "jti_digest"], name="gaap_identity_used_assertion_unique"),
        ]

    def __str__(self) -> str:
        return f"assertion of {self.client_id}"
