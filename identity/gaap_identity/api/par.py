"""``/par``: a service pushes its authorization request ahead of the browser (RFC 9126)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from gaap_identity.api.forms import NO_STORE, refuse_other_than_form
from gaap_identity.conf import PUSHED_REQUEST_LIFETIME
from gaap_identity.errors import UnsafeRequestError
from gaap_identity.openid.requests import single_values
from gaap_identity.services.assertions import ClientRefusedError
from gaap_identity.services.authorization import RefusedRequestError
from gaap_identity.services.pushed_requests import push_request


@csrf_exempt
@sensitive_post_parameters()
def push(request: HttpRequest) -> HttpResponse:
    """Keep the request and answer with its reference. The client proves itself as at ``/token``."""
    refusal = refuse_other_than_form(request)
    if refusal is not None:
        return refusal
    try:
        reference = push_request(single_values(dict(request.POST.lists())))
    except ClientRefusedError as error:
        return _refusal(error.code, error.description, status=error.status)
    except UnsafeRequestError as error:
        return _refusal("invalid_request", str(error))
    except RefusedRequestError as refused:
        return _refusal(refused.error.code, refused.error.description)
    answer = {"request_uri": reference, "expires_in": int(PUSHED_REQUEST_LIFETIME.total_seconds())}
    return JsonResponse(answer, status=201, headers=NO_STORE)


def _refusal(code: str, description: str, *, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": code, "error_description": description}, status=status, headers=NO_STORE)
