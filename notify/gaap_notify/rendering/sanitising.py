"""Making a value harmless that a stranger may have written: no links, no formatting (spec A.5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gaap_notify.rendering.values import Personalisation, is_list

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?"
    r"(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63})"
    r"(?P<rest>(?::\d+)?(?:[/?#][^\s<>()\[\]{}\"]*)?)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>()\[\]{}\"]*", re.IGNORECASE)
_MARKS = re.compile(r"([`*_(){}\[\]<>#+\-.!|\\])")


@dataclass(frozen=True)
class SanitisedValue:
    """A value as given, without its links, and with its formatting characters escaped as well."""

    unsanitised: Any
    unlinked: Any
    sanitised: Any

    @property
    def is_changed(self) -> bool:
        """True when sanitising made a difference."""
        return bool(self.sanitised != self.unsanitised)


def sanitise_values(values: Personalisation, names: Iterable[str]) -> dict[str, SanitisedValue]:
    """Sanitise those of ``values`` that are called by ``names`` and are text or lists; keys as in ``names``."""
    return {name: _sanitise(values[name]) for name in names if _is_text(values.get(name))}


def unlink(text: str) -> str:
    """Return ``text`` without addresses; a bare domain name gets a space after each dot, so that it is no link."""
    return _SCHEME.sub("", _ADDRESS.sub(_unlink, text))


def escape_marks(text: str) -> str:
    """Return ``text`` with a backslash before every character that markdown gives a meaning."""
    return _MARKS.sub(r"\\\1", text)


def _unlink(found: re.Match[str]) -> str:
    return "" if found["scheme"] or found["rest"] else found["host"].replace(".", ". ")


def _sanitise(value: Any) -> SanitisedValue:
    if is_list(value):
        items = [unlink(str(item)) for item in value if item is not None]
        return SanitisedValue(value, items, [escape_marks(item) for item in items])
    unlinked = unlink(str(value))
    return SanitisedValue(value, unlinked, escape_marks(unlinked))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or is_list(value)
