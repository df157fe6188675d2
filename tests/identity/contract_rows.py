"""The answers of the contract, row by row (A.2 to A.7): what is asked, and what comes back where.

Each row says what differs from a request that holds; None leaves a parameter out.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.identity.people import REDIRECT_URI, claims_parameter

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
DRIVING_PERMIT = "https://vocab.account.gov.uk/v1/drivingPermit"
ELSEWHERE = "https://elsewhere.example/callback"
MISSING, INVALID = "Request is missing parameters", "Invalid Request"
VTR, CLAIMS, PROMPT = "Request vtr not valid", "Request contains invalid claims", "Request prompt not valid"
SCOPE, RESPONSE_TYPE = "Invalid, unknown or malformed scope", "Unsupported response type"
SIGNATURE = "Invalid signature in private_key_jwt"
NO_CHALLENGE = "Request is missing code_challenge parameter"
NO_METHOD = (
    "Request is missing code_challenge_method parameter. "
    "code_challenge_method is required when code_challenge is present."
)
BUSY = "The client has sent too many requests"


@dataclass(frozen=True)
class Plain:
    """An authorization request that is answered with a plain 400, because no address is safe."""

    changes: dict[str, Any]
    words: str
    is_signed: bool = False


@dataclass(frozen=True)
class Sent:
    """An authorization request that is answered at the service's own address with an error."""

    changes: dict[str, Any]
    error: str
    description: str
    client: str = "renew-vehicle"
    is_signed_in: bool = False


@dataclass(frozen=True)
class Shown:
    """An authorization request that leads to a page of ours."""

    changes: dict[str, Any]
    page: str = "/sign-in"
    client: str = "renew-vehicle"
    is_signed_in: bool = False
    is_signed: bool = False


