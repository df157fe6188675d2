"""How many messages there were, day by day: what reports read instead of the messages themselves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.organisations.models import Service
from gaap_notify.models.channels import Channel
from gaap_notify.models.postage import Postage
from gaap_notify.models.templates import Template


class DailyCount(models.Model):
    """Messages of one day, template and status; letters by postage and sheets too, as their price depends on these.

    Only messages that are ``is_counted`` are in it. What test keys sent is in none. ``units`` are
    fragments of text messages that were sent, those abroad counted several times; ``letters`` are printed ones.
    """

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="daily_counts", verbose_name=_("service")
    )
    day = models.DateField(_("day"), help_text=_("In the platform's time zone."))
    template = models.ForeignKey(
        Template, on_delete=models.CASCADE, related_name="daily_counts", verbose_name=_("template")
    )
    type = models.CharField(_("type"), max_length=10, choices=Channel)
    status = models.CharField(_("status"), max_length=30)
    postage = models.CharField(_("postage"), max_length=20, choices=Postage, blank=True)
    sheets = models.PositiveSmallIntegerField(_("sheets"), default=0)
    messages = models.BigIntegerField(_("messages"), default=0)
    units = models.BigIntegerField(_("fragments"), default=0)
    letters = models.BigIntegerField(_("printed letters"), default=0)
    handed_over = models.BigIntegerField(_("handed over"), default=0)
    in_time = models.BigIntegerField(_("handed over in time"), default=0)

    class Meta:
        verbose_name = _("daily count")
        verbose_name_plural = _("daily counts")
        indexes = [models.Index(fields=["day", "type"], name="gaap_notify_daily_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "day", "template", "type", "status", "postage", "sheets"],
                name="gaap_notify_daily_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_type_display()} {self.status}"
