"""``/token``: a code becomes tokens, once (contract A.4)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from gaap_identity.api.forms import NO_STORE, refuse_other_than_form
from gaap_identity.services.oauth import redeem_code


@csrf_exempt
@sensitive_post_parameters()
def token(request: HttpRequest) -> HttpResponse:
    """Answer a token request. The client proves itself in the form; no cookie plays a part."""
    refusal = refuse_other_than_form(request)
    if refusal is not None:
        return refusal
    body, status = redeem_code(request)
    return HttpResponse(body, status=status, content_type="application/json", headers=NO_STORE)
