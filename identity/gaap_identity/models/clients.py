"""The client: a service as relying party (contract A.8), in the place of django-oauth-toolkit's application."""

import re
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from gaap.organisations.models import Service
from gaap_identity.jose import read_public_key
from gaap_identity.openid.claims import IDENTITY_CLAIMS
from gaap_identity.openid.levels import IDENTITY_LEVELS
from gaap_identity.openid.requests import SCOPES
from gaap_identity.openid.subjects import sector_host

CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,255}")


def default_scopes() -> list[str]:
    """Return the scopes of a client that names none."""
    return ["openid"]


def default_levels() -> list[str]:
    """Return the levels of a client that names none: sign-in alone."""
    return ["P0"]


class ClientQuerySet(models.QuerySet["Client"]):
    """Clients, found by what they call themselves."""

    def called(self, client_id: str) -> Self:
        """The client with this id, if there is one; a text that no id can be is not even looked up."""
        return self.filter(client_id=client_id) if CLIENT_ID.fullmatch(client_id) else self.none()


class Client(AbstractApplication):  # type: ignore[misc]
    """What a service registered in order to sign citizens in. Only the authorization code flow is open to it."""

    class AuthMethod(models.TextChoices):
        """How the client proves itself at the token endpoint."""

        PRIVATE_KEY_JWT = "private_key_jwt", _("Signed assertion (private_key_jwt)")
        CLIENT_SECRET_POST = "client_secret_post", _("Secret (client_secret_post)")

    class Algorithm(models.TextChoices):
        """How its ID tokens are signed."""

        ES256 = "ES256", "ES256"
        RS256 = "RS256", "RS256"

    class SubjectType(models.TextChoices):
        """Whether another sector sees the same subject."""

        PAIRWISE = "pairwise", _("Pairwise: other sectors see another subject")
        PUBLIC = "public", _("Public: every client sees the same subject")

    user = None
    client_type = models.CharField(max_length=32, default=AbstractApplication.CLIENT_CONFIDENTIAL, editable=False)
    authorization_grant_type = models.CharField(
        max_length=44, default=AbstractApplication.GRANT_AUTHORIZATION_CODE, editable=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    client_secret = models.CharField(max_length=255, blank=True, default="", editable=False)
    algorithm = models.CharField(_("ID token algorithm"), max_length=5, choices=Algorithm, default=Algorithm.ES256)
    auth_method = models.CharField(
        _("authentication"), max_length=20, choices=AuthMethod, default=AuthMethod.PRIVATE_KEY_JWT
    )
    public_key = models.TextField(_("public key"), blank=True, help_text=_("PEM of the key that signs assertions."))
    jwks_uri = models.CharField(
        _("key set address"), blank=True, max_length=500, validators=[URLValidator(schemes=["https", "http"])]
    )
    scopes = models.JSONField(_("scopes"), default=default_scopes)
    claims = models.JSONField(_("identity claims"), default=list, blank=True)
    levels = models.JSONField(_("levels of identity"), default=default_levels)
    granted_levels = models.JSONField(
        _("levels for the live service"),
        null=True,
        blank=True,
        help_text=_("What operators granted on request. Empty: all of its levels."),
    )
    granted_claims = models.JSONField(
        _("claims for the live service"),
        null=True,
        blank=True,
        help_text=_("What operators granted on request. Empty: all of its claims."),
    )
    subject_type = models.CharField(
        _("kind of subject"), max_length=10, choices=SubjectType, default=SubjectType.PAIRWISE
    )
    sector_identifier = models.CharField(_("sector host"), max_length=255, blank=True)
    back_channel_logout_uri = models.CharField(
        _("back-channel logout address"),
        blank=True,
        max_length=500,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=_("Where the service is told that a citizen signed out."),
    )
    security_events_uri = models.CharField(
        _("security events address"),
        blank=True,
        default="",
        db_default="",
        max_length=500,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=_("Where the service is told that an account was closed or is in danger."),
    )
    rate_limit = models.PositiveIntegerField(
        _("requests in 60 seconds"), null=True, blank=True, help_text=_("Empty for no limit, 0 to let none pass.")
    )
    is_jar_required = models.BooleanField(_("signed request objects required"), default=False)
    is_standard = models.BooleanField(
        _("standard OpenID Connect"),
        default=False,
        help_text=_("Takes what OpenID Connect Core allows and the contract refuses."),
    )
    is_pkce_required = models.BooleanField(_("PKCE required"), default=False)
    is_nonce_required = models.BooleanField(_("nonce required"), default=True)
    is_max_age_allowed = models.BooleanField(_("max_age allowed"), default=False)
    takes_powers = models.BooleanField(
        _("takes people who act for another"),
        default=False,
        db_default=False,
        help_text=_("Its tokens may then say in “act” who acts."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["client_id"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(algorithm__in=["ES256", "RS256"]), name="gaap_identity_client_alg"
            ),
            models.CheckConstraint(
                condition=models.Q(auth_method__in=["private_key_jwt", "client_secret_post"]),
                name="gaap_identity_client_auth",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name or self.client_id)

    @property
    def redirect_uri_list(self) -> list[str]:
        """The addresses a citizen may be sent back to; compared exactly."""
        return str(self.redirect_uris).split()

    @property
    def post_logout_redirect_uri_list(self) -> list[str]:
        """The addresses a citizen may be sent to after signing out; compared exactly."""
        return str(self.post_logout_redirect_uris).split()

    @property
    def allowed_levels(self) -> list[str]:
        """The levels of identity that it may ask for now: for a live service only those that were granted."""
        return self._allowed(self.levels, granted=self.granted_levels)

    @property
    def allowed_claims(self) -> list[str]:
        """The identity claims that it may ask for now: for a live service only those that were granted."""
        return self._allowed(self.claims, granted=self.granted_claims)

    def _allowed(self, own: list[str], *, granted: list[str] | None) -> list[str]:
        if granted is None or not self.service.is_live:
            return own
        return [name for name in own if name in granted]

    @property
    def can_identify(self) -> bool:
        """True when the client may ask for proof of identity; one that holds only a secret never may (A.2)."""
        return self.auth_method == self.AuthMethod.PRIVATE_KEY_JWT and bool(set(self.allowed_levels) - {"P0"})

    def clean(self) -> None:
        """Refuse a client that could not authenticate itself or whose subjects could not be made."""
        errors = {**self._key_errors(), **self._address_errors(), **self._list_errors()}
        if errors:
            raise ValidationError(errors)

    def _key_errors(self) -> dict[str, str | Promise]:
        if self.auth_method != self.AuthMethod.PRIVATE_KEY_JWT:
            return {}
        if bool(self.public_key) == bool(self.jwks_uri):
            return {"public_key": _("Give either a public key or a key set address.")}
        if self.public_key and read_public_key(self.public_key) is None:
            return {"public_key": _("Give the public key as PEM.")}
        return {}

    def _address_errors(self) -> dict[str, str | Promise]:
        if not self.redirect_uri_list:
            return {"redirect_uris": _("Give at least one redirect address.")}
        if self.subject_type == self.SubjectType.PAIRWISE and not self.sector_host:
            return {"sector_identifier": _("Give a sector host: the redirect addresses have more than one host.")}
        return {}

    def _list_errors(self) -> dict[str, str | Promise]:
        if not CLIENT_ID.fullmatch(self.client_id):
            return {"client_id": _("Use letters, digits and the characters . _ ~ - only.")}
        known: dict[str, tuple[str, ...]] = {"scopes": SCOPES, "claims": IDENTITY_CLAIMS, "levels": IDENTITY_LEVELS}
        granted = {"granted_claims": IDENTITY_CLAIMS, "granted_levels": IDENTITY_LEVELS}
        known |= {name: values for name, values in granted.items() if getattr(self, name) is not None}
        return {
            name: _("Give a list of these: %(known)s.") % {"known": ", ".join(values)}
            for name, values in known.items()
            if not _is_part(getattr(self, name), values)
        }

    @property
    def sector_host(self) -> str:
        """The host that pairwise subjects are made for (contract A.5), or an empty text when it is undecided."""
        return sector_host(self.sector_identifier, redirect_uris=self.redirect_uri_list)


def _is_part(told: object, known: tuple[str, ...]) -> bool:
    """Tell whether ``told`` is a list of nothing but what is ``known``."""
    return isinstance(told, list) and set(map(str, told)) <= set(known)
