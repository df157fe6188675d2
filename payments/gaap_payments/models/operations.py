"""What we asked a provider to do, each under its own idempotency key."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_payments.models.payments import Payment


class ProviderOperation(models.Model):
    """One thing asked of a provider; repeats of the same thing share the row and the idempotency key."""

    class Kind(models.TextChoices):
        """What is asked for."""

        SESSION = "session", _("Open a session")
        AUTHORISE = "authorise", _("Authorise")
        AUTHENTICATE = "authenticate", _("Follow a challenge")
        CAPTURE = "capture", _("Capture")
        CANCEL = "cancel", _("Release")

    class Outcome(models.TextChoices):
        """What came of it."""

        WAITING = "waiting", _("Asked, no answer yet")
        DONE = "done", _("Answered")
        REFUSED = "refused", _("Refused for good")

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="operations", verbose_name=_("payment"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.WAITING)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    failure = models.CharField(_("failure"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("started"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("provider operation")
        verbose_name_plural = _("provider operations")
        constraints = [
            models.UniqueConstraint(fields=["payment", "kind", "number"], name="gaap_payments_operation_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["session", "authorise", "authenticate", "capture", "cancel"]),
                name="gaap_payments_operation_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key

    @property
    def idempotency_key(self) -> str:
        """What the provider knows this request by, however often it is sent."""
        return f"{self.payment_id}-{self.kind}-{self.number}"
