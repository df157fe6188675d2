"""The way back for a citizen who lost every second factor: password, address, a wait, and notice to the owner.

Whoever took a password and an inbox could ask too, so the owner has days to stop it by signing in as usual, and the
identity that was proven does not come along.
"""

from django.db import IntegrityError, transaction

from gaap.audit.services import record
from gaap.clock import now
from gaap.states import move
from gaap_identity.conf import conf
from gaap_identity.errors import NotReadyError
from gaap_identity.models import Account, FactorReset
from gaap_identity.services.account_changes import forget_factors
from gaap_identity.services.notices import notify_citizen
from gaap_identity.services.sessions import citizen, end_sessions
from gaap_identity.states import FACTOR_RESET


def waiting_reset(account: Account) -> FactorReset | None:
    """Return the reset that waits, if there is one."""
    return FactorReset.objects.waiting().filter(account=account).first()


@transaction.atomic
def ask_for_reset(account: Account) -> FactorReset:
    """Begin the wait, or return the one that has begun. The citizen has proven password and address."""
    try:
        with transaction.atomic():
            reset = FactorReset.objects.create(account=account, ready_at=now() + conf.factor_reset_wait)
    except IntegrityError:
        return FactorReset.objects.waiting().get(account=account)
    record("factor_reset_asked", target=account, by=citizen(account))
    notify_citizen("factor_reset_asked", recipient=account.email, language=account.language)
    return reset


@transaction.atomic
def finish_reset(reset: FactorReset) -> None:
    """Take the lost factors away, once the wait is over; codes go to the address then. Raises NotReadyError."""
    account = reset.account
    if reset.ready_at > now() or not move(reset, "finished", table=FACTOR_RESET, by=citizen(account)):
        raise NotReadyError("The wait is not over.")
    end_sessions(account)
    forget_factors(account)
    notify_citizen("factor_reset_finished", recipient=account.email, language=account.language)


def cancel_reset(account: Account) -> None:
    """Stop a reset: whoever signs in with a second factor has not lost it."""
    reset = waiting_reset(account)
    if reset is not None:
        move(reset, "cancelled", table=FACTOR_RESET, by=citizen(account))
