"""The services that the demo shows: one program, provisioned once in pounds and once in dong."""

import uuid
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("provision.yaml")
KEY_NAME = "sample service"


@dataclass(frozen=True)
class DemoService:
    """What differs between the services. ``port_offset`` is how far its port is from the suite's."""

    id: uuid.UUID
    name: str
    client_id: str
    currency: str
    region: str
    port_offset: int

    def template_id(self, slot: str) -> str:
        """Return the id of the service's template that the sample program asks for as ``slot``."""
        return str(uuid.uuid5(self.id, slot))


POUNDS = DemoService(
    uuid.UUID("7d1b6f0e-5b1c-4e1c-9c55-0a4de0c3f1a1"), "Renew a vehicle registration", "renew-vehicle", "GBP", "GB", 1
)
DONG = DemoService(
    uuid.UUID("7d1b6f0e-5b1c-4e1c-9c55-0a4de0c3f1a2"), "Gia hạn đăng ký xe", "gia-han-dang-ky-xe", "VND", "VN", 2
)
SERVICES = (POUNDS, DONG)


def template_slots() -> list[str]:
    """Return the names by which the sample program asks for its templates."""
    return [template["id"] for template in _file()["services"][0]["notify"]["templates"]]


def returning_citizen() -> dict[str, str]:
    """Return the sandbox citizen who has an account already: ``email``, ``password`` and ``phone``."""
    citizen: dict[str, str] = _file()["services"][0]["identity"]["people"][0]
    return citizen


def provisioning_document(urls: Mapping[str, str], *, public_keys: Mapping[str, str]) -> dict[str, Any]:
    """Return the document that sets up every service.

    Both mappings are by client id: the address of the sample program, ending in a slash, and the PEM it signs with.
    """
    file = _file()
    pattern = file["services"][0]
    services = [
        _filled(pattern, service, url=urls[service.client_id], public_key=public_keys[service.client_id])
        for service in SERVICES
    ]
    return {"organisations": file["organisations"], "services": services}


def _file() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document


def _filled(pattern: dict[str, Any], service: DemoService, *, url: str, public_key: str) -> dict[str, Any]:
    entry = deepcopy(pattern)
    entry.update(id=str(service.id), name=service.name)
    entry["notify"]["default_region"] = service.region
    for template in entry["notify"]["templates"]:
        template["id"] = service.template_id(template["id"])
    entry["payments"]["gateway_accounts"][0]["currency"] = service.currency
    entry["identity"]["clients"][0].update(
        client_id=service.client_id, redirect_uris=[f"{url}signed-in"], public_key=public_key
    )
    return entry
