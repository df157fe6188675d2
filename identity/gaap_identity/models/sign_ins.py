"""One request of a relying party, from ``/authorize`` to the redirect back."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_identity.conf import SIGN_IN_LIFETIME
from gaap_identity.models.accounts import Account
from gaap_identity.models.browsers import BrowserSession
from gaap_identity.models.clients import Client
from gaap_identity.models.powers import Power
from gaap_identity.openid.levels import RequestedLevels
from gaap_identity.states import SIGN_IN


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sign-ins, narrowed by how far they are."""

    def open(self) -> Self:
        """Sign-ins that wait for the citizen."""
        return self.filter(status="started", created_at__gt=now() - SIGN_IN_LIFETIME)


class SignIn(models.Model):
    """What a service asked for, and what became of it. Its id is the ``sid`` of the tokens."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sign_ins", verbose_name=_("client"))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    session = models.ForeignKey(BrowserSession, on_delete=models.SET_NULL, null=True, related_name="sign_ins")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sign_ins")
    status = models.CharField(_("status"), max_length=20, default=SIGN_IN.initial)
    redirect_uri = models.TextField()
    state = models.TextField()
    nonce = models.TextField(default="")
    scopes = models.JSONField(_("scopes"), default=list)
    claims = models.JSONField(_("identity claims"), default=list)
    credential_level = models.CharField(_("credential level"), max_length=10)
    identity_levels = models.JSONField(_("levels of identity"), default=list)
    prompts = models.JSONField(default=list)
    max_age = models.PositiveIntegerField(null=True, help_text=_("In seconds."))
    response_mode = models.CharField(max_length=10, default="query")
    code_challenge = models.CharField(max_length=128, default="")
    hinted_subject = models.CharField(max_length=255, default="", db_default="", editable=False)
    vot = models.CharField(_("level given"), max_length=10, default="")
    authenticated_at = models.DateTimeField(null=True)
    # Gone with its power, so that no token of somebody who acted for another turns into one of their own.
    power = models.ForeignKey(Power, on_delete=models.CASCADE, null=True, related_name="sign_ins")
    is_person_chosen = models.BooleanField(default=False, db_default=False)
    return_codes = models.JSONField(default=list)
    created_at = models.DateTimeField(_("started"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [SIGN_IN.check_constraint("gaap_identity_sign_in_status")]

    def __str__(self) -> str:
        return f"sign-in {self.pk}"

    @property
    def requested(self) -> RequestedLevels:
        """The levels that the service asked for."""
        return RequestedLevels(credential=self.credential_level, identity=tuple(self.identity_levels))

    @property
    def prompts_again(self) -> bool:
        """True when the citizen must sign in although they are signed in already."""
        return bool({"login", "select_account"} & set(self.prompts))
