"""What the citizen reads when there is nothing more to do on a payment, status by status."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap_payments import states


@dataclass(frozen=True)
class Ending:
    """A page that ends the journey: its heading, and what it says beneath."""

    title: str | Promise
    lines: tuple[str | Promise, ...]
    is_success: bool = False


_NO_MONEY = _("No money has been taken from you.")

_PAID = Ending(
    _("Your payment is complete"),
    (_("You do not need to do anything else here. Go back to the service to see what happens next."),),
    is_success=True,
)
_DECLINED = Ending(
    _("Your card was declined"),
    (
        _NO_MONEY,
        _("Your bank can tell you why. Go back to the service to try again, with another card if you have one."),
    ),
)
_EXPIRED = Ending(
    _("Your time to pay has run out"),
    (_NO_MONEY, _("A payment has to be finished within 90 minutes. Go back to the service to start again.")),
)
_CANCELLED_BY_USER = Ending(
    _("You cancelled this payment"), (_NO_MONEY, _("Go back to the service if you want to pay after all."))
)
_CANCELLED_BY_SERVICE = Ending(
    _("The service cancelled this payment"), (_NO_MONEY, _("Go back to the service to find out more."))
)
_ERROR = Ending(
    _("The payment did not work"),
    (_NO_MONEY, _("Something went wrong with the payment system. Go back to the service and try again later.")),
)

ENDINGS = {
    states.CAPTURABLE: _PAID,
    states.CAPTURE_APPROVED: _PAID,
    states.CAPTURE_READY: _PAID,
    states.CAPTURE_SUBMITTED: _PAID,
    states.CAPTURED: _PAID,
    states.DECLINED: _DECLINED,
    states.EXPIRY_READY: _EXPIRED,
    states.EXPIRED: _EXPIRED,
    states.USER_CANCEL_READY: _CANCELLED_BY_USER,
    states.CANCELLED_BY_USER: _CANCELLED_BY_USER,
    states.SERVICE_CANCEL_READY: _CANCELLED_BY_SERVICE,
    states.CANCELLED_BY_SERVICE: _CANCELLED_BY_SERVICE,
    states.AUTHORISATION_ERROR: _ERROR,
    states.CAPTURE_ERROR: _ERROR,
}

#: Where the citizen goes on in the statuses that have no ending.
STAGES = {
    states.CREATED: "payments-card-details",
    states.STARTED: "payments-card-details",
    states.AUTHORISATION_READY: "payments-auth-waiting",
    states.AUTHENTICATION_REQUIRED: "payments-3ds-required",
    states.AUTHENTICATION_READY: "payments-auth-waiting",
    states.SUBMITTED: "payments-confirm",
}
