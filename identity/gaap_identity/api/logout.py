"""``/logout``: a service signs its citizen out (contract A.7)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gaap_identity.services.logout import LogoutError, log_out
from gaap_identity.web.cookies import forget_browser, load_browser


@require_GET
@never_cache
def logout(request: HttpRequest) -> HttpResponse:
    """Sign the citizen out and send them to where the service wants them, or to a page that says it is done."""
    signed_out = reverse("gaap-identity-signed-out")
    try:
        target = log_out(request.GET.dict(), session=load_browser(request).session) or signed_out
    except LogoutError as error:
        target = f"{signed_out}?{urlencode({'error_code': error.code, 'error_description': error.description})}"
    response = HttpResponseRedirect(target)
    forget_browser(response)
    return response
