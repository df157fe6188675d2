"""Browser sessions of citizens: apart from the staff's, rotated at sign-in, ended for good."""

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.rows import change_rows, insert_rows, read_row
from gaap.security.events import note_security_event
from gaap_identity.errors import AccountDisabledError
from gaap_identity.models import Account, BrowserSession
from gaap_identity.models.browsers import new_token, token_digest
from gaap_identity.services.logout_notices import queue_logout_notices
from gaap_identity.services.sandbox_places import refuse_in_earnest


@dataclass(frozen=True)
class OpenSession:
    """A session, and the token for the browser's cookie if it needs a new one (else empty)."""

    session: BrowserSession
    new_token: str = ""


MAX_DEVICE = 300


def citizen(account: Account) -> Actor:
    """Return the actor for a citizen; the audit knows them by their account's id alone."""
    return Actor("citizen", str(account.pk))


def open_session(token: str) -> OpenSession:
    """Return the session that belongs to the cookie's ``token``, or a fresh one when there is none alive.

    A fresh session is not stored before it holds something.
    """
    found = read_row(BrowserSession, "account", token_digest=token_digest(token)) if token else None
    if found is not None and found.expires_at > now():
        return OpenSession(found)
    fresh = new_token()
    return OpenSession(BrowserSession(token_digest=token_digest(fresh)), fresh)


def save_session(session: BrowserSession) -> None:
    """Store what the session holds, and let it live an hour from now."""
    session.extend()
    session.save()


def save_session_with(row: models.Model, *, session: BrowserSession) -> None:
    """Store what the session remembers and a new row that refers to it, and let the session live an hour from now."""
    session.extend()
    if session.is_stored:
        changes = {"data": session.data, "expires_at": session.expires_at}
        if change_rows(BrowserSession, changes, inserting=[row], id=session.pk):
            return
    session._state.adding = True
    insert_rows(session, row)


def touch_session(session: BrowserSession) -> None:
    """Let a stored session live an hour from now."""
    session.extend()
    BrowserSession.objects.filter(pk=session.pk).update(expires_at=session.expires_at)


@transaction.atomic
def sign_in_session(session: BrowserSession, *, account: Account, vot: str, device: str = "") -> str:
    """Sign ``account`` in at level ``vot`` and return the new token: the old one is dead (no session fixation).

    ``device`` is what the browser says it is (its User-Agent header); the citizen reads it in the list of sessions.
    What the session remembers of the journey stays, except what belonged to proving the citizen. Raises
    AccountDisabledError.
    """
    _refuse_disabled(account)
    refuse_in_earnest(account)
    token = new_token()
    session.token_digest = token_digest(token)
    session.account = account
    session.vot = vot
    session.authenticated_at = now()
    session.data = {**_journey_only(session.data), "device": device[:MAX_DEVICE]}
    save_session(session)
    record("citizen_signed_in", target=account, by=citizen(account), after={"vot": vot})
    note_security_event("sign_in_succeeded", by=citizen(account), vot=vot)
    return token


def change_token(session: BrowserSession) -> str:
    """Return a new token for a session whose citizen has proved once more who they are; the old one is dead."""
    token = new_token()
    session.token_digest = token_digest(token)
    save_session(session)
    return token


@transaction.atomic
def end_session(session: BrowserSession) -> None:
    """Sign the citizen out of this browser and of what they signed in to with it; a session of nobody's just ends."""
    if session.account is not None:
        queue_logout_notices(session.account, sessions=[session])
    BrowserSession.objects.filter(pk=session.pk).delete()
    if session.account is not None:
        record("citizen_signed_out", target=session.account, by=citizen(session.account))


@transaction.atomic
def end_sessions(account: Account) -> None:
    """Sign the citizen out of every browser, and tell the services they signed in to (contract A.7)."""
    queue_logout_notices(account, sessions=list(BrowserSession.objects.filter(account=account)))
    BrowserSession.objects.filter(account=account).delete()
    record("citizen_signed_out", target=account, by=citizen(account))


def sessions_of(account: Account) -> list[BrowserSession]:
    """Return the browsers that ``account`` is signed in with, the last used one first."""
    return list(BrowserSession.objects.alive().filter(account=account).order_by("-expires_at"))


@transaction.atomic
def end_other_sessions(session: BrowserSession) -> None:
    """Sign the citizen out of every browser but this one."""
    if session.account is None:
        return
    others = BrowserSession.objects.filter(account=session.account).exclude(pk=session.pk)
    queue_logout_notices(session.account, sessions=list(others))
    others.delete()
    record("other_sessions_ended", target=session.account, by=citizen(session.account))


def _refuse_disabled(account: Account) -> None:
    """Raise AccountDisabledError when operators have closed the account, in the transaction that would let in."""
    if not Account.objects.select_for_update().filter(pk=account.pk, disabled_at=None).exists():
        raise AccountDisabledError("The account is disabled.")


def _journey_only(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name == "sign_in"}
