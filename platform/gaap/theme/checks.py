"""System checks of the brand: colours that are colours, and text that can be read on them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from gaap.conf import conf
from gaap.theme.brand import COLOURS, current_brand

WHITE = "#ffffff"
INK = "#16222e"
#: Each brand colour, what stands on or beside it, and the least contrast (WCAG 2.2: 1.4.3 for text, 1.4.11 for a ring).
PAIRS = (("primary", WHITE, 4.5), ("accent", WHITE, 4.5), ("focus", INK, 3.0))


@checks.register
def check_brand(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Refuse what is no colour, and warn of colours on which text could not be read."""
    try:
        current_brand()
    except ValueError as error:
        return [checks.Error(str(error), hint=f"GAAP_BRAND knows the colours {', '.join(COLOURS)}.", id="gaap.E004")]
    return list(_contrast_warnings())


def _contrast_warnings() -> Iterator[checks.CheckMessage]:
    for name, other, least in PAIRS:
        colour = str(conf.brand[f"{name}_colour"])
        ratio = contrast(colour, other)
        if ratio < least:
            text = f"GAAP_BRAND: {name}_colour {colour} has a contrast of {ratio:.1f} to {other}; {least} is needed."
            yield checks.Warning(text, hint="Choose another shade.", id="gaap.W002")


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ``#rrggbb``, from 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
