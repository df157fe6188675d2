"""Reading an authorization request (contract A.2), in the order that decides where an error goes (A.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gaap_identity.errors import (
    AuthorizationError,
    InvalidScopeError,
    RequestUriNotSupportedError,
    UnauthorizedClientError,
    UnmetRequirementsError,
    UnsafeRequestError,
    UnsupportedResponseTypeError,
)
from gaap_identity.openid.claims import parse_claims
from gaap_identity.openid.levels import RequestedLevels, parse_vtr
from gaap_identity.openid.pkce import parse_challenge

#: What every client may be allowed to ask for; discovery names these alone.
PUBLIC_SCOPES = ("openid", "email", "phone")
WALLET_SCOPE = "wallet-subject-id"
SCOPES = (*PUBLIC_SCOPES, WALLET_SCOPE)
#: ``parse`` asks for nothing; the contract takes it.
PROMPTS = frozenset({"none", "login", "consent", "select_account", "create", "parse"})
RESPONSE_MODES = ("query", "fragment")
CHANNELS = ("web", "generic_app")
MAX_TEXT = 4096
MAX_REQUEST_OBJECT = 16384
MAX_AGE_LIMIT = 2**31 - 1
MAX_LOGIN_HINT = 256

Parameters = Mapping[str, Sequence[str]]


class ClientRules(Protocol):
    """What the reading of a request must know of the client; ``gaap_identity.models.Client`` fits.

    ``is_standard`` takes what OpenID Connect Core allows and the contract refuses: no ``state``, no ``nonce``, unknown
    scopes and claims passed over, ``max_age`` and ``prompt=select_account`` honoured.
    """

    is_active: bool
    is_standard: bool
    is_nonce_required: bool
    is_pkce_required: bool
    is_max_age_allowed: bool
    scopes: list[str]
    allowed_claims: list[str]
    allowed_levels: list[str]
    can_identify: bool


@dataclass(frozen=True)
class ReturnAddress:
    """Where an answer goes. Once this stands, errors are redirects."""

    redirect_uri: str
    response_mode: str
    state: str


@dataclass(frozen=True)
class AuthorizationRequest:
    """An authorization request that may go on."""

    state: str
    nonce: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    levels: RequestedLevels
    prompts: frozenset[str]
    max_age: int | None
    code_challenge: str
    ui_locales: tuple[str, ...]
    id_token_hint: str = ""
    login_hint: str = ""


def single_values(parameters: Parameters) -> dict[str, str]:
    """Return one value for each parameter; raises UnsafeRequestError when one was given two different values."""
    if any(len(set(values)) > 1 for values in parameters.values()):
        raise UnsafeRequestError("Invalid Request")
    values = {name: values[0] for name, values in parameters.items() if values}
    if any("\0" in value or len(value) > _longest(name) for name, value in values.items()):
        raise UnsafeRequestError("Invalid Request")
    return values


def parse_return_address(values: Mapping[str, str], *, registered: Sequence[str]) -> ReturnAddress:
    """Return where answers go; ``registered`` are the client's redirect addresses. Raises UnsafeRequestError."""
    redirect_uri = values.get("redirect_uri", "")
    response_mode = values.get("response_mode", RESPONSE_MODES[0])
    if not redirect_uri:
        raise UnsafeRequestError("Request is missing parameters")
    if redirect_uri not in registered or response_mode not in RESPONSE_MODES:
        raise UnsafeRequestError("Invalid Request")
    return ReturnAddress(redirect_uri=redirect_uri, response_mode=response_mode, state=values.get("state", ""))


