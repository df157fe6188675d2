"""How long each service keeps what, where it chose for itself; and who asked about a person."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service
from gaap.privacy.declarations import retention_named


class RetentionPeriod(models.Model):
    """A service's choice for one kind of record; without one the kind's default holds."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="retention_periods", verbose_name=_("service")
    )
    noun = models.CharField(_("kind of record"), max_length=50, help_text=_("As in the reference of personal data."))
    days = models.PositiveIntegerField(_("days"))

    class Meta:
        ordering = ["noun"]
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        constraints = [models.UniqueConstraint(fields=["service", "noun"], name="gaap_retention_once")]

    def __str__(self) -> str:
        return f"{self.noun}: {self.days}"

    def clean(self) -> None:
        """Refuse a kind that nobody declares and a number of days outside its bounds."""
        retention = retention_named(self.noun)
        if retention is None:
            raise ValidationError({"noun": _("No installed component keeps this.")})
        if not retention.shortest <= self.days <= retention.longest:
            bounds = {"shortest": retention.shortest, "longest": retention.longest}
            raise ValidationError({"days": _("Choose from %(shortest)s to %(longest)s days.") % bounds})


class SubjectRequest(models.Model):
    """Somebody asked what is kept of a person, or had it erased. Names nobody: the person is a keyed digest."""

    class Kind(models.TextChoices):
        """What was done."""

        EXPORT = "export", _("Export")
        ERASURE = "erasure", _("Erasure")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    subject_digest = models.CharField(max_length=64, editable=False)
    purpose = models.CharField(_("purpose"), max_length=255)
    outcome = models.JSONField(_("outcome"), default=dict)
    made_at = models.DateTimeField(_("when"), default=now, editable=False)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("request about a person")
        verbose_name_plural = _("requests about persons")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.made_at:%Y-%m-%d %H:%M}"
