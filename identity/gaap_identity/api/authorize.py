"""``/authorize``: where a service sends a citizen (contract A.2 and A.3)."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gaap.theme.middleware import offered_language, remember_language
from gaap_identity.errors import AuthorizationError, UnsafeRequestError
from gaap_identity.openid.addresses import answer_address
from gaap_identity.openid.requests import single_values
from gaap_identity.services.authorization import Asked, RefusedRequestError, find_client, read_request
from gaap_identity.services.pushed_requests import take_request
from gaap_identity.services.sign_ins import start_sign_in
from gaap_identity.services.simulations import simulate
from gaap_identity.web.continuing import continue_sign_in
from gaap_identity.web.cookies import load_browser, save_browser


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def authorize(request: HttpRequest) -> HttpResponse:
    """Begin a sign-in and go on to the page it needs first, or back to the service if it needs none.

    Nothing is sent to a redirect address before it is known to be the client's own; a fault found earlier is a plain
    400, one found later goes to the service.
    """
    if request.method == "POST":
        return _turn_into_get(request)
    try:
        return _begin(request, _read(request))
    except UnsafeRequestError as error:
        return _plain_refusal(error)
    except RefusedRequestError as refusal:
        return _refusal(refusal)


def _read(request: HttpRequest) -> Asked:
    values = single_values(dict(request.GET.lists()))
    client = find_client(values.get("client_id", ""))
    return read_request(take_request(values, client=client), client=client)


def _begin(request: HttpRequest, asked: Asked) -> HttpResponse:
    browser = load_browser(request)
    try:
        sign_in = start_sign_in(asked.request, client=asked.client, session=browser.session, address=asked.address)
    except AuthorizationError as error:
        return _refusal(RefusedRequestError(asked.address, error))
    simulated = simulate(sign_in)
    if simulated is not None:
        return HttpResponseRedirect(simulated)
    response = continue_sign_in(sign_in, session=browser.session)
    save_browser(response, browser)
    language = next(filter(None, map(offered_language, asked.request.ui_locales)), None)
    if language:
        remember_language(response, language, is_secure=request.is_secure())
    return response


def _turn_into_get(request: HttpRequest) -> HttpResponse:
    """Let a client that follows the standard send a form (OpenID Connect Core, 3.1.2.1); the contract knows GET only.

    The browser comes again with GET, because the citizen's cookie does not travel with another site's form.
    """
    try:
        client = find_client(request.POST.get("client_id", ""))
    except UnsafeRequestError as error:
        return _plain_refusal(error)
    if not client.is_standard:
        return HttpResponseNotAllowed(["GET"])
    return HttpResponseRedirect(f"{request.path}?{urlencode(list(request.POST.lists()), doseq=True)}", status=303)


def _plain_refusal(error: UnsafeRequestError) -> HttpResponse:
    return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")


def _refusal(refusal: RefusedRequestError) -> HttpResponse:
    address, error = refusal.address, refusal.error
    parameters = {"error": error.code, "error_description": error.description}
    return HttpResponseRedirect(
        answer_address(
            address.redirect_uri, parameters=parameters, state=address.state, response_mode=address.response_mode
        )
    )
