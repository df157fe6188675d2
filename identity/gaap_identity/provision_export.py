"""Writing back the ``identity`` section of a provisioning file: clients without secrets, no people."""

from collections.abc import Iterable
from typing import Any

from gaap.organisations.models import Service
from gaap_identity.models import Client, PowerScope
from gaap_identity.provision import COLUMNS, SCHEMA

#: Lists of addresses that are kept as one text.
ADDRESSES = ("redirect_uris", "post_logout_redirect_uris")
#: Of a live service only what was granted is written down, since a file grants what it says.
ALLOWED = {"levels": "allowed_levels", "claims": "allowed_claims"}
_PROPERTIES: dict[str, Any] = SCHEMA["properties"]["clients"]["items"]["properties"]
SCOPE = ("identifier", "name", "names", "active")
EXPORTED = [name for name in _PROPERTIES if name != "client_secret"]


def export(service: Service) -> dict[str, Any]:
    """Return the section that brings ``service`` to what it has."""
    scopes = PowerScope.objects.filter(service=service).order_by("identifier")
    return {
        "clients": [_client(client) for client in _clients(service)],
        "power_scopes": [{name: getattr(scope, COLUMNS.get(name, name)) for name in SCOPE} for scope in scopes],
    }


def _clients(service: Service) -> Iterable[Client]:
    return Client.objects.filter(service=service).select_related("service").order_by("client_id")


def _client(client: Client) -> dict[str, Any]:
    values = {name: _value(client, name) for name in EXPORTED}
    return {name: value for name, value in values.items() if value not in ("", None)}


def _value(client: Client, name: str) -> Any:
    value = getattr(client, ALLOWED.get(name) or COLUMNS.get(name, name))
    return str(value).split() if name in ADDRESSES else value
