"""The page that tells everybody how the platform does."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from gaap.status.measuring import LOOKED_SECONDS, watch


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show each part, and the incidents of the last two weeks; it needs neither session nor script."""
    found = watch.look()
    languages = (get_language() or "", settings.LANGUAGE_CODE)
    titles = {part.name: part.title for part in found.parts}
    incidents = [
        {"incident": one, "told": one.told(languages), "title": titles.get(one.part, "")}
        for one in found.incidents or ()
    ]
    response = render(request, "gaap/status/status.html", {"status": found, "incidents": incidents})
    response["Cache-Control"] = f"private, max-age={int(LOOKED_SECONDS)}"
    return response
