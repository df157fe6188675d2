"""The brand of a deployment: names, colours and logo, read from ``GAAP_BRAND``."""

import re
from dataclasses import dataclass
from hashlib import sha256

from gaap.conf import conf

COLOURS = ("primary", "accent", "focus")
COLOUR_PATTERN = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Brand:
    """What a page shows of the government that runs it. ``css`` is the content of ``/brand.css``."""

    name: str
    organisation: str
    logo_url: str
    logo_alt: str
    css: str

    @property
    def version(self) -> str:
        """Changes whenever the colours change, so that ``/brand.css`` may be cached for long."""
        return sha256(self.css.encode()).hexdigest()[:12]


def current_brand() -> Brand:
    """Return the brand as set now.

    Raises ValueError for a colour that is not ``#rrggbb``.
    """
    values = conf.brand
    return Brand(
        name=str(values["name"]),
        organisation=str(values["organisation"]),
        logo_url=str(values["logo_url"]),
        logo_alt=str(values["logo_alt"]),
        css=brand_css({colour: str(values[f"{colour}_colour"]) for colour in COLOURS}),
    )


def brand_css(colours: dict[str, str], *, selector: str = ":root") -> str:
    """Return a style sheet that sets the colours as custom properties of what ``selector`` finds.

    Raises ValueError for a colour that is not ``#rrggbb``, so that nothing else can slip into the style sheet.
    """
    for name, value in colours.items():
        if not COLOUR_PATTERN.fullmatch(value):
            raise ValueError(f"GAAP_BRAND: {name}_colour must look like #1d4f7c, not {value!r}")
    lines = "".join(f"  --gaap-{name}: {value};\n" for name, value in colours.items())
    return f"{selector} {{\n{lines}}}\n"
