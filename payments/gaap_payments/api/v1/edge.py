"""Where a firewall before the platform sends the requests that it refuses (contract A.1)."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from gaap_payments.api.v1.errors import request_denied


@csrf_exempt
def deny_request(request: HttpRequest) -> JsonResponse:
    """Answer 400 in the contract's shape, whatever is sent and by whom; nothing is read and nothing changes."""
    answer = request_denied()
    return JsonResponse(answer.body, status=answer.status, headers={"Cache-Control": "no-store"})
