"""How an account's pages look to payers: colours that can be read, and logos that are nothing but pictures.

A logo is decoded and drawn anew: what is stored and shown has no byte of the file that came in, so no script, no
metadata and no second format can ride along.
"""

import io
from dataclasses import dataclass, field
from hashlib import sha256
from math import floor
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.theme.brand import COLOUR_PATTERN
from gaap.theme.checks import WHITE, contrast
from gaap_payments.errors import BrandRefusedError
from gaap_payments.models import GatewayAccount, PaymentBrand

#: The theme's ground for asides and footers; links and buttons stand on it too.
SURFACE = "#f2f5f8"
#: WCAG 2.2, 1.4.3.
LEAST_CONTRAST = 4.5
COLOURS = ("primary_colour", "accent_colour")
LARGEST_FILE = 500_000
LARGEST_SIDE = 4000
#: What a logo is drawn down to: sharp on a screen with three dots for each of CSS.
LOGO_SIZE = (720, 120)


@dataclass(frozen=True)
class BrandFacts:
    """What a team says of its pages' look; fields as in PaymentBrand. Without ``logo`` the one that is there stays."""

    name: str = ""
    primary_colour: str = ""
    accent_colour: str = ""
    logo_alt: str = ""
    logo: bytes | None = field(default=None, repr=False)
    removes_logo: bool = False


def brand_of(account: GatewayAccount) -> PaymentBrand | None:
    """Return the look of an account's pages, or None when they look as the platform does; without the logo itself."""
    if "brand" in account._state.fields_cache:
        known: PaymentBrand | None = account._state.fields_cache["brand"]
        return known
    return PaymentBrand.objects.filter(account=account).defer("logo").first()


def brand_of_mode(service_id: UUID, *, is_live: bool) -> PaymentBrand | None:
    """Return the look of the enabled account with which a service takes payments of a mode, or None."""
    accounts = GatewayAccount.objects.of_service(service_id, is_live=is_live).filter(is_enabled=True)
    return PaymentBrand.objects.filter(account__in=accounts).defer("logo").first()


def colour_fault(colour: str) -> str:
    """Return why text could not be read with ``colour``: white on it, or it on the pages' grounds. Empty: it can."""
    if not COLOUR_PATTERN.fullmatch(colour):
        return _("Write the colour as # and six digits or letters from a to f, such as #1d4f7c")
    ratio = min(contrast(colour, ground) for ground in (WHITE, SURFACE))
    if ratio >= LEAST_CONTRAST:
        return ""
    text = _(
        "White text on this colour cannot be read: its contrast is %(ratio)s and has to be %(least)s. "
        "Choose a darker one."
    )
    return text % {"ratio": number_format(floor(ratio * 10) / 10, 1), "least": number_format(LEAST_CONTRAST, 1)}


def draw_logo(content: bytes) -> bytes:
    """Return the picture as a PNG of at most 720 by 120 dots, drawn anew.

    The same picture gives the same bytes. Raises BrandRefusedError for what is no PNG or JPEG, or is too large.
    """
    if len(content) > LARGEST_FILE:
        raise BrandRefusedError("size")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if max(opened.size) > LARGEST_SIDE:
                raise BrandRefusedError("size")
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BrandRefusedError("format") from error
    picture.thumbnail(LOGO_SIZE)
    bare = Image.new("RGBA", picture.size)
    bare.paste(picture)
    drawn = io.BytesIO()
    bare.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def check_facts(facts: BrandFacts) -> None:
    """Raise BrandRefusedError for a colour that cannot be read, and for a logo that is no picture or has no words."""
    for name in COLOURS:
        if (colour := getattr(facts, name)) and colour_fault(colour):
            raise BrandRefusedError(name)
    if facts.logo is not None:
        draw_logo(facts.logo)
        if not facts.logo_alt.strip():
            raise BrandRefusedError("logo_alt")


@transaction.atomic
def save_brand(account: GatewayAccount, *, facts: BrandFacts, by: Actor) -> PaymentBrand:
    """Set how the pages of ``account`` look; saying the same again changes nothing.

    Raises BrandRefusedError for a colour that cannot be read, a logo that is no picture, and a logo without words.
    """
    check_facts(facts)
    GatewayAccount.objects.select_for_update().get(pk=account.pk)
    brand = PaymentBrand.objects.filter(account=account).first() or PaymentBrand(account=account)
    before = None if brand._state.adding else _audited(brand)
    for name in ("name", *COLOURS):
        setattr(brand, name, getattr(facts, name))
    _set_logo(brand, facts)
    if before != _audited(brand):
        brand.save()
        record(
            "payment_brand_changed", target=brand, service=account.service, by=by, before=before, after=_audited(brand)
        )
    return brand


def _set_logo(brand: PaymentBrand, facts: BrandFacts) -> None:
    if facts.logo is not None:
        brand.logo = draw_logo(facts.logo)
        brand.logo_digest = sha256(brand.logo).hexdigest()
    elif facts.removes_logo:
        brand.logo, brand.logo_digest = b"", ""
    if brand.logo_digest and not facts.logo_alt.strip():
        raise BrandRefusedError("logo_alt")
    brand.logo_alt = facts.logo_alt if brand.logo_digest else ""


def _audited(brand: PaymentBrand) -> dict[str, Any]:
    return {name: getattr(brand, name) for name in ("name", *COLOURS, "logo_digest", "logo_alt")}
