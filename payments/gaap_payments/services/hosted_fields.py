"""Card fields of the provider's own: the citizen's browser authorises the session there, and we ask what came of it."""

from django.views.decorators.debug import sensitive_variables

from gaap.actors import SYSTEM, Actor
from gaap.conf import conf
from gaap_payments import states
from gaap_payments.models import Payment
from gaap_payments.providers.base import ChargeStatus, HostedFields, HostedFieldsProvider, Outcome
from gaap_payments.services.authorisations import (
    PayerDetails,
    apply_authorisation,
    begin_authorisation,
    close_declined,
)
from gaap_payments.services.card_types import give_up_card
from gaap_payments.services.operations import charge_of, provider_for
from gaap_payments.services.retries import may_try_again

#: What the provider says while the citizen still types.
_NOT_YET = frozenset({Outcome.OPEN, Outcome.CHALLENGE, Outcome.UNKNOWN})


def has_hosted_fields(payment: Payment) -> bool:
    """Tell whether the payment's provider draws its own card fields."""
    return isinstance(provider_for(payment.gateway_account), HostedFieldsProvider)


def hosted_fields(payment: Payment, *, return_path: str) -> HostedFields:
    """Return what the page with the provider's fields needs.

    Args:
        payment: with an open session at a ``HostedFieldsProvider``.
        return_path: where the browser goes when the citizen is done; begins with a slash.

    Raises:
        ProviderError: the provider does not answer, or has no fields of its own.
    """
    provider = provider_for(payment.gateway_account)
    if not isinstance(provider, HostedFieldsProvider):
        raise TypeError(f"Provider {payment.provider} has no card fields of its own.")
    return_url = conf.base_url.rstrip("/") + return_path
    return provider.hosted_fields(charge_of(payment), return_url=return_url, language=payment.language)


@sensitive_variables("payer")
def note_payer(payment: Payment, *, payer: PayerDetails) -> None:
    """Keep what the citizen said of themselves before they came to the provider's fields."""
    Payment.objects.filter(pk=payment.pk, status=states.STARTED).update(**vars(payer))
    payment.refresh_from_db()


def complete_fields(payment: Payment, *, by: Actor) -> None:
    """Follow what the citizen's browser did at the provider; nothing happens while it has done nothing.

    Raises ProviderError when the provider does not answer now.
    """
    if payment.status != states.STARTED:
        return
    status = provider_for(payment.gateway_account).query(charge_of(payment))
    if status.outcome not in _NOT_YET:
        _follow(payment, status=status, by=by)


def follow_fields_event(payment: Payment) -> None:
    """Follow an event about a session that the citizen may still have before them.

    A declined card is left to the citizen's own page while they may try again. Raises ProviderError.
    """
    if not payment.session_id or not has_hosted_fields(payment):
        return
    status = provider_for(payment.gateway_account).query(charge_of(payment))
    is_theirs = status.outcome is Outcome.DECLINED and may_try_again(payment)
    if status.outcome not in _NOT_YET and not is_theirs:
        _follow(payment, status=status, by=SYSTEM)


def _follow(payment: Payment, *, status: ChargeStatus, by: Actor) -> None:
    status = give_up_card(payment, status=close_declined(payment, status=status))
    if begin_authorisation(payment, changes={}, by=by) is not None:
        apply_authorisation(payment, status=status, by=by)
