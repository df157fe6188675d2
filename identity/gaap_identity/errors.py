"""What can go wrong in Identity. Errors that reach a relying party carry their wire code (contract A.3)."""


class IdentityError(Exception):
    """Base of every error of this component."""


class CodesUnavailableError(IdentityError):
    """No code can be sent, because Notify is not installed."""


class UnreachableError(IdentityError):
    """No code can be sent to this address or number."""


class LockedError(IdentityError):
    """Too many tries; the counter is closed for a while."""


class SpentError(LockedError):
    """What there is of something in a day is used up."""


class CodesSpentError(SpentError):
    """No more codes are sent today: to this address or number, for this account, or abroad at all."""


class WrongCodeError(IdentityError):
    """The code does not match, was used before or has expired."""


class AccountDisabledError(IdentityError):
    """Operators have closed the account for now."""


class SignInRefusedError(IdentityError):
    """The address and password do not belong together, or no such account stands."""


class ScannerAwayError(IdentityError):
    """The virus scanner cannot be asked now, so nothing is known of a file."""


class AccountExistsError(IdentityError):
    """The address has an account already."""


class PasskeyRefusedError(IdentityError):
    """The browser's answer proves no passkey that stands here."""


class NotReadyError(IdentityError):
    """The wait before a second factor may be replaced is not over."""


class PowerRefusedError(IdentityError):
    """A power cannot be offered so; ``field`` says what is wrong: ``email``, ``scopes`` or ``ends_on``."""

    def __init__(self, field: str) -> None:
        """Take the field."""
        super().__init__(field)
        self.field = field


class CompanyRefusedError(IdentityError):
    """Somebody cannot speak for a company so.

    ``reason`` is ``identity``, ``number``, ``officer``, ``service`` or ``register``.
    """

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.reason = reason


class UnsafeRequestError(IdentityError):
    """An authorization request that must be answered with a plain 400, since no redirect is safe yet."""


class HintRefusedError(IdentityError):
    """An ``id_token_hint`` that was not signed here, or says nothing that can be used."""


class TokenRefusedError(IdentityError):
    """A token request that is answered with an error (contract A.3)."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        """Take ``error``, ``error_description`` and the HTTP status."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


class AuthorizationError(IdentityError):
    """An authorization request or sign-in that ends at the relying party with an error."""

    code = "invalid_request"

    def __init__(self, description: str) -> None:
        """Take the ``error_description`` that the relying party is told."""
        super().__init__(description)
        self.description = description


class UnsupportedResponseTypeError(AuthorizationError):
    """The response type is not ``code``."""

    code = "unsupported_response_type"


class InvalidScopeError(AuthorizationError):
    """The scope lacks ``openid`` or holds what the client may not ask for."""

    code = "invalid_scope"


class UnauthorizedClientError(AuthorizationError):
    """The client is switched off."""

    code = "unauthorized_client"


class InvalidRequestObjectError(AuthorizationError):
    """The request object is unsigned, has expired or holds what it may not."""

    code = "invalid_request_object"


class TemporarilyUnavailableError(AuthorizationError):
    """The client has sent more requests than it may, or no identity can be checked at the moment."""

    code = "temporarily_unavailable"


class RequestUriNotSupportedError(AuthorizationError):
    """Request objects by address are not taken."""

    code = "request_uri_not_supported"


class UnmetRequirementsError(AuthorizationError):
    """The kind of sign-in asked for cannot be given."""

    code = "unmet_authentication_requirements"


class LoginRequiredError(AuthorizationError):
    """The citizen would have to sign in, which ``prompt=none`` forbids."""

    code = "login_required"


class InteractionRequiredError(AuthorizationError):
    """The citizen would have to prove who they are, which ``prompt=none`` forbids."""

    code = "interaction_required"


class ConsentRequiredError(AuthorizationError):
    """The citizen would have to agree to what the service is told, which ``prompt=none`` forbids."""

    code = "consent_required"


class AccessDeniedError(AuthorizationError):
    """The citizen's identity could not be proven, or they left."""

    code = "access_denied"
