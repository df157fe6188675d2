"""Who of a team may take payments by telephone besides its administrators."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.organisations.models import Membership


class TelephonePermission(models.Model):
    """Lets a member of a service's team, in whatever role, take payments by telephone; it goes with the membership."""

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="telephone_permission", verbose_name=_("member")
    )
    created_at = models.DateTimeField(_("granted"), default=now, editable=False)
    created_by = models.CharField(_("granted by"), max_length=120, editable=False)

    class Meta:
        verbose_name = _("permission to take telephone payments")
        verbose_name_plural = _("permissions to take telephone payments")

    def __str__(self) -> str:
        return str(self.membership)
