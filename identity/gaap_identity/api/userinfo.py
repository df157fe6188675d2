"""``/userinfo``: what an access token opens (contract A.6)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from gaap_identity.services.userinfo import InvalidTokenError, read_userinfo

NO_STORE = {"Cache-Control": "no-store"}


@csrf_exempt
def userinfo(request: HttpRequest) -> HttpResponse:
    """Answer with the citizen's claims; the token stands in the header or in a posted form (RFC 6750, 2.1 and 2.2)."""
    if request.method not in ("GET", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, POST"})
    header, posted = request.headers.get("Authorization", ""), request.POST.get("access_token", "")
    if not header and not posted:
        return _refusal("Bearer")
    scheme, _, token = header.partition(" ") if header else ("bearer", "", posted)
    if scheme.lower() != "bearer" or not token.strip() or (header and posted):
        return _refusal('Bearer error="invalid_request", error_description="Malformed Authorization header"')
    try:
        return JsonResponse(read_userinfo(token.strip()), headers=NO_STORE)
    except InvalidTokenError as error:
        return _refusal(f'Bearer error="{error.code}", error_description="{error.description}"')


def _refusal(challenge: str) -> HttpResponse:
    return HttpResponse(status=401, headers={"WWW-Authenticate": challenge, **NO_STORE})
