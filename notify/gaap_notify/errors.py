"""The errors of the contract (spec A.3): each class carries its name on the wire and its HTTP status."""

from collections.abc import Mapping
from typing import ClassVar


class ContractError(Exception):
    """An answer that tells the caller what is wrong; several messages make several entries."""

    wire_class: ClassVar[str] = "BadRequestError"
    status_code: int = 400

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages
        #: What every entry says besides class and message.
        self.details: Mapping[str, object] = {}


class BadRequestError(ContractError):
    """The request is well formed but cannot be carried out."""


class ValidationError(ContractError):
    """The request does not match the schema, or a value in it is wrong."""

    wire_class = "ValidationError"


class QrCodeTooLongError(ValidationError):
    """A letter holds a link that no usable QR code can be made of (spec A.6)."""

    def __init__(self, data: str, max_bytes: int) -> None:
        super().__init__("Cannot create a usable QR code - the link is too long")
        self.details = {"data": data, "num_bytes": len(data.encode()), "max_bytes": max_bytes}


class InvalidPhoneError(ContractError):
    """The number is real, but not one that text messages may go to."""

    wire_class = "InvalidPhoneError"


class NoResultFoundError(ContractError):
    """The thing does not exist, or belongs to another service."""

    wire_class = "NoResultFound"
    status_code = 404

    def __init__(self) -> None:
        super().__init__("No result found")


class RateLimitError(ContractError):
    """The service makes more calls than it may."""

    wire_class = "RateLimitError"
    status_code = 429


class TooManyRequestsError(ContractError):
    """The service has sent as many messages today as it may."""

    wire_class = "TooManyRequestsError"
    status_code = 429


class AuthError(ContractError):
    """The caller's token is missing (401) or no good (403)."""

    wire_class = "AuthError"

    def __init__(self, message: str, *, status_code: int = 403) -> None:
        super().__init__(message)
        self.status_code = status_code
