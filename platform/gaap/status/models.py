"""Incidents: what operators tell the public."""

from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.identifiers import new_uuid


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents, narrowed by when they are."""

    def open(self) -> Self:
        """Those that have begun and are not over."""
        return self.filter(began_at__lte=now(), ended_at=None)


class Incident(models.Model):
    """Something that does not work as it should, from ``began_at`` until ``ended_at`` (None: it goes on)."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    part = models.CharField(_("what is concerned"), max_length=100)
    began_at = models.DateTimeField(_("began"), default=now, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("began_at")),
                name="gaap_incident_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.began_at:%Y-%m-%d %H:%M}"

    def clean(self) -> None:
        """Refuse an end before the beginning."""
        began_at: datetime | None = self.began_at  # None when the form had none that could be read
        if self.ended_at is not None and began_at is not None and self.ended_at < began_at:
            raise ValidationError({"ended_at": _("It cannot end before it began")})


class IncidentText(models.Model):
    """What is said of an incident in one language."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("heading"), max_length=150)
    text = models.TextField(_("text"), max_length=2000)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [models.UniqueConstraint(fields=["incident", "language"], name="gaap_incident_language")]

    def __str__(self) -> str:
        return self.title
