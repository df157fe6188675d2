"""Numbers that people can text."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Service


class InboundNumber(models.Model):
    """A number at a provider; what is sent to it belongs to its service. One without a service is in stock."""

    number = models.CharField(
        _("number"),
        max_length=15,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{3,15}$")],
        help_text=_("With its country code and without the plus; or a short code."),
    )
    provider = models.CharField(_("provider"), max_length=40)
    service = models.ForeignKey(
        Service,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="inbound_numbers",
        verbose_name=_("service"),
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["number"]
        verbose_name = _("inbound number")
        verbose_name_plural = _("inbound numbers")

    def __str__(self) -> str:
        return self.number
