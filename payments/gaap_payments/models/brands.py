"""How the pages of one gateway account look to payers."""

from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from gaap.theme.brand import brand_css
from gaap_payments.models.accounts import GatewayAccount


class PaymentBrand(models.Model):
    """Name, colours and logo on an account's pages; what is empty is that of the platform.

    The logo is a PNG that this platform drew itself from what was uploaded.
    """

    account = models.OneToOneField(
        GatewayAccount, on_delete=models.CASCADE, related_name="brand", verbose_name=_("gateway account")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    primary_colour = models.CharField(_("main colour"), max_length=7, blank=True)
    accent_colour = models.CharField(_("colour of buttons"), max_length=7, blank=True)
    logo = models.BinaryField(_("logo"), blank=True, default=b"")
    logo_digest = models.CharField(_("fingerprint of the logo"), max_length=64, blank=True, editable=False)
    logo_alt = models.CharField(_("what the logo shows"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("look of payment pages")
        verbose_name_plural = _("looks of payment pages")

    def __str__(self) -> str:
        return self.name or str(self.account)

    @property
    def colours(self) -> dict[str, str]:
        """The colours that are set, by the theme's names."""
        known = {"primary": self.primary_colour, "accent": self.accent_colour}
        return {name: colour for name, colour in known.items() if colour}

    @property
    def style_sheet(self) -> str:
        """The style sheet with the colours that are set, for every page of the account."""
        return brand_css(self.colours)

    @property
    def sheet_version(self) -> str:
        """What changes whenever the colours do, so that browsers may keep the style sheet."""
        return sha256(self.style_sheet.encode()).hexdigest()[:12]

    @property
    def logo_version(self) -> str:
        """The part of the logo's fingerprint that stands in its address."""
        return self.logo_digest[:12]

    @property
    def stands_alone(self) -> bool:
        """True when name or logo stand where the platform's would."""
        return bool(self.name or self.logo_digest)
