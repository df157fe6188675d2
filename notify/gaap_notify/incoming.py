"""The receipt door: one address for every provider of messages."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gaap_notify.models import Receipt
from gaap_notify.services.receipts import UnknownDoorError, receive_receipt

MAX_BODY_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def receipts(request: HttpRequest, channel: str, provider: str, door: str) -> HttpResponse:
    """Take a provider's call about its messages, or with a text that somebody sent.

    Its signature is its authentication; what is refused is kept for operators.
    """
    if len(request.body) > MAX_BODY_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = request.body.decode(errors="replace")
    try:
        outcome = receive_receipt(channel, provider, request.headers, body, door=door)
    except UnknownDoorError:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    if outcome != Receipt.Outcome.REFUSED:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    response = HttpResponse(status=HTTPStatus.FORBIDDEN)
    response.security_event = "provider_event_refused"  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path(
        "providers/notify/<str:channel>/<str:provider>/receipts",
        receipts,
        {"door": Receipt.Door.RECEIPTS.value},
        name="notify-receipts",
    ),
    path(
        "providers/notify/<str:channel>/<str:provider>/inbound",
        receipts,
        {"door": Receipt.Door.INBOUND.value},
        name="notify-inbound",
    ),
]
