"""The door for what providers send us, one address pattern for all of them."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gaap.security.events import note_security_event
from gaap_payments.errors import ProviderEventRefusedError
from gaap_payments.models import GatewayAccount
from gaap_payments.services.provider_events import receive_event

MAXIMUM_BODY_BYTES = 1_000_000
#: Headers of ours, never part of an event.
NOT_KEPT = frozenset({"cookie", "authorization"})


@csrf_exempt
@require_POST
def provider_event(request: HttpRequest, provider: str, account_id: uuid.UUID) -> HttpResponse:
    """Take one event: 204 when it is taken (or came before), 400 when it is not the provider's, 404, 413."""
    account = GatewayAccount.objects.filter(pk=account_id, provider=provider).first()
    if account is None:
        return HttpResponse(status=404)
    body = request.read(MAXIMUM_BODY_BYTES + 1)
    if len(body) > MAXIMUM_BODY_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in NOT_KEPT}
    try:
        receive_event(account, headers=headers, body=body)
    except ProviderEventRefusedError:
        note_security_event("provider_event_refused", provider=provider, account=str(account_id))
        return HttpResponse(status=400)
    return HttpResponse(status=204)
