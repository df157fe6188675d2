"""How fast and how far a letter goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Postage(models.TextChoices):
    """The class of a letter. The last two are chosen by its address, never by the sender (spec A.6)."""

    FIRST = "first", _("First class")
    SECOND = "second", _("Second class")
    ECONOMY = "economy", _("Economy")
    EUROPE = "europe", _("Europe")
    REST_OF_WORLD = "rest-of-world", _("Rest of the world")


#: What a sender may choose.
DOMESTIC = (Postage.FIRST.value, Postage.SECOND.value, Postage.ECONOMY.value)
