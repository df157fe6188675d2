"""``/simulation``: a client of a trial service says how its sign-ins come out."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from gaap.actors import Actor
from gaap_identity.api.forms import NO_STORE, refuse_other_than_form
from gaap_identity.openid.simulated import ConfigurationError, read_configuration
from gaap_identity.services.assertions import ClientRefusedError, authenticate_client
from gaap_identity.services.simulations import SimulationRefusedError, set_simulation


@csrf_exempt
@sensitive_post_parameters()
def configure(request: HttpRequest) -> HttpResponse:
    """Take ``configuration`` and answer with it. The client proves itself as at ``/token``."""
    refusal = refuse_other_than_form(request)
    if refusal is not None:
        return refusal
    form = request.POST.dict()
    try:
        client = authenticate_client(form, endpoint="simulation")
        facts = read_configuration(form.get("configuration", ""))
        set_simulation(client, facts=facts, by=Actor("system", client.client_id, "client"))
    except ClientRefusedError as error:
        return _answer(_error(error.code, error.description), status=error.status)
    except ConfigurationError as error:
        return _answer(_error("invalid_request", str(error)), status=400)
    except SimulationRefusedError as error:
        return _answer(_error("unauthorized_client", str(error)), status=403)
    return _answer(facts, status=200)


def _answer(content: dict[str, Any], *, status: int) -> JsonResponse:
    return JsonResponse(content, status=status, headers=NO_STORE)


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}
