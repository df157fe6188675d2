"""The address of ``security.txt``, and the one where it stood before RFC 9116."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from gaap.security.reporting import security_text


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where weaknesses are reported; 404 where nobody said."""
    text = security_text()
    if not text:
        raise Http404
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def earlier_address(request: HttpRequest) -> HttpResponse:
    """Lead from the top level, where many programs still look."""
    if not security_text():
        raise Http404
    return HttpResponseRedirect(reverse("gaap-security-txt"))