def parse_request(values: Mapping[str, str], *, client: ClientRules, is_signed: bool = False) -> AuthorizationRequest:
    """Return the request in ``values``; raises AuthorizationError with what the relying party is told.

    ``is_signed`` says that they stood in a request object, outside of which ``id_token_hint`` is passed over unless
    the client follows the standard (contract A.2).
    """
    check_client(client)
    check_state(values, client=client)
    if "request_uri" in values:
        raise RequestUriNotSupportedError("Request URI parameter not supported")
    check_response_type(values)
    return AuthorizationRequest(
        state=values.get("state", ""),
        scopes=parse_scopes(values.get("scope", ""), client=client),
        claims=_parse_claims(values, client=client),
        nonce=_parse_nonce(values, client=client),
        code_challenge=parse_challenge(values, is_required=client.is_pkce_required),
        levels=parse_vtr(values.get("vtr", ""), allowed=client.allowed_levels, can_identify=client.can_identify),
        prompts=_parse_prompt(values.get("prompt", ""), client=client),
        max_age=_parse_max_age(values.get("max_age"), allowed=client.is_max_age_allowed or client.is_standard),
        login_hint=_parse_login_hint(values),
        ui_locales=tuple(values.get("ui_locales", "").split()),
        id_token_hint=values.get("id_token_hint", "") if is_signed or client.is_standard else "",
    )


def check_client(client: ClientRules) -> None:
    """Raise UnauthorizedClientError when ``client`` is switched off."""
    if not client.is_active:
        raise UnauthorizedClientError("client deactivated")


def check_state(values: Mapping[str, str], *, client: ClientRules) -> None:
    """Raise AuthorizationError when there is no ``state``, which the standard only recommends."""
    if not values.get("state") and not client.is_standard:
        raise AuthorizationError("Request is missing state parameter")


def check_response_type(values: Mapping[str, str]) -> None:
    """Raise AuthorizationError unless a code is asked for."""
    if not values.get("response_type"):
        raise AuthorizationError("Request is missing response_type parameter")
    if values["response_type"] != "code":
        raise UnsupportedResponseTypeError("Unsupported response type")


def parse_scopes(text: str, *, client: ClientRules) -> tuple[str, ...]:
    """Return the scopes in ``text``; raises InvalidScopeError without ``openid`` or with what may not be asked for."""
    scopes = tuple(dict.fromkeys(text.split()))
    allowed = set(client.scopes) & set(SCOPES)
    if client.is_standard:
        scopes = tuple(scope for scope in scopes if scope in allowed)
    if "openid" not in scopes or not set(scopes) <= allowed:
        raise InvalidScopeError("Invalid, unknown or malformed scope")
    return scopes


def _parse_claims(values: Mapping[str, str], *, client: ClientRules) -> tuple[str, ...]:
    claims = parse_claims(values.get("claims", ""), allowed=client.allowed_claims, is_lenient=client.is_standard)
    return tuple(claims)


def _parse_nonce(values: Mapping[str, str], *, client: ClientRules) -> str:
    nonce = values.get("nonce", "")
    if not nonce and client.is_nonce_required and not client.is_standard:
        raise AuthorizationError("Request is missing nonce parameter")
    return nonce


def _parse_prompt(text: str, *, client: ClientRules) -> frozenset[str]:
    prompts = frozenset(text.split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise AuthorizationError("Request prompt not valid")
    if "select_account" in prompts and not client.is_standard:
        raise UnmetRequirementsError("Requested prompt not supported")
    return prompts


def _parse_max_age(text: str | None, *, allowed: bool) -> int | None:
    if text is None or not allowed:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_AGE_LIMIT:
        raise AuthorizationError("Request max_age not valid")
    return int(text)


def _parse_login_hint(values: Mapping[str, str]) -> str:
    """Return ``login_hint``; refuses one that is too long, and a ``channel`` that there is not."""
    hint = values.get("login_hint", "")
    if len(hint) > MAX_LOGIN_HINT:
        raise AuthorizationError("login_hint parameter is invalid")
    if values.get("channel", CHANNELS[0]) not in CHANNELS:
        raise AuthorizationError("Invalid value for channel parameter.")
    return hint


def _longest(name: str) -> int:
    return MAX_REQUEST_OBJECT if name == "request" else MAX_TEXT
