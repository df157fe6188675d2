"""The market of evidence: which sources citizens are offered, for which services, and how each of them does."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.organisations.models import Service


class SourceQuerySet(models.QuerySet["EvidenceSource"]):
    """Sources, narrowed by whom they are offered to."""

    def offered_to(self, service: Service) -> Self:
        """Sources that a new check for ``service`` may begin with today."""
        moment = now()
        open_to_all_or_it = models.Q(services=None) | models.Q(services=service)
        still_new = models.Q(begins_until=None) | models.Q(begins_until__gt=moment)
        well = models.Q(unavailable_until=None) | models.Q(unavailable_until__lte=moment)
        return self.filter(open_to_all_or_it, still_new, well, is_active=True).distinct()


class EvidenceSource(models.Model):
    """One source of evidence: a provider with its set-up. What it says is scored, and never trusted by default."""

    identifier = models.SlugField(_("identifier"), primary_key=True, max_length=50)
    name = models.CharField(_("name"), max_length=100, help_text=_("As citizens know it."))
    provider = models.CharField(_("provider"), max_length=50)
    options = models.JSONField(_("options"), default=dict, blank=True)
    secret = EncryptedTextField(_("secret"), default="", blank=True)
    highest_level = models.CharField(_("highest level"), max_length=2, default="P3")
    services = models.ManyToManyField(
        Service, blank=True, related_name="+", verbose_name=_("only for these services"), help_text=_("None: for all.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    begins_until = models.DateTimeField(
        _("begins until"), null=True, blank=True, help_text=_("Leaving: no new checks from then on.")
    )
    answers_until = models.DateTimeField(
        _("answers until"), null=True, blank=True, help_text=_("Leaving: no results from then on.")
    )
    failures_in_row = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    unavailable_until = models.DateTimeField(_("unavailable until"), null=True, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "identifier"]
        verbose_name = _("source of evidence")
        verbose_name_plural = _("sources of evidence")

    def __str__(self) -> str:
        return self.name


class SourceDay(models.Model):
    """How one source did on one day. Whoever began and neither passed, failed nor waits has dropped out, and counts."""

    source = models.CharField(_("source"), max_length=50)
    day = models.DateField(_("day"))
    begun = models.PositiveIntegerField(_("begun"), default=0)
    passed = models.PositiveIntegerField(_("passed"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    pending = models.PositiveIntegerField(_("sent to wait"), default=0)
    broken = models.PositiveIntegerField(_("calls that broke"), default=0)

    class Meta:
        ordering = ["-day", "source"]
        verbose_name = _("day of a source")
        verbose_name_plural = _("days of sources")
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="gaap_identity_source_day_unique")]

    def __str__(self) -> str:
        return f"{self.source} on {self.day}"
