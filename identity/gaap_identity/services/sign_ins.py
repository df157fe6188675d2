"""A sign-in for a relying party: begun at ``/authorize``, finished by a code or an error (contract A.2 and A.3)."""

import secrets
from collections.abc import Mapping
from enum import StrEnum

from django.db import transaction

from gaap.actors import SYSTEM
from gaap.clock import now
from gaap.states import move
from gaap_identity.conf import CODE_LIFETIME
from gaap_identity.errors import AuthorizationError, ConsentRequiredError, InteractionRequiredError, LoginRequiredError
from gaap_identity.models import Account, AuthorizationCode, BrowserSession, Client, SignIn
from gaap_identity.models.tokens import code_digest
from gaap_identity.openid.addresses import answer_address
from gaap_identity.openid.claims import RETURN_CODE
from gaap_identity.openid.requests import AuthorizationRequest, ReturnAddress
from gaap_identity.services.consents import give_consent, missing_consents, unanswered
from gaap_identity.services.core_identities import level_held
from gaap_identity.services.id_token_hints import hinted_subject
from gaap_identity.services.powers import is_person_settled, note_use
from gaap_identity.services.sandbox_places import refuse_elsewhere
from gaap_identity.services.sessions import citizen, save_session_with
from gaap_identity.services.subjects import subject_of
from gaap_identity.states import SIGN_IN


class Step(StrEnum):
    """What a sign-in waits for."""

    CREATE_ACCOUNT = "create_account"
    AUTHENTICATE = "authenticate"
    PROVE_IDENTITY = "prove_identity"
    CHOOSE_PERSON = "choose_person"
    CONSENT = "consent"
    FINISH = "finish"


#: What a service is told that forbade to ask for it.
IN_SILENCE: Mapping[Step, tuple[type[AuthorizationError], str]] = {
    Step.CREATE_ACCOUNT: (LoginRequiredError, "Login required"),
    Step.AUTHENTICATE: (LoginRequiredError, "Login required"),
    Step.PROVE_IDENTITY: (InteractionRequiredError, "Interaction required"),
    Step.CHOOSE_PERSON: (InteractionRequiredError, "Interaction required"),
    Step.CONSENT: (ConsentRequiredError, "Consent required"),
}


def start_sign_in(
    request: AuthorizationRequest, *, client: Client, session: BrowserSession, address: ReturnAddress
) -> SignIn:
    """Remember what the client asks for as the browser's present sign-in.

    Raises AuthorizationError for an ``id_token_hint`` that was not given to the client.
    """
    sign_in = SignIn(
        client=client,
        service=client.service,
        session=session,
        redirect_uri=address.redirect_uri,
        response_mode=address.response_mode,
        state=request.state,
        nonce=request.nonce,
        scopes=list(request.scopes),
        claims=list(request.claims),
        credential_level=request.levels.credential,
        identity_levels=list(request.levels.identity),
        prompts=sorted(request.prompts),
        max_age=request.max_age,
        code_challenge=request.code_challenge,
        hinted_subject=hinted_subject(request.id_token_hint, client=client),
    )
    session.data = {**session.data, "sign_in": str(sign_in.pk), "login_hint": request.login_hint}
    save_session_with(sign_in, session=session)
    return sign_in


def current_sign_in(session: BrowserSession) -> SignIn | None:
    """Return the sign-in that the browser is in the middle of, if there is one."""
    identifier = session.data.get("sign_in")
    if identifier is None:
        return None
    return SignIn.objects.open().select_related("client", "service", "power").filter(pk=identifier).first()


def next_step(sign_in: SignIn, *, session: BrowserSession) -> Step:
    """Return what ``sign_in`` waits for; raises AuthorizationError when ``prompt=none`` forbids to ask for it.

    Whoever signed in as somebody other than the one the client knows is sent back with ``login_required`` (A.3), a test
    user of another service with ``access_denied``.
    """
    if _is_somebody_else(sign_in, session) and _signed_in_since(sign_in, session):
        raise LoginRequiredError("Login required")
    if session.account is not None:
        refuse_elsewhere(session.account, sign_in=sign_in)
    step = _open_step(sign_in, session)
    if "none" in sign_in.prompts and step in IN_SILENCE:
        refusal, description = IN_SILENCE[step]
        raise refusal(description)
    return step


