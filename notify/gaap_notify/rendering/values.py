"""The values that a caller gives for the gaps of a template."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: What makes conditional text show, in any case of letters (spec B.1).
SHOWING = frozenset({"true", "yes", "y", "t", "1", "include", "show"})

_IGNORED = re.compile(r"[\s_-]+")


def match_key(name: str) -> str:
    """Return what names are compared by: ``First_name``, ``first-name`` and ``FIRST NAME`` are one (spec B.1)."""
    if name.isascii() and name.isalnum() and name.islower():
        return name
    return _IGNORED.sub("", name).lower()


class Personalisation(Mapping[str, Any]):
    """Values by name, found whatever the case, spaces, underscores and hyphens of the name."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = {match_key(name): value for name, value in (values or {}).items()}

    def __getitem__(self, name: str) -> Any:
        return self._values[match_key(name)]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of that name, or ``default``."""
        return self._values.get(match_key(name), default)

    def by_key(self, key: str) -> Any:
        """Return the value whose name ``match_key`` makes into ``key``, or None."""
        return self._values.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def has(self, name: str) -> bool:
        """Tell whether there is a value; None is none."""
        return self.get(name) is not None

    def replaced(self, changes: Mapping[str, Any]) -> "Personalisation":
        """Return a copy in which the named values are others; itself when none are named."""
        if not changes:
            return self
        return Personalisation({**self._values, **{match_key(name): value for name, value in changes.items()}})


def shows(value: Any) -> bool:
    """Tell whether a value makes conditional text show."""
    return str(value).strip().lower() in SHOWING


def is_list(value: Any) -> bool:
    """Tell whether a value is shown as a list."""
    return not isinstance(value, str) and isinstance(value, Sequence)


def list_items(value: Sequence[Any]) -> list[str]:
    """Return the items of a list as text, without the empty ones."""
    texts = ("" if item is None else str(item).strip() for item in value)
    return [text for text in texts if text]


def bulleted(items: Sequence[str]) -> str:
    """Return the items as a markdown list after a blank line; nothing for none."""
    return "".join(["\n\n", "\n".join(f"* {item}" for item in items)]) if items else ""


def enumerated(items: Sequence[str]) -> str:
    """Return the items as ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""
