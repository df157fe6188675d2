"""The address at which somebody unsubscribes: nobody can guess it, and it alone says whose wish it is.

The service forgets after some days to whom a message went (spec A.16), while the link is good for a year. So the link
itself carries the recipient, sealed and bound to its message; without the installation's keys it tells nobody anything.
"""

from datetime import timedelta
from uuid import UUID

from gaap.conf import conf as kernel_conf
from gaap.crypto import DecryptionError, decrypt, encrypt

#: How long after its email a link can be followed (spec A.15).
LINK_KEPT = timedelta(days=365)


def unsubscribe_url(notification_id: UUID, address: str) -> str:
    """Return the absolute address at which the owner of ``address``, as it is sent to, unsubscribes."""
    return f"{kernel_conf.base_url}unsubscribe/{notification_id}/{seal_address(notification_id, address)}"


def example_url() -> str:
    """Return an address at which there is nothing, for previews."""
    return f"{kernel_conf.base_url}unsubscribe/example"


def seal_address(notification_id: UUID, address: str) -> str:
    """Return the token that names ``address`` in the link of one message; two of the same differ."""
    # Mail programs that look for links in plain text leave "=" at the end of one behind.
    return encrypt(address, context=_context(notification_id)).rstrip("=")


def open_address(notification_id: UUID, token: str) -> str | None:
    """Return the address that ``seal_address`` put into ``token`` for this message; None for any other text."""
    _, _, encoded = token.partition(".")
    try:
        return decrypt(token + "=" * (-len(encoded) % 4), context=_context(notification_id))
    except DecryptionError:
        return None


def _context(notification_id: UUID) -> str:
    return f"gaap_notify.unsubscribe/{notification_id}"
