"""The token endpoint's grammar, carried by oauthlib and django-oauth-toolkit (ADR 0011).

oauthlib checks the shape and order of a token request (RFC 6749, 4.1.3; RFC 7636); the validator below answers its
questions from our models. Nothing of the library is mounted as a view.
"""

import uuid
from typing import Any

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.endpoints import TokenEndpoint
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant

from gaap.clock import now
from gaap.rows import change_rows, insert_rows, read_row
from gaap_identity.conf import ACCESS_TOKEN_LIFETIME, ID_TOKEN_LIFETIME
from gaap_identity.errors import TokenRefusedError
from gaap_identity.models import AccessToken, AuthorizationCode, IDToken
from gaap_identity.models.tokens import code_digest
from gaap_identity.openid.pkce import challenge_of
from gaap_identity.openid.token_requests import GRANT_TYPE, check_form
from gaap_identity.services.assertions import authenticate_client
from gaap_identity.services.simulating import token_faults
from gaap_identity.services.tokens import mint_access_token, mint_id_token


class TokenRequestError(OAuth2Error):  # type: ignore[misc]
    """A refusal with the code, words and status that the contract gives it (A.3)."""

    def __init__(self, refusal: TokenRefusedError) -> None:
        """Take what the contract says."""
        self.error = refusal.code
        super().__init__(description=refusal.description, status_code=refusal.status)


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Answers oauthlib's questions about clients, codes and tokens."""

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Every client is confidential."""
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Set ``request.client``; raises TokenRequestError."""
        try:
            request.client = authenticate_client(dict(request.decoded_body or []))
            request.faults = token_faults(request.client)
        except TokenRefusedError as error:
            raise TokenRequestError(error) from None
        request.client_id = request.client.client_id
        return True

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Only codes are redeemed."""
        return grant_type == GRANT_TYPE

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Take the code, so that of two who redeem it at once one gets nothing; a replay takes back what it gave.

        Raises TokenRequestError.
        """
        stored = read_row(AuthorizationCode, "user", "sign_in", code=code_digest(code), application_id=client.pk)
        if stored is None:
            raise _refusal("Invalid grant")
        stored.sign_in.client = client
        if not _take(stored):
            AccessToken.objects.filter(sign_in=stored.sign_in_id).delete()
            raise _refusal("Invalid grant")
        if stored.sign_in.power is not None and not stored.sign_in.power.is_in_force:
            raise _refusal("The power to act for another has ended")
        request.authorization_code = stored
        request.user = stored.user
        request.scopes = stored.sign_in.scopes
        return True

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """A verifier without a challenge, and the reverse, fails as ``invalid_grant`` (A.2)."""
        return False

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        """Return the challenge that the code was asked for with; raises TokenRequestError unless the verifier fits."""
        challenge: str = request.authorization_code.sign_in.code_challenge
        verifier: str = request.code_verifier or ""
        if bool(challenge) != bool(verifier) or challenge != challenge_of(verifier):
            raise _refusal("PKCE code verification failed")
        return challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        """Return the only method taken."""
        return "S256"

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """The address must be the one that the code was sent to; raises TokenRequestError."""
        if redirect_uri != request.authorization_code.sign_in.redirect_uri:
            raise _refusal("Invalid redirect URI")
        return True

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> list[str]:
        """Every code is one of OpenID Connect."""
        return ["openid"]

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Request) -> str:
        """Return the nonce that goes into the ID token."""
        return str(request.authorization_code.sign_in.nonce)

    def get_id_token(self, token: dict[str, Any], token_handler: Any, request: Request) -> str:
        """Return the signed ID token that belongs to ``token``."""
        stored = request.authorization_code
        request.id_token_jti = uuid.uuid4()
        return mint_id_token(
            stored.sign_in,
            account=stored.user,
            access_token=token["access_token"],
            jti=request.id_token_jti,
            faults=request.faults,
        )

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Store the checksum of the access token and the ``jti`` of the ID token."""
        stored = request.authorization_code
        common = {"user": stored.user, "application": request.client, "scope": " ".join(request.scopes)}
        id_token = IDToken(jti=request.id_token_jti, expires=now() + ID_TOKEN_LIFETIME, **common)
        access_token = AccessToken(
            sign_in=stored.sign_in, id_token=id_token, expires=now() + ACCESS_TOKEN_LIFETIME, **common
        )
        self._set_token_value(access_token, token["access_token"])
        insert_rows(id_token, access_token)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """The code was taken in ``validate_code`` already; its row stays, so that a replay is noticed."""


class TokenServer(TokenEndpoint):  # type: ignore[misc]
    """A token endpoint that knows one grant."""

    def __init__(self, validator: Validator) -> None:
        """Build the endpoint over ``validator``."""
        self.request_validator = validator
        grant = AuthorizationCodeGrant(validator)
        grant.refresh_token = False
        bearer = BearerToken(validator, _access_token_of, int(ACCESS_TOKEN_LIFETIME.total_seconds()))
        super().__init__(default_grant_type=GRANT_TYPE, default_token_type=bearer, grant_types={GRANT_TYPE: grant})


def redeem_code(request: HttpRequest) -> tuple[str, int]:
    """Return the JSON body and HTTP status that answer a token request."""
    try:
        check_form(request.POST.dict())
    except TokenRefusedError as error:
        return TokenRequestError(error).json, error.status
    core = OAuthLibCore(TokenServer(Validator()))
    _, _, body, status = core.create_token_response(request)
    return str(body), int(status)


def _take(code: AuthorizationCode) -> bool:
    """Note that the code is redeemed; False when it has expired, or somebody else was first."""
    moment = now()
    is_alive = code.expires > moment
    return is_alive and change_rows(AuthorizationCode, {"redeemed_at": moment}, id=code.pk, redeemed_at=None)


def _refusal(description: str) -> TokenRequestError:
    return TokenRequestError(TokenRefusedError("invalid_grant", description))


def _access_token_of(request: Request) -> str:
    stored = request.authorization_code
    return mint_access_token(stored.sign_in, account=stored.user)
