"""How the providers are doing, and how messages are shared between them."""

from datetime import datetime

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap_notify.models.channels import Channel

WHOLE = 100


class ProviderState(models.Model):
    """A provider's share of its channel's messages. A channel without rows goes by the settings' default alone."""

    channel = models.CharField(_("type"), max_length=10, choices=Channel)
    alias = models.CharField(_("provider"), max_length=40, help_text=_("As the settings name it."))
    share = models.PositiveSmallIntegerField(
        _("share"),
        default=WHOLE,
        validators=[MaxValueValidator(WHOLE)],
        help_text=_("How much it gets in proportion to the others. It moves by itself when a provider is slow."),
    )
    usual_share = models.PositiveSmallIntegerField(
        _("usual share"), default=WHOLE, validators=[MaxValueValidator(WHOLE)]
    )
    is_active = models.BooleanField(_("active"), default=True)
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True, editable=False)
    moved_at = models.DateTimeField(_("share moved"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["channel", "alias"]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [models.UniqueConstraint(fields=["channel", "alias"], name="gaap_notify_provider_unique")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.alias}"

    def is_resting(self, moment: datetime) -> bool:
        """Tell whether it gets nothing at ``moment`` because it failed or asked for a pause."""
        return self.resting_until is not None and self.resting_until > moment


class ProviderMinute(models.Model):
    """What came of one minute's calls to a provider."""

    channel = models.CharField(_("type"), max_length=10, choices=Channel)
    alias = models.CharField(_("provider"), max_length=40)
    minute = models.DateTimeField(_("minute"), default=now)
    taken = models.PositiveIntegerField(_("taken"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)

    class Meta:
        ordering = ["-minute", "channel", "alias"]
        verbose_name = _("provider's minute")
        verbose_name_plural = _("providers' minutes")
        constraints = [models.UniqueConstraint(fields=["channel", "alias", "minute"], name="gaap_notify_minute_unique")]

    def __str__(self) -> str:
        return f"{self.alias} {self.minute:%H:%M}"
