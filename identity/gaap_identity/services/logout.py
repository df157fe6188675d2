"""Signing out at a service's request (contract A.7)."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gaap_identity.errors import HintRefusedError, IdentityError
from gaap_identity.models import Account, BrowserSession, Client, SignIn
from gaap_identity.openid.addresses import redirect_address
from gaap_identity.services.id_token_hints import read_hint
from gaap_identity.services.sessions import end_sessions


class LogoutError(IdentityError):
    """The citizen is signed out, but is not sent back to the service; the default page says why."""

    def __init__(self, description: str, *, code: str = "invalid_request") -> None:
        """Take ``error_description`` and ``error_code``."""
        super().__init__(description)
        self.description = description
        self.code = code


def log_out(values: Mapping[str, str], *, session: BrowserSession) -> str:
    """End every session of the citizen and return where the service wants them (empty: our own page).

    ``values`` are ``id_token_hint``, ``post_logout_redirect_uri`` and ``state``. The hint is checked for its signature
    alone; an expired one will do. Raises LogoutError.
    """
    if session.account is not None:
        end_sessions(session.account)
    hint = values.get("id_token_hint", "")
    if not hint:
        return ""
    claims = _read_hint(hint)
    client = _client_of(claims)
    _end_hinted(claims, client=client, ended=session.account)
    return _return_address(values, client=client)


def _read_hint(hint: str) -> Mapping[str, Any]:
    try:
        claims = read_hint(hint)
    except HintRefusedError as error:
        raise LogoutError(str(error)) from None
    if not isinstance(claims.get("aud"), str) or not isinstance(claims.get("sid"), str):
        raise LogoutError("invalid id_token_hint")
    return claims


def _client_of(claims: Mapping[str, Any]) -> Client:
    client: Client | None = Client.objects.called(claims["aud"]).first()
    if client is None:
        raise LogoutError("client not found", code="unauthorized_client")
    return client


def _end_hinted(claims: Mapping[str, Any], *, client: Client, ended: Account | None) -> None:
    """End the sessions of the citizen whom the ID token was about, who may have lost this browser's cookie."""
    try:
        sign_in = SignIn.objects.select_related("account").get(pk=uuid.UUID(claims["sid"]), client=client)
    except (ValueError, SignIn.DoesNotExist):
        raise LogoutError("invalid id_token_hint") from None
    if sign_in.account is not None and sign_in.account != ended:
        end_sessions(sign_in.account)


def _return_address(values: Mapping[str, str], *, client: Client) -> str:
    address = values.get("post_logout_redirect_uri", "")
    if not address:
        return ""
    if not urlsplit(address).scheme:
        raise LogoutError("invalid post logout redirect URI")
    if address not in client.post_logout_redirect_uri_list:
        raise LogoutError("client registry does not contain post_logout_redirect_uri")
    state = values.get("state", "")
    return redirect_address(address, parameters={"state": state}) if state else address
