"""Authorization requests that a client pushes first (PAR; RFC 9126); the browser then carries a reference."""

import secrets
from collections.abc import Mapping
from typing import Any

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap_identity.conf import PUSHED_REQUEST_LIFETIME
from gaap_identity.errors import UnsafeRequestError
from gaap_identity.models import Client, PushedRequest
from gaap_identity.openid.request_objects import parameters_of
from gaap_identity.services.assertions import authenticate_client
from gaap_identity.services.authorization import Parameters, read_request, verified_claims

REFERENCE = "urn:ietf:params:oauth:request_uri:"
#: Fields by which the client proves itself; they are no parameters of the request.
OWN_FIELDS = frozenset({"client_assertion", "client_assertion_type", "client_secret"})


def push_request(form: Mapping[str, str]) -> str:
    """Check and keep the request in ``form``, and return its reference, good once and for 90 seconds.

    Raises ClientRefusedError, UnsafeRequestError, RefusedRequestError.
    """
    client = authenticate_client(form, endpoint="par")
    if "request_uri" in form:
        raise UnsafeRequestError("request_uri must not be pushed")
    values: Any = {name: value for name, value in form.items() if name not in OWN_FIELDS}
    read_request(Parameters(values), client=client)
    is_signed = "request" in values
    if is_signed:
        values = parameters_of(verified_claims(values["request"], client=client))
    reference = REFERENCE + secrets.token_urlsafe(32)
    PushedRequest.objects.create(
        client=client,
        reference_digest=_digest(reference),
        parameters=values,
        is_signed=is_signed,
        expires_at=now() + PUSHED_REQUEST_LIFETIME,
    )
    return reference


def take_request(values: Mapping[str, str], *, client: Client) -> Parameters:
    """Return the request that ``values`` stand for: itself, or the one pushed before, which can be taken once.

    Raises UnsafeRequestError for a reference that is unknown, used up or another client's.
    """
    reference = values.get("request_uri", "")
    if not reference.startswith(REFERENCE):
        return Parameters(values)
    fresh = PushedRequest.objects.fresh().filter(client=client, reference_digest=_digest(reference))
    pushed = fresh.first()
    if pushed is None or not fresh.filter(pk=pushed.pk).update(used_at=now()):
        raise UnsafeRequestError("Invalid Request")
    return Parameters(pushed.parameters, is_signed=pushed.is_signed)


def _digest(reference: str) -> str:
    return keyed_digest(reference, purpose="identity.pushed_request")
