"""Reading an authorization request for a client that stands in the database: plain, signed or pushed (contract A.2)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaap_identity import jose
from gaap_identity.errors import (
    AuthorizationError,
    IdentityError,
    InvalidRequestObjectError,
    UnsafeRequestError,
)
from gaap_identity.models import Client
from gaap_identity.openid.request_objects import check_object, check_query, parameters_of
from gaap_identity.openid.requests import (
    AuthorizationRequest,
    ReturnAddress,
    check_client,
    parse_request,
    parse_return_address,
)
from gaap_identity.services.client_keys import keys_of
from gaap_identity.services.known_clients import known_client
from gaap_identity.services.rate_limits import spend_request


@dataclass(frozen=True)
class Asked:
    """What a client asks for, and where the answer goes."""

    client: Client
    address: ReturnAddress
    request: AuthorizationRequest


class RefusedRequestError(IdentityError):
    """A request that is answered at the client's own address with ``error``."""

    def __init__(self, address: ReturnAddress, error: AuthorizationError) -> None:
        """Take where the answer goes and what it says."""
        super().__init__(str(error))
        self.address = address
        self.error = error


@dataclass(frozen=True)
class Parameters:
    """The parameters of a request, and whether the client signed them."""

    values: Mapping[str, str]
    is_signed: bool = False


def find_client(client_id: str) -> Client:
    """Return the client called ``client_id``; raises UnsafeRequestError."""
    if not client_id:
        raise UnsafeRequestError("Request is missing parameters")
    client = known_client(client_id)
    if client is None:
        raise UnsafeRequestError("Invalid Request")
    return client


def read_request(given: Parameters, *, client: Client) -> Asked:
    """Return what ``client`` asks for in ``given``, opening the request object if there is one.

    Raises UnsafeRequestError while no address is safe to answer at, RefusedRequestError afterwards.
    """
    if "request" in given.values and not given.is_signed:
        return _read_object(given.values, client=client)
    address = parse_return_address(given.values, registered=client.redirect_uri_list)
    try:
        check_client(client)
        if client.is_jar_required and not given.is_signed:
            raise AuthorizationError("Request object is required")
        return _finish(given, client=client, address=address)
    except AuthorizationError as error:
        raise RefusedRequestError(address, error) from error


def _read_object(query: Mapping[str, str], *, client: Client) -> Asked:
    claims = verified_claims(query["request"], client=client)
    opened = Parameters(parameters_of(claims), is_signed=True)
    address = parse_return_address(opened.values, registered=client.redirect_uri_list)
    try:
        check_client(client)
        check_query(query, client=client)
        check_object(claims, client=client, client_id=client.client_id)
        return _finish(opened, client=client, address=address)
    except AuthorizationError as error:
        raise RefusedRequestError(address, error) from error


def _finish(given: Parameters, *, client: Client, address: ReturnAddress) -> Asked:
    spend_request(client)
    return Asked(client, address, parse_request(given.values, client=client, is_signed=given.is_signed))


def verified_claims(token: str, *, client: Client) -> Mapping[str, Any]:
    """Return the claims of a request object that ``client`` signed.

    Raises RefusedRequestError for one without a signature, UnsafeRequestError for one with a wrong one.
    """
    try:
        return jose.verify(token, keys=keys_of(client, token), algorithms=jose.CLIENT_ALGORITHMS).claims
    except jose.UnreadableTokenError:
        _refuse_unsigned(token, client=client)
        raise UnsafeRequestError("Invalid Request") from None


def _refuse_unsigned(token: str, *, client: Client) -> None:
    """Answer an object that bears no signature at its own address, if that is one of the client's."""
    header, claims = (_decoded(part) for part in (*token.split("."), "", "")[:2])
    if header.get("alg") == "none":
        address = parse_return_address(parameters_of(claims), registered=client.redirect_uri_list)
        raise RefusedRequestError(address, InvalidRequestObjectError("Request object is not signed"))


def _decoded(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
