"""Checks that a person makes: documents that citizens upload, and visits to a counter."""

import secrets
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedJSONField, EncryptedTextField, keyed_digest
from gaap.identifiers import new_uuid
from gaap_identity.models.identity import IdentityCheck
from gaap_identity.states import HUMAN_CHECK

#: No letters or digits that are taken for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8


def new_counter_code() -> str:
    """Return a code that a citizen shows at the counter."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def counter_digest(code: str) -> str:
    """Return the digest under which a counter code is found; gaps and case do not count."""
    bare = "".join(character for character in code.upper() if character in ALPHABET)
    return keyed_digest(bare, purpose="identity.counter_code")


class HumanCheckQuerySet(models.QuerySet["HumanCheck"]):
    """Human checks, narrowed by what they wait for."""

    def in_queue(self) -> Self:
        """Uploaded documents that wait for the first or the second pair of eyes, oldest first."""
        return self.filter(kind="documents", status__in=["waiting", "proposed"]).order_by("created_at")

    def with_code(self, code: str) -> Self:
        """The visit to a counter that a code stands for, while it still may be made."""
        return self.filter(kind="counter", status="waiting", code_digest=counter_digest(code), expires_at__gt=now())


class HumanCheck(models.Model):
    """One check by people. What was uploaded is removed once it is settled."""

    class Kind(models.TextChoices):
        """How the citizen shows what they have."""

        DOCUMENTS = "documents", _("Uploaded documents")
        COUNTER = "counter", _("Visit to a counter")

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    identity_check = models.OneToOneField(IdentityCheck, on_delete=models.CASCADE, related_name="human_check")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(_("status"), max_length=10, default=HUMAN_CHECK.initial)
    told = EncryptedJSONField(default=dict, help_text=_("Who the citizen says they are."))
    picture = EncryptedTextField(default="", help_text=_("Of the document, in base64."))
    portrait = EncryptedTextField(default="", help_text=_("Of the citizen, in base64."))
    code = EncryptedTextField(default="")
    code_digest = models.CharField(max_length=64, default="", db_index=True, editable=False)
    is_accepted = models.BooleanField(_("accepted"), null=True)
    reason = models.CharField(_("reason"), max_length=20, default="", blank=True)
    proposed_by = models.CharField(_("first reviewer"), max_length=100, default="", editable=False)
    settled_by = models.CharField(_("second reviewer"), max_length=100, default="", editable=False)
    created_at = models.DateTimeField(_("came in"), default=now, editable=False)
    expires_at = models.DateTimeField(_("until"), null=True)

    objects = HumanCheckQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("check by people")
        verbose_name_plural = _("checks by people")
        constraints = [HUMAN_CHECK.check_constraint("gaap_identity_human_check_status")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def service_id(self) -> object:
        """The service that the check is made for."""
        return self.identity_check.service_id
