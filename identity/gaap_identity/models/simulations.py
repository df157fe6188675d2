"""What a client of a trial service is answered in place of a citizen, so that its team can try every branch."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.crypto import EncryptedJSONField
from gaap_identity.models.clients import Client


class Simulation(models.Model):
    """How one client's sign-ins come out while ``is_on``: as a persona, with forced errors, faults and claims."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, primary_key=True, related_name="simulation")
    is_on = models.BooleanField(_("on"), default=False)
    persona = models.CharField(_("persona"), max_length=50, default="", blank=True)
    authorize_error = models.CharField(_("error of /authorize"), max_length=50, default="", blank=True)
    token_error = models.CharField(_("error of /token"), max_length=50, default="", blank=True)
    userinfo_error = models.CharField(_("error of /userinfo"), max_length=50, default="", blank=True)
    faults = models.JSONField(_("what is wrong with tokens"), default=list, blank=True)
    claims = EncryptedJSONField(default=dict)
    company = models.CharField(_("company acted for"), max_length=50, default="", db_default="", blank=True)

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")

    def __str__(self) -> str:
        return f"simulation of {self.client_id}"
