"""The deliberate 503: in the shape of the contract that was called, or as a page in the person's language.

It is made in advance and kept, so that saying no costs next to nothing.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils import translation
from django.utils.module_loading import import_string

from gaap.api.errors import PROBLEM_TYPE, problem
from gaap.components import components
from gaap.theme.errors import error_page
from gaap.theme.middleware import remembered_language

BUSY = HTTPStatus.SERVICE_UNAVAILABLE
TEXT = "The platform is busy. Try again after the time in Retry-After."
#: What Django's middleware would have added.
HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"),
    ("Referrer-Policy", "same-origin"),
    ("Vary", "Accept-Language, Cookie"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)

Answer = tuple[str, list[tuple[str, str]], bytes]


def refusal(environ: Mapping[str, Any], *, lane: str, retry_after: int) -> Answer:
    """Return status line, headers and body of a refusal; ``retry_after`` is in seconds."""
    path = str(environ.get("PATH_INFO", ""))
    body, kind = _document(path) if lane == "api" else _page(dict(environ))
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(retry_after)),
        *HEADERS,
    ]
    return f"{BUSY.value} {BUSY.phrase}", headers, body


@lru_cache(maxsize=64)
def _shape(prefix: str) -> str:
    shapes = {known: path for component in components() for known, path in component.busy_answers.items()}
    return next((path for known, path in shapes.items() if prefix.startswith(known)), "")


def _document(path: str) -> tuple[bytes, str]:
    found = _shape("/".join(path.split("/")[:3]))
    document = import_string(found)(TEXT) if found else problem(BUSY, detail=TEXT)
    return json.dumps(document).encode(), "application/json" if found else PROBLEM_TYPE


def _page(environ: dict[str, Any]) -> tuple[bytes, str]:
    request = WSGIRequest(environ)
    wants = request.get_preferred_type(["text/html", "application/json"])
    if wants == "application/json":
        return json.dumps(problem(BUSY, detail=TEXT)).encode(), PROBLEM_TYPE
    return _rendered(remembered_language(request)), "text/html; charset=utf-8"


@lru_cache(maxsize=16)
def _rendered(language: str) -> bytes:
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = "text/html"
    with translation.override(language):
        return bytes(error_page(request, BUSY).content)
