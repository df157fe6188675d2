"""What every template may use: the brand, and the languages to choose from."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from gaap.conf import conf
from gaap.theme.brand import current_brand
from gaap.theme.middleware import LANGUAGE_QUERY


@dataclass(frozen=True)
class LanguageLink:
    """One entry of the language switch; ``query`` keeps the rest of the page's query string."""

    code: str
    name: str
    query: str
    is_current: bool


def theme(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``brand`` and ``languages``. Touches neither session nor database."""
    return {"brand": current_brand(), "languages": language_links(request)}


def language_links(request: HttpRequest) -> list[LanguageLink]:
    """Return a link to this page in each language, or nothing when there is only one."""
    if len(conf.languages) < 2:
        return []
    return [
        LanguageLink(code=code, name=name, query=_query(request, code), is_current=code == get_language())
        for code, name in conf.languages
    ]


def _query(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query[LANGUAGE_QUERY] = code
    return query.urlencode()