@dataclass(frozen=True)
class Token:
    """A token request that is refused. ``asked`` changes the authorization request, ``claims`` the assertion."""

    changes: dict[str, Any]
    error: str
    description: str
    status: int = 400
    client: str = "renew-vehicle"
    asked: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What ``/userinfo`` answers to an Authorization header."""

    header: str | None
    challenge: str


@dataclass(frozen=True)
class LoggedOut:
    """What ``/logout`` does: the error on our page, or nothing when the citizen goes where the service wants."""

    values: dict[str, str]
    error: str = ""
    description: str = ""
    target: str = "/account/signed-out"


PLAIN = [
    Plain({"client_id": None}, MISSING),
    Plain({"client_id": ""}, MISSING),
    Plain({"client_id": "nobody"}, INVALID),
    Plain({"client_id": "nobody\0"}, INVALID),
    Plain({"client_id": "RENEW-VEHICLE"}, INVALID),
    Plain({"redirect_uri": None}, MISSING),
    Plain({"redirect_uri": ""}, MISSING),
    Plain({"redirect_uri": REDIRECT_URI + "/"}, INVALID),
    Plain({"redirect_uri": REDIRECT_URI + "?next=1"}, INVALID),
    Plain({"redirect_uri": REDIRECT_URI + "#x"}, INVALID),
    Plain({"redirect_uri": REDIRECT_URI.upper()}, INVALID),
    Plain({"redirect_uri": ELSEWHERE}, INVALID),
    Plain({"redirect_uri": "//renew.transport.example/callback"}, INVALID),
    Plain({"response_mode": "form_post"}, INVALID),
    Plain({"response_mode": ""}, INVALID),
    Plain({"state": "x" * 5000}, INVALID),
    Plain({"request": "e30.e30."}, INVALID),
    Plain({"request": "nonsense"}, INVALID),
    Plain({"redirect_uri": None}, MISSING, is_signed=True),
    Plain({"redirect_uri": ELSEWHERE}, INVALID, is_signed=True),
    Plain({"redirect_uri": [REDIRECT_URI]}, MISSING, is_signed=True),
    Plain({"response_mode": "form_post"}, INVALID, is_signed=True),
]

SENT = [
    Sent({"state": None}, "invalid_request", "Request is missing state parameter"),
    Sent({"state": ""}, "invalid_request", "Request is missing state parameter"),
    Sent({"state": None, "response_type": "token"}, "invalid_request", "Request is missing state parameter"),
    Sent({"request_uri": "https://x.example"}, "request_uri_not_supported", "Request URI parameter not supported"),
    Sent({"response_type": None}, "invalid_request", "Request is missing response_type parameter"),
    Sent({"response_type": "token"}, "unsupported_response_type", RESPONSE_TYPE),
    Sent({"response_type": "code id_token"}, "unsupported_response_type", RESPONSE_TYPE),
    Sent({"response_type": "token", "scope": "am"}, "unsupported_response_type", RESPONSE_TYPE),
    Sent({"scope": None}, "invalid_scope", SCOPE),
    Sent({"scope": "email"}, "invalid_scope", SCOPE),
    Sent({"scope": "OPENID"}, "invalid_scope", SCOPE),
    Sent({"scope": "openid wallet-subject-id"}, "invalid_scope", SCOPE),
    Sent({"scope": "openid offline_access"}, "invalid_scope", SCOPE),
    Sent({"scope": "openid am", "nonce": None}, "invalid_scope", SCOPE),
    Sent({"claims": "{"}, "invalid_request", CLAIMS),
    Sent({"claims": "[]"}, "invalid_request", CLAIMS),
    Sent({"claims": '{"userinfo": []}'}, "invalid_request", CLAIMS),
    Sent({"claims": '{"userinfo": {"email": null}}'}, "invalid_request", CLAIMS),
    Sent({"claims": claims_parameter(DRIVING_PERMIT)}, "invalid_request", CLAIMS),
    Sent({"nonce": None}, "invalid_request", "Request is missing nonce parameter"),
    Sent({"nonce": ""}, "invalid_request", "Request is missing nonce parameter"),
    Sent({"code_challenge_method": "S256"}, "invalid_request", NO_CHALLENGE),
    Sent({"code_challenge": CHALLENGE}, "invalid_request", NO_METHOD),
    Sent(
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        "invalid_request",
        "Invalid value for code_challenge_method parameter.",
    ),
    Sent(
        {"code_challenge": "short", "code_challenge_method": "S256"},
        "invalid_request",
        "Invalid value for code_challenge parameter.",
    ),
    Sent({"code_challenge": ""}, "invalid_request", "Invalid value for code_challenge parameter."),
    Sent({}, "invalid_request", f"{NO_CHALLENGE}, but PKCE is enforced.", client="with-pkce"),
    Sent({"vtr": "Cl.Cm"}, "invalid_request", VTR),
    Sent({"vtr": "{"}, "invalid_request", VTR),
    Sent({"vtr": "[" * 3000}, "invalid_request", VTR),
    Sent({"vtr": '{"Cl": 1}'}, "invalid_request", VTR),
    Sent({"vtr": "[1]"}, "invalid_request", VTR),
    Sent({"vtr": '["Cm"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cl"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Ch"]'}, "invalid_request", VTR),
    Sent({"vtr": '["P2"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.P1"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.P2"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm.P1.P2"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm.P4"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm.P3"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm","Cl.Cm.P2"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm.P0","Cl.Cm.P2"]'}, "invalid_request", VTR),
    Sent({"vtr": '["Cl.Cm.P2"]'}, "invalid_request", VTR, client="by-secret"),
    Sent({"vtr": '["Cl.Cm.P1"]'}, "invalid_request", VTR, client="signing-in-only"),
    Sent({"prompt": "sometimes"}, "invalid_request", PROMPT),
    Sent({"prompt": "none login"}, "invalid_request", PROMPT),
    Sent({"prompt": "select_account"}, "unmet_authentication_requirements", "Requested prompt not supported"),
    Sent({"prompt": "none"}, "login_required", "Login required"),
    Sent({"prompt": "none", "vtr": '["Cl.Cm.P2"]'}, "interaction_required", "Interaction required", is_signed_in=True),
    Sent({"max_age": "-1"}, "invalid_request", "Request max_age not valid", client="with-max-age"),
    Sent({"max_age": "ten"}, "invalid_request", "Request max_age not valid", client="with-max-age"),
    Sent({"max_age": "1.5"}, "invalid_request", "Request max_age not valid", client="with-max-age"),
    Sent({"max_age": "0", "prompt": "none"}, "login_required", "Login required", "with-max-age", is_signed_in=True),
    Sent({"login_hint": "x" * 257}, "invalid_request", "login_hint parameter is invalid"),
    Sent({"channel": "fax"}, "invalid_request", "Invalid value for channel parameter."),
    Sent({}, "unauthorized_client", "client deactivated", client="switched-off"),
    Sent({"state": None}, "unauthorized_client", "client deactivated", client="switched-off"),
    Sent({}, "temporarily_unavailable", BUSY, client="closed"),
    Sent({}, "invalid_request", "Request object is required", client="with-jar"),
]

#: The same for requests that the client signed (A.2, JAR); the changes are to the object's claims.
SENT_SIGNED = [
    Sent({"state": None}, "invalid_request", "Request is missing state parameter"),
    Sent({"client_id": None}, "unauthorized_client", "Request object client_id not valid"),
    Sent({"client_id": "somebody"}, "unauthorized_client", "Request object client_id not valid"),
    Sent({"request": "e30.e30."}, "invalid_request", "Request object must not hold request or request_uri"),
    Sent({"request_uri": "urn:x"}, "invalid_request", "Request object must not hold request or request_uri"),
    Sent({"aud": None}, "access_denied", "Request object aud not valid"),
    Sent({"aud": ELSEWHERE}, "access_denied", "Request object aud not valid"),
    Sent({"iss": None}, "unauthorized_client", "Request object iss not valid"),
    Sent({"iss": "somebody"}, "unauthorized_client", "Request object iss not valid"),
    Sent({"sub": "renew-vehicle"}, "invalid_request_object", "Request object sub must not be the client_id"),
    Sent({"exp": 1}, "invalid_request_object", "Request object has expired"),
    Sent({"exp": "soon"}, "invalid_request_object", "Request object times not valid"),
    Sent({"nbf": 10**11}, "invalid_request_object", "Request object is not valid yet"),
    Sent({"response_type": None}, "unsupported_response_type", RESPONSE_TYPE),
    Sent({"response_type": "token"}, "unsupported_response_type", RESPONSE_TYPE),
    Sent({"scope": None}, "invalid_scope", SCOPE),
    Sent({"scope": "openid am"}, "invalid_scope", SCOPE),
    Sent({"nonce": None}, "invalid_request", "Request is missing nonce parameter"),
    Sent({"nonce": 5}, "invalid_request", "Request is missing nonce parameter"),
    Sent({"code_challenge": CHALLENGE}, "invalid_request", NO_METHOD),
    Sent({"vtr": ["Cl.Cm.P3"]}, "invalid_request", VTR),
    Sent({"vtr": "Cl"}, "invalid_request", VTR),
    Sent({"claims": {"userinfo": {"email": None}}}, "invalid_request", CLAIMS),
    Sent({"prompt": "select_account"}, "unmet_authentication_requirements", "Requested prompt not supported"),
    Sent({"prompt": "none"}, "login_required", "Login required"),
    Sent({"max_age": -1}, "invalid_request", "Request max_age not valid", client="with-max-age"),
    Sent({"login_hint": "x" * 257}, "invalid_request", "login_hint parameter is invalid"),
    Sent({"channel": "fax"}, "invalid_request", "Invalid value for channel parameter."),
    Sent({"id_token_hint": "a.b.c"}, "invalid_request", "unable to validate id_token_hint"),
    Sent({}, "unauthorized_client", "client deactivated", client="switched-off"),
    Sent({}, "temporarily_unavailable", BUSY, client="closed"),
]

SHOWN = [
    Shown({}),
    Shown({"vtr": "[]"}),
    Shown({"vtr": '["Cl"]'}),
    Shown({"vtr": '["Cm.Cl"]'}),
    Shown({"vtr": '["Cl.Cm.X9"]'}),
    Shown({"vtr": '["Cl.Cm.P0"]'}),
    Shown({"vtr": '["Cl.Cm.P1","Cl.Cm.P2"]'}),
    Shown({"claims": json.dumps({"id_token": {"email": None}})}),
    Shown({"prompt": "consent"}),
    Shown({"prompt": "login"}, is_signed_in=True),
    Shown({"prompt": "create"}, page="/sign-in/create"),
    Shown({"vtr": '["Cl.Cm.P2"]'}, page="/prove-identity", is_signed_in=True),
    Shown({"max_age": "nonsense"}),
    Shown({"max_age": "0"}, client="with-max-age", is_signed_in=True),
    Shown({"nonce": None}, client="without-nonce"),
    Shown({"channel": "generic_app", "ui_locales": "fr cy", "login_hint": "a@example.org"}),
    Shown({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, client="with-pkce"),
    Shown({"id_token_hint": "passed over"}),
    Shown({}, client="with-jar", is_signed=True),
    Shown({"vtr": ["Cl.Cm"], "claims": {"userinfo": {}}, "exp": None}, is_signed=True),
    Shown({"state": None, "nonce": None, "scope": "openid profile"}, client="standard"),
    Shown({"prompt": "select_account"}, client="standard", is_signed_in=True),
]

TOKEN = [
    Token({"grant_type": None}, "invalid_request", "Request is missing grant_type parameter"),
    Token({"grant_type": "refresh_token"}, "unsupported_grant_type", "Unsupported grant type"),
    Token({"grant_type": "client_credentials"}, "unsupported_grant_type", "Unsupported grant type"),
    Token({"grant_type": "password"}, "unsupported_grant_type", "Unsupported grant type"),
    Token({"redirect_uri": None}, "invalid_request", "Request is missing redirect_uri parameter"),
    Token({"code": None}, "invalid_request", "Request is missing code parameter"),
    Token({"code": "made-up"}, "invalid_grant", "Invalid grant"),
    Token({"redirect_uri": ELSEWHERE}, "invalid_grant", "Invalid redirect URI"),
    Token({"redirect_uri": REDIRECT_URI + "/"}, "invalid_grant", "Invalid redirect URI"),
    Token({"code_verifier": "v" * 50}, "invalid_grant", "PKCE code verification failed"),
    Token({"code_verifier": "short"}, "invalid_grant", "PKCE code verification failed"),
    Token({}, "invalid_grant", "PKCE code verification failed", client="with-pkce"),
    Token({"code_verifier": "v" * 50}, "invalid_grant", "PKCE code verification failed", client="with-pkce"),
    Token({"client_assertion_type": None}, "invalid_request", "Invalid client_assertion_type"),
    Token({"client_assertion_type": "urn:other"}, "invalid_request", "Invalid client_assertion_type"),
    Token({"client_assertion": ""}, "invalid_request", "Invalid client_assertion_type"),
    Token(
        {"client_assertion": None, "client_assertion_type": None},
        "invalid_request",
        "Invalid request: no client authentication",
    ),
    Token({"client_assertion": "one.two"}, "invalid_client", SIGNATURE),
    Token({"client_assertion": "a.b.c"}, "invalid_client", SIGNATURE),
    Token({"client_assertion": "é.é.é"}, "invalid_client", SIGNATURE),
    Token({"client_id": "somebody-else"}, "invalid_client", SIGNATURE),
    Token({}, "invalid_client", SIGNATURE, claims={"iss": "somebody"}),
    Token({}, "invalid_client", SIGNATURE, claims={"iss": None}),
    Token({}, "invalid_client", SIGNATURE, claims={"sub": None}),
    Token({}, "invalid_client", SIGNATURE, claims={"sub": ["renew-vehicle"]}),
    Token({}, "invalid_client", SIGNATURE, claims={"aud": ELSEWHERE}),
    Token({}, "invalid_client", SIGNATURE, claims={"aud": None}),
    Token({}, "invalid_client", SIGNATURE, claims={"aud": []}),
    Token({}, "invalid_client", SIGNATURE, claims={"aud": ["http://127.0.0.1:8000/token", ELSEWHERE]}),
    Token({}, "invalid_client", SIGNATURE, claims={"exp": None}),
    Token({}, "invalid_client", SIGNATURE, claims={"exp": "soon"}),
    Token({}, "invalid_client", SIGNATURE, claims={"exp": True}),
    Token({}, "invalid_client", SIGNATURE, claims={"exp": 10**30}),
    Token({}, "invalid_grant", "private_key_jwt has expired", claims={"exp": 1}),
    Token({}, "invalid_grant", "private_key_jwt is not valid yet", claims={"nbf": 10**10}),
    Token({}, "invalid_grant", "private_key_jwt is not valid yet", claims={"iat": 10**10}),
    Token({}, "invalid_client", "Client authentication failed", 401, claims={"iss": "nobody", "sub": "nobody"}),
    Token({}, "invalid_client", "Client is not registered to use private_key_jwt", client="by-secret"),
    Token(
        {"client_assertion": None, "client_assertion_type": None, "client_id": "by-secret", "client_secret": "wrong"},
        "invalid_client",
        "Invalid client secret",
        client="by-secret",
    ),
    Token(
        {"client_assertion": None, "client_assertion_type": None, "client_id": "renew-vehicle", "client_secret": "x"},
        "invalid_client",
        "Client is not registered to use client_secret_post",
    ),
    Token({}, "unauthorized_client", "client deactivated", claims={"iss": "switched-off", "sub": "switched-off"}),
    Token({}, "invalid_grant", "Invalid grant", claims={"iss": "with-max-age", "sub": "with-max-age"}),
]

TOLD = [
    Told(None, "Bearer"),
    Told("Basic abc", 'Bearer error="invalid_request", error_description="Malformed Authorization header"'),
    Told("Bearer", 'Bearer error="invalid_request", error_description="Malformed Authorization header"'),
    Told("Token abc", 'Bearer error="invalid_request", error_description="Malformed Authorization header"'),
    Told("Bearer made-up", 'Bearer error="invalid_token", error_description="Invalid Access Token"'),
    Told("Bearer a.b.c", 'Bearer error="invalid_token", error_description="Invalid Access Token"'),
    Told("Bearer {id_token}", 'Bearer error="invalid_token", error_description="Invalid Access Token"'),
    Told("Bearer {code}", 'Bearer error="invalid_token", error_description="Invalid Access Token"'),
]

BYE = "https://renew.transport.example/bye"
UNVERIFIED, UNREGISTERED = (
    "unable to validate id_token_hint",
    "client registry does not contain post_logout_redirect_uri",
)
LOGGED_OUT = [
    LoggedOut({}),
    LoggedOut({"post_logout_redirect_uri": BYE}),
    LoggedOut({"id_token_hint": "{id_token}"}),
    LoggedOut({"id_token_hint": "{id_token}", "post_logout_redirect_uri": BYE}, target=BYE),
    LoggedOut({"id_token_hint": "{id_token}", "post_logout_redirect_uri": BYE, "state": "s"}, target=BYE + "?state=s"),
    LoggedOut({"id_token_hint": "a.b.c"}, "invalid_request", UNVERIFIED),
    LoggedOut({"id_token_hint": "{unsigned}"}, "invalid_request", UNVERIFIED),
    LoggedOut({"id_token_hint": "{forged}", "post_logout_redirect_uri": BYE}, "invalid_request", UNVERIFIED),
    LoggedOut({"id_token_hint": "{of_nobody}"}, "unauthorized_client", "client not found"),
    LoggedOut({"id_token_hint": "{without_sid}"}, "invalid_request", "invalid id_token_hint"),
    LoggedOut({"id_token_hint": "{id_token}", "post_logout_redirect_uri": ELSEWHERE}, "invalid_request", UNREGISTERED),
    LoggedOut({"id_token_hint": "{id_token}", "post_logout_redirect_uri": BYE + "/"}, "invalid_request", UNREGISTERED),
    LoggedOut(
        {"id_token_hint": "{id_token}", "post_logout_redirect_uri": "//elsewhere.example"},
        "invalid_request",
        "invalid post logout redirect URI",
    ),
]

ROWS = [*PLAIN, *SENT, *SENT_SIGNED, *SHOWN, *TOKEN, *TOLD, *LOGGED_OUT]
