"""One-time tokens: how a citizen's browser comes to a payment (contract A.7, C.1).

A token says itself which payment it opens and since when, under our seal, so that writing one down is not needed when
it is given out, which every answer about an unfinished payment does. A row is made when one is used.
"""

import hmac
import re
import secrets
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap_payments.errors import TokenRefusedError, TokenUsedError
from gaap_payments.models import Payment, PaymentToken

#: Contract A.10.
TOKEN_LIFE = timedelta(days=7)
FOR_PAGES, FOR_CARD = "p", "c"
SEAL_LENGTH = 40
_TOKEN = re.compile(
    rf"(?P<content>(?P<payment>[0-9a-v]{{26}})(?P<minted>[0-9a-f]{{10}})(?P<kind>[pc])[0-9a-f]{{8}})"
    rf"(?P<seal>[0-9a-f]{{{SEAL_LENGTH}}})"
)


@dataclass(frozen=True)
class _Token:
    payment_id: str
    minted_at: datetime
    kind: str


def mint_token(payment: Payment) -> str:
    """Return a new one-time token for the payment's pages: 85 characters of ``0-9a-v``.

    For a payment that the service's own program authorises, it is the token that goes with the card.
    """
    kind = FOR_CARD if payment.authorisation_mode == Payment.Mode.MOTO_API else FOR_PAGES
    content = f"{payment.pk}{int(now().timestamp()):010x}{kind}{secrets.token_hex(4)}"
    return content + _seal(content)


def redeem_token(text: str, *, held_payment_ids: Container[str]) -> str:
    """Use up a token and return the id of its payment.

    A used token still opens for the browser that holds the payment already. Raises TokenRefusedError otherwise, and
    for a token that is unknown or older than seven days.
    """
    token = _read(text, FOR_PAGES)
    if not _use_up(text, token) and token.payment_id not in held_payment_ids:
        raise TokenRefusedError("The token was used by another browser.")
    return token.payment_id


def redeem_card_token(text: str) -> Payment:
    """Use up the token that a service's program sends with a card, and return its payment.

    Raises TokenRefusedError when it is unknown or too old, TokenUsedError when it was used before.
    """
    token = _read(text, FOR_CARD)
    if not _use_up(text, token):
        raise TokenUsedError("The token was used before.")
    return Payment.objects.for_pages().get(pk=token.payment_id)


def purge_tokens() -> int:
    """Forget used tokens that are too old to be used again, and return how many there were."""
    removed, _ = PaymentToken.objects.filter(created_at__lte=now() - TOKEN_LIFE).delete()
    return removed


def _read(text: str, kind: str) -> _Token:
    found = _TOKEN.fullmatch(text)
    if found is None or not hmac.compare_digest(found["seal"], _seal(found["content"])):
        raise TokenRefusedError("The token is unknown.")
    token = _Token(found["payment"], datetime.fromtimestamp(int(found["minted"], 16), UTC), found["kind"])
    is_known = token.kind == kind and Payment.objects.filter(pk=token.payment_id).exists()
    if not is_known or token.minted_at <= now() - TOKEN_LIFE:
        raise TokenRefusedError("The token is unknown or too old.")
    return token


def _use_up(text: str, token: _Token) -> bool:
    """Write down that the token was used; returns False when that stood there already."""
    facts = {
        "payment_id": token.payment_id,
        "is_for_card": token.kind == FOR_CARD,
        "created_at": token.minted_at,
        "used_at": now(),
    }
    digest = keyed_digest(text, purpose="payments.token")
    _, is_first_use = PaymentToken.objects.get_or_create(digest=digest, defaults=facts)
    return is_first_use


def _seal(content: str) -> str:
    return keyed_digest(content, purpose="payments.token.seal")[:SEAL_LENGTH]
