"""Every address of the site, with the view behind it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "slug": "some",
    "str": "some",
    "path": "some/path",
}


@dataclass(frozen=True)
class Address:
    """One pattern: its whole route, and the callable that answers."""

    route: str
    callback: Callable[..., Any]

    @property
    def view(self) -> Any:
        """The view's class, or its function."""
        return getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None) or self.callback

    @property
    def module(self) -> str:
        """The module in which the view is written."""
        return str(self.view.__module__)

    @property
    def sample(self) -> str:
        """A path that the pattern matches."""
        plain = self.route.strip("^$").replace(".*", "some/other/path").replace(r"\.", ".")
        return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], plain)


def addresses() -> list[Address]:
    """List every address but those of the admin's own."""
    return [address for address in every_address() if not address.route.startswith("admin/")]


def every_address() -> list[Address]:
    """List every address, those of the admin too."""
    return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield Address(route, pattern.callback)
