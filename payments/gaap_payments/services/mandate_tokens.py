"""One-time tokens that open a mandate's pages, as ``tokens.py`` has them for payments."""

from collections.abc import Container

from gaap.clock import now
from gaap.crypto import keyed_digest
from gaap.identifiers import new_base32_id
from gaap_payments.errors import TokenRefusedError
from gaap_payments.models import Mandate, MandateToken
from gaap_payments.services.tokens import TOKEN_LIFE


def mint_mandate_token(mandate: Mandate) -> str:
    """Return a new one-time token; only its digest is stored."""
    text = new_base32_id()
    MandateToken.objects.create(mandate=mandate, digest=_digest(text))
    return text


def redeem_mandate_token(text: str, *, held_ids: Container[str]) -> str:
    """Use up a token and return the id of its mandate; a used one still opens for the browser that holds the mandate.

    Raises TokenRefusedError otherwise, and for a token that is unknown or older than seven days.
    """
    token = MandateToken.objects.filter(digest=_digest(text), created_at__gt=now() - TOKEN_LIFE).first()
    if token is None:
        raise TokenRefusedError("The token is unknown or too old.")
    is_first_use = MandateToken.objects.filter(pk=token.pk, used_at__isnull=True).update(used_at=now())
    if not is_first_use and token.mandate_id not in held_ids:
        raise TokenRefusedError("The token was used by another browser.")
    return token.mandate_id


def purge_mandate_tokens() -> int:
    """Remove the tokens that nothing can be done with any more, and return how many there were."""
    removed, _ = MandateToken.objects.filter(created_at__lte=now() - TOKEN_LIFE).delete()
    return removed


def _digest(text: str) -> str:
    return keyed_digest(text, purpose="payments.mandate_token")
