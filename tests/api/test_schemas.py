"""Hostile input by the description: no operation answers with a 5xx, or with a status that its description lacks.

``GAAP_TEST_SCHEMA_EXAMPLES`` says how many requests are made up for each operation.
"""

import os
from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from gaap.components import known_limits
from gaap.limits.services import MOST_CALLS, change_rate_limits
from gaap.testing.plugin import TESTER
from tests.api.routes import CALLS, Call
from tests.api.world import World, authorization

EXAMPLES = int(os.environ.get("GAAP_TEST_SCHEMA_EXAMPLES", "15"))
METHODS = ("get", "post", "put", "patch", "delete")
#: Longer than a reader of the event feed may wait.
SECONDS = 60
CHECKS = [not_a_server_error, status_code_conformance]
HOSTILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="GAAP_TEST_SCHEMA_EXAMPLES" not in os.environ,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DESCRIPTION = SchemaGenerator().get_schema(public=True)
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = [(path, method) for path, found in DESCRIPTION["paths"].items() for method in found if method in METHODS]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tireless(world: World) -> World:
    """Everything of a service that may call as often as it likes."""
    change_rate_limits(world.service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
    world.open_accounts()
    return world


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_no_request_is_answered_with_what_is_not_described(
    tireless: World, live_server: LiveServer, path: str, method: str
) -> None:
    operation = SCHEMA[path][method.upper()]
    call = next((call for call in CALLS if (_path(call), call.method.lower()) == (path, method)), None)
    headers = authorization(tireless.keys["test"], view=call.address.view) if call else {}

    @HOSTILE
    @given(case=operation.as_strategy())
    def anything(case: Any) -> None:
        case.call_and_validate(base_url=live_server.url, headers=headers, checks=CHECKS, timeout=SECONDS)

    @HOSTILE
    @given(case=operation.as_strategy())
    def at_an_object_of_ours(case: Any) -> None:
        case.path_parameters = real
        case.call_and_validate(base_url=live_server.url, headers=headers, checks=CHECKS, timeout=SECONDS)

    anything()
    if call and call.names_an_object:
        real = _parameters(call, tireless)
        at_an_object_of_ours()


def _path(call: Call) -> str:
    return "/" + call.route.replace("<str:", "{").replace("<int:", "{").replace(">", "}")


def _parameters(call: Call, world: World) -> dict[str, str]:
    pairs = zip(_path(call).split("/"), call.path(world).split("/"), strict=True)
    return {name.strip("{}"): value for name, value in pairs if name.startswith("{")}