def _open_step(sign_in: SignIn, session: BrowserSession) -> Step:
    account = session.account
    if not _is_authenticated(sign_in, session):
        return Step.CREATE_ACCOUNT if "create" in sign_in.prompts else Step.AUTHENTICATE
    if _needs_proof(sign_in, session):
        return Step.PROVE_IDENTITY
    if account is not None and not is_person_settled(sign_in, account=account):
        return Step.CHOOSE_PERSON
    if account is not None and unanswered(account, sign_in=sign_in):
        return Step.CONSENT
    return Step.FINISH


def complete_sign_in(sign_in: SignIn, *, session: BrowserSession) -> str:
    """Return the address that takes the citizen back to the service with a code.

    A sign-in is completed once; raises AuthorizationError when that has happened already.
    """
    code = secrets.token_urlsafe(32)
    account = session.account
    if account is None:
        raise LoginRequiredError("Login required")
    refuse_elsewhere(account, sign_in=sign_in)
    if sign_in.status != SIGN_IN.initial:
        raise AuthorizationError("Sign-in is finished already")
    given = _authorization_code(code, sign_in=sign_in, account=account)
    missing = missing_consents(account, sign_in=sign_in)
    if not missing and sign_in.power_id is None:
        _finish(sign_in, session=session, given=given)
    else:
        with transaction.atomic():
            _finish(sign_in, session=session, given=given)
            note_use(sign_in, account=account)
            give_consent(account, service=sign_in.service, names=missing)
    return _answer(sign_in, {"code": code})


def _finish(sign_in: SignIn, *, session: BrowserSession, given: AuthorizationCode) -> None:
    """Complete ``sign_in`` and write the code that it gives, in one statement where that can be."""
    account = given.user
    changes = {
        "account": account,
        "vot": session.vot,
        "authenticated_at": session.authenticated_at,
        "finished_at": now(),
    }
    if not move(sign_in, "completed", table=SIGN_IN, by=citizen(account), changes=changes, inserting=[given]):
        raise AuthorizationError("Sign-in is finished already")


def _authorization_code(code: str, *, sign_in: SignIn, account: Account) -> AuthorizationCode:
    return AuthorizationCode(
        user=account,
        application=sign_in.client,
        sign_in=sign_in,
        code=code_digest(code),
        expires=now() + CODE_LIFETIME,
        redirect_uri=sign_in.redirect_uri,
        scope=" ".join(sign_in.scopes),
    )


def refuse_sign_in(sign_in: SignIn, *, error: AuthorizationError, session: BrowserSession) -> str:
    """Return the address that takes the citizen back to the service with ``error``."""
    by = citizen(session.account) if session.account else SYSTEM
    changes = {"account": session.account, "finished_at": now()}
    move(sign_in, "refused", table=SIGN_IN, by=by, changes=changes, purpose=error.code)
    return _answer(sign_in, {"error": error.code, "error_description": error.description})


def _is_authenticated(sign_in: SignIn, session: BrowserSession) -> bool:
    """Tell whether the citizen signed in strongly and lately enough for what the service asks."""
    if session.authenticated_at is None or session.vot < sign_in.credential_level:
        return False
    if _is_somebody_else(sign_in, session):
        return False
    if sign_in.prompts_again and not _signed_in_since(sign_in, session):
        return False
    age = (sign_in.created_at - session.authenticated_at).total_seconds()
    return sign_in.max_age is None or age <= sign_in.max_age


def _signed_in_since(sign_in: SignIn, session: BrowserSession) -> bool:
    return session.authenticated_at is not None and session.authenticated_at >= sign_in.created_at


def _is_somebody_else(sign_in: SignIn, session: BrowserSession) -> bool:
    """Tell whether the citizen who is signed in is not the one that ``id_token_hint`` named."""
    if not sign_in.hinted_subject or session.account is None:
        return False
    return subject_of(session.account, client=sign_in.client) != sign_in.hinted_subject


def _needs_proof(sign_in: SignIn, session: BrowserSession) -> bool:
    if not sign_in.requested.needs_identity or session.account is None:
        return False
    if sign_in.requested.met_by(level_held(session.account, service=sign_in.service)):
        return False
    return not (sign_in.return_codes and RETURN_CODE in sign_in.claims)


def _answer(sign_in: SignIn, parameters: dict[str, str]) -> str:
    return answer_address(
        sign_in.redirect_uri, parameters=parameters, state=sign_in.state, response_mode=sign_in.response_mode
    )
