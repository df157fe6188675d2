"""The streams in which services see their events."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventStream(models.Model):
    """One service's stream: how many events have their place in it. Whoever adds to it holds this row's lock."""

    service_id = models.UUIDField(_("service"), primary_key=True)
    last_position = models.PositiveBigIntegerField(_("last position"), default=0)

    class Meta:
        verbose_name = _("event stream")
        verbose_name_plural = _("event streams")

    def __str__(self) -> str:
        return f"{self.service_id}: {self.last_position}"
