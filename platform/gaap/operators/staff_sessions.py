"""Sessions of staff end when nothing happens for a while, and for good after a working day (ASVS 5.0, 7.3)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gaap.actors import Actor
from gaap.clock import now
from gaap.operators.conf import conf
from gaap.operators.middleware import PREFIXES
from gaap.security.events import note_security_event
from gaap.security.refusals import audit_security_event

BEGAN_AT = "gaap_staff_began_at"
SEEN_AT = "gaap_staff_seen_at"
#: A page within this time of the last one is not written down: most pages would be a write otherwise.
PRECISION = timedelta(minutes=1)


class StaffSessionMiddleware:
    """Signs out whoever did nothing for too long, or signed in too long ago; the page then asks them to sign in.

    The limits are ``GAAP_STAFF_IDLE_MINUTES`` and ``GAAP_STAFF_SESSION_HOURS``. It belongs after Django's messages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; pages of citizens and programs do not touch the session."""
        if request.path.startswith(PREFIXES) and request.user.is_authenticated:
            _hold_to_limits(request)
        return self._get_response(request)


@receiver(user_logged_in)
def begin_anew(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Count from this sign-in, also in a session that was signed in before."""
    if request is not None:
        request.session.update(dict.fromkeys((BEGAN_AT, SEEN_AT), now().timestamp()))


def _hold_to_limits(request: HttpRequest) -> None:
    moment = now()
    began_at, seen_at = (_read(request, name, moment) for name in (BEGAN_AT, SEEN_AT))
    if moment - began_at >= conf.session_lifetime:
        _end(request, limit="whole")
    elif moment - seen_at >= conf.idle_limit:
        _end(request, limit="idle")
    elif SEEN_AT not in request.session or moment - seen_at >= PRECISION:
        request.session[BEGAN_AT] = began_at.timestamp()
        request.session[SEEN_AT] = moment.timestamp()


def _read(request: HttpRequest, name: str, moment: datetime) -> datetime:
    kept = request.session.get(name)
    return moment if kept is None else datetime.fromtimestamp(float(kept), moment.tzinfo)


def _end(request: HttpRequest, *, limit: str) -> None:
    person = request.user
    by = Actor.for_user(person)  # type: ignore[arg-type]
    note_security_event("session_ended", by=by, limit=limit)
    audit_security_event("session_ended", by=by, target=person, after={"limit": limit})  # type: ignore[arg-type]
    logout(request)
    messages.info(request, _("You were signed out to protect your account. Sign in to go on."))
