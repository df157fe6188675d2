"""What the services of this component raise; the doors turn each into their own answer."""


class PaymentsError(Exception):
    """Base of the errors below."""


class AccountNotConfiguredError(PaymentsError):
    """The service has no gateway account for this kind of key (contract A.5, P0940)."""


class AccountDisabledError(PaymentsError):
    """The gateway account takes no new payments (contract A.5, P0941)."""


class AccountRefusedError(PaymentsError):
    """The gateway account may not be set up like this; the message says why."""


class PaymentStateError(PaymentsError):
    """The payment is in a state that does not allow the act (contract A.5, P0501, P1003)."""


class CaptureFailedError(PaymentStateError):
    """The provider was asked for the money, and would not give it (contract A.5, P1001)."""


class PaymentBusyError(PaymentsError):
    """The provider is being asked about this payment at the moment (contract A.5, P0502)."""


class TokenRefusedError(PaymentsError):
    """The one-time token is unknown, too old, or used by another browser."""


class TokenUsedError(TokenRefusedError):
    """The one-time token was used before (contract A.5, P1212)."""


class ProviderEventRefusedError(PaymentsError):
    """What came in is not from the provider: wrong signature or unreadable."""


class RefundUnavailableError(PaymentsError):
    """Nothing, or not as much, can be given back (contract A.5, P0603); ``status`` is the contract's word for why."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The payment cannot be refunded: {status}.")
        self.status = status


class RefundDisputedError(PaymentsError):
    """The payer's bank wants the money back already (contract A.5, P0603)."""


class RefundAvailableMismatchError(PaymentsError):
    """Another amount is left than the caller believes (contract A.5, P0604)."""


class OwnRefundRequestError(PaymentsError):
    """Nobody decides on a refund that they asked for themselves."""


class RefundRequestClosedError(PaymentsError):
    """A second person has decided on the refund already."""


class AgreementUnknownError(PaymentsError):
    """The service has no such agreement (contract A.5, P0103)."""


class AgreementStateError(PaymentsError):
    """The agreement is in a state that does not allow the act (contract A.5, P2501)."""


class LinkAddressTakenError(PaymentsError):
    """Another payment link has the friendly address already."""


class EvidenceClosedError(PaymentsError):
    """No evidence about a dispute is taken now; ``reason`` is ``decided``, ``late``, ``entered`` or ``never``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"No evidence is taken: {reason}.")
        self.reason = reason


class BrandRefusedError(PaymentsError):
    """The pages may not look like this; ``reason`` is ``format`` or ``size`` of the logo, or the name of a field."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The look is refused: {reason}.")
        self.reason = reason


class TelephoneDraftError(PaymentsError):
    """The form of a telephone payment is somebody else's, too old, or was sent before with other details."""
