"""Which payments a browser holds: an encrypted cookie, so that no other browser can go on with them (contract C.6)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from gaap.clock import now
from gaap.crypto import DecryptionError, decrypt, encrypt
from gaap.theme.host_cookies import PREFIX, cookie_name

COOKIE = "gaap_payments"
CONTEXT = "gaap_payments.held"
MAXIMUM = 10
FORGOTTEN_AFTER = timedelta(hours=24)
EXPIRED_AFTER = timedelta(minutes=90)


@dataclass
class Held:
    """One payment in the cookie; times are seconds since 1970."""

    payment_id: str
    added_at: float
    used_at: float
    is_finished: bool = False


class HeldPayments:
    """The payments of one browser."""

    def __init__(self, entries: list[Held]) -> None:
        self._entries = {entry.payment_id: entry for entry in entries}

    @classmethod
    def of(cls, request: HttpRequest) -> "HeldPayments":
        """Read the cookie; one that is missing, forged or unreadable holds nothing."""
        try:
            rows = json.loads(decrypt(request.COOKIES.get(cookie_name(COOKIE), ""), context=CONTEXT))
            entries = [Held(*row) for row in rows]
        except (DecryptionError, ValueError, TypeError):
            entries = []
        edge = (now() - FORGOTTEN_AFTER).timestamp()
        return cls([entry for entry in entries if entry.added_at > edge])

    def __contains__(self, payment_id: object) -> bool:
        return payment_id in self._entries

    def hold(self, payment_id: str) -> None:
        """Add a payment, or note that it is used again; the least worth keeping makes room."""
        moment = now().timestamp()
        known = self._entries.get(payment_id)
        self._entries[payment_id] = known or Held(payment_id, moment, moment)
        self._entries[payment_id].used_at = moment
        while len(self._entries) > MAXIMUM:
            del self._entries[min(self._entries.values(), key=_worth).payment_id]

    def finish(self, payment_id: str) -> None:
        """Note that the citizen is done with a payment, which makes it the first to give room."""
        self._entries[payment_id].is_finished = True

    def write(self, response: HttpResponseBase) -> None:
        """Set the cookie."""
        rows = [
            [entry.payment_id, entry.added_at, entry.used_at, entry.is_finished] for entry in self._entries.values()
        ]
        name = cookie_name(COOKIE)
        response.set_cookie(
            name,
            encrypt(json.dumps(rows), context=CONTEXT),
            max_age=FORGOTTEN_AFTER,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.CSRF_COOKIE_SECURE) or name.startswith(PREFIX),
        )


def _worth(entry: Held) -> tuple[bool, bool, float]:
    """What is finished goes first, then what is past its time, then what was not used for longest."""
    age = now() - datetime.fromtimestamp(entry.added_at, tz=now().tzinfo)
    return (not entry.is_finished, age < EXPIRED_AFTER, entry.used_at)
