"""What a browser holds of the queue: a signed cookie with a number, or with the leave to come in."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

from gaap.theme.host_cookies import PREFIX, cookie_name

COOKIE = "gaap_queue"
SALT = "gaap.surge"
#: A number may be called so much later; who comes back after it takes a new one.
TICKET_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Ticket:
    """``number`` in the queue of ``epoch``; 0 is a browser that only showed so far that it keeps cookies."""

    epoch: str = ""
    number: int = 0
    is_pass: bool = False


def read_ticket(request: HttpRequest, *, pass_seconds: int) -> Ticket | None:
    """Return the browser's ticket, or None when it has none that counts: forged, too old, or a pass that ran out."""
    text = request.COOKIES.get(cookie_name(COOKIE), "")
    try:
        found: dict[str, Any] = signing.loads(text, salt=SALT, max_age=TICKET_SECONDS)
        if found["pass"]:
            signing.loads(text, salt=SALT, max_age=pass_seconds)
    except signing.BadSignature:
        return None
    return Ticket(found["epoch"], found["number"], found["pass"])


def give_ticket(response: HttpResponse, ticket: Ticket, *, is_secure: bool) -> None:
    """Let the browser keep ``ticket`` until it is closed, out of reach of scripts."""
    text = signing.dumps({"epoch": ticket.epoch, "number": ticket.number, "pass": ticket.is_pass}, salt=SALT)
    name = cookie_name(COOKIE)
    is_secure = is_secure or name.startswith(PREFIX)
    response.set_cookie(name, text, httponly=True, samesite="Lax", secure=is_secure)
