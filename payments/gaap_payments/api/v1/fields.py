"""Reading single attributes of a request, first their JSON types and then their values (contract A.4 to A.6)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gaap_payments import cards
from gaap_payments.api.v1.errors import holds_card_number, invalid, missing, wrong_type

ILLEGAL_CHARACTERS = frozenset("<>|")
STRING_FORMAT = "Must be a valid string format"
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._\-]*[a-z0-9])?\.?|[0-9a-f:.]+", re.IGNORECASE)


def read_text(body: Mapping[str, Any], name: str, *, reason: str = STRING_FORMAT) -> str:
    """Return an optional string, empty when it is not there; raises ApiError 400 for another type."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise wrong_type(name, reason)
    return value


def read_required_text(body: Mapping[str, Any], name: str) -> str:
    """Return a string that is there and not blank; raises ApiError 400."""
    value = read_text(body, name)
    if not value.strip():
        raise missing(name)
    return value


def read_free_text(body: Mapping[str, Any], name: str) -> str:
    """Return a required text that people read; raises ApiError 400 for characters that could be markup."""
    value = read_required_text(body, name)
    if ILLEGAL_CHARACTERS & set(value):
        raise wrong_type(name, STRING_FORMAT)
    refuse_card_number(name, value)
    return value


def read_boolean(body: Mapping[str, Any], name: str) -> bool:
    """Return an optional truth value, false when it is not there; raises ApiError 400 for another type."""
    value = body.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise wrong_type(name, "Must be true or false")
    return value


def read_integer(body: Mapping[str, Any], name: str) -> int:
    """Return a required whole number; raises ApiError 400 when it is missing or of another type."""
    value = body.get(name)
    if value is None:
        raise missing(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "Must be a valid numeric format")
    return value


def read_optional_integer(body: Mapping[str, Any], name: str) -> int | None:
    """Return an optional whole number, None when it is not there; raises ApiError 400 for another type."""
    return None if body.get(name) is None else read_integer(body, name)


def read_object(body: Mapping[str, Any], name: str, *, reason: str) -> dict[str, Any]:
    """Return an optional object, empty when it is not there; raises ApiError 400 for another type."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(name, reason)
    return value


def check_range(name: str, value: int, *, minimum: int, maximum: int) -> None:
    """Raise ApiError 422 unless ``value`` lies between the bounds."""
    if value < minimum:
        raise invalid(name, f"Must be greater than or equal to {minimum}")
    if value > maximum:
        raise invalid(name, f"Must be less than or equal to {maximum}")


def check_length(name: str, value: str, *, maximum: int) -> None:
    """Raise ApiError 422 when ``value`` has more than ``maximum`` characters."""
    if len(value) > maximum:
        raise invalid(name, f"Must be less than or equal to {maximum} characters length")


def check_choice(name: str, value: str, choices: Iterable[str], *, reason: str) -> None:
    """Raise ApiError 422 unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise invalid(name, reason)


def check_url(name: str, value: str) -> None:
    """Raise ApiError 422 unless ``value`` is an absolute http or https address that can be redirected to."""
    if not is_web_address(value):
        raise invalid(name, "Must be a valid URL format")


def is_web_address(value: str) -> bool:
    """Tell whether ``value`` is an absolute http or https address with a host that a browser can reach."""
    if any(character.isspace() or not character.isprintable() for character in value):
        return False
    try:
        parts = urlsplit(value)
        host = _ascii_host(parts.hostname or "")
        port = 443 if parts.port is None else parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and 0 < port < 65536 and bool(_HOST.fullmatch(host))


def _ascii_host(host: str) -> str:
    return host if ":" in host else host.encode("idna").decode("ascii")


def refuse_card_number(name: str, value: str) -> None:
    """Raise ApiError 400 when a card number stands in ``value``."""
    if cards.holds_card_number(value):
        raise holds_card_number(name)
