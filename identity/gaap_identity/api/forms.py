"""What the endpoints that service teams' code posts forms to have in common."""

from django.http import HttpRequest, JsonResponse

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
FORM = "application/x-www-form-urlencoded"


def refuse_other_than_form(request: HttpRequest) -> JsonResponse | None:
    """Return the refusal of what is no POST of a form without a query, None when it is one."""
    if request.method != "POST":
        return JsonResponse(_error("Request method not allowed"), status=405, headers={"Allow": "POST", **NO_STORE})
    if request.content_type != FORM or request.META.get("QUERY_STRING"):
        return JsonResponse(_error("Request is no form"), status=400, headers=NO_STORE)
    return None


def _error(description: str) -> dict[str, str]:
    return {"error": "invalid_request", "error_description": description}
