"""Going on with a sign-in: to the page it waits for, or back to the service."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from gaap_identity.errors import AuthorizationError
from gaap_identity.models import BrowserSession, SignIn
from gaap_identity.services.sign_ins import Step, complete_sign_in, current_sign_in, next_step, refuse_sign_in

PAGES = {
    Step.CREATE_ACCOUNT: "gaap-identity-create",
    Step.AUTHENTICATE: "gaap-identity-sign-in",
    Step.PROVE_IDENTITY: "gaap-identity-prove",
    Step.CHOOSE_PERSON: "gaap-identity-acting",
    Step.CONSENT: "gaap-identity-consent",
}


def continue_sign_in(sign_in: SignIn, *, session: BrowserSession) -> HttpResponse:
    """Redirect to the page that ``sign_in`` waits for, or to the service when it waits for nothing."""
    try:
        step = next_step(sign_in, session=session)
        target = complete_sign_in(sign_in, session=session) if step is Step.FINISH else reverse(PAGES[step])
    except AuthorizationError as error:
        target = refuse_sign_in(sign_in, error=error, session=session)
    return HttpResponseRedirect(target)


def continue_journey(session: BrowserSession) -> HttpResponse:
    """Redirect on with the browser's present sign-in, or to the account when no service is waiting."""
    sign_in = current_sign_in(session)
    if sign_in is None or sign_in.status != "started":
        return HttpResponseRedirect(reverse("gaap-identity-account"))
    return continue_sign_in(sign_in, session=session)
