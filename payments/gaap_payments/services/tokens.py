"""One-time tokens: how a citizen's browser comes to a payment (contract A.7, C.1)."""

from collections.abc import Container
from datetime import timedelta

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.identifiers import new_base32_id
from gaap_payments.errors import TokenRefusedError, TokenUsedError
from gaap_payments.models import Payment, PaymentToken

#: Contract A.10.
TOKEN_LIFE = timedelta(days=7)


def mint_token(payment: Payment) -> str:
    """Return a new one-time token for the payment's pages; only its digest is stored.

    For a payment that the service's own program authorises, it is the token that goes with the card.
    """
    text = new_base32_id()
    is_for_card = payment.authorisation_mode == Payment.Mode.MOTO_API
    PaymentToken.objects.create(payment=payment, digest=_digest(text), is_for_card=is_for_card)
    return text


def redeem_token(text: str, *, held_payment_ids: Container[str]) -> str:
    """Use up a token and return the id of its payment.

    A used token still opens for the browser that holds the payment already. Raises TokenRefusedError otherwise, and
    for a token that is unknown or older than seven days.
    """
    token = _find(text, is_for_card=False)
    if token is None:
        raise TokenRefusedError("The token is unknown or too old.")
    is_first_use = PaymentToken.objects.filter(pk=token.pk, used_at__isnull=True).update(used_at=now())
    if not is_first_use and token.payment_id not in held_payment_ids:
        raise TokenRefusedError("The token was used by another browser.")
    return token.payment_id


def redeem_card_token(text: str) -> Payment:
    """Use up the token that a service's program sends with a card, and return its payment.

    Raises TokenRefusedError when it is unknown or too old, TokenUsedError when it was used before.
    """
    token = _find(text, is_for_card=True)
    if token is None:
        raise TokenRefusedError("The token is unknown or too old.")
    if not PaymentToken.objects.filter(pk=token.pk, used_at__isnull=True).update(used_at=now()):
        raise TokenUsedError("The token was used before.")
    return Payment.objects.for_pages().get(pk=token.payment_id)


def purge_tokens() -> int:
    """Remove the tokens that nothing can be done with any more, and return how many there were."""
    removed, _ = PaymentToken.objects.filter(created_at__lte=now() - TOKEN_LIFE).delete()
    return removed


def _find(text: str, *, is_for_card: bool) -> PaymentToken | None:
    young = PaymentToken.objects.filter(created_at__gt=now() - TOKEN_LIFE)
    return young.filter(digest=_digest(text), is_for_card=is_for_card).first()


def _digest(text: str) -> str:
    return keyed_digest(text, purpose="payments.token")
