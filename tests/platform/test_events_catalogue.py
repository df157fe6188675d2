"""The catalogue: every event is documented, and the documents are what the code says."""

import re

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gaap.components import components, known_events
from gaap.events.asyncapi import asyncapi, asyncapi_yaml
from gaap.events.catalogue import markdown
from gaap.events.placing import place_waiting
from gaap.testing.plugin import TESTER
from gaap.webhooks.services.queueing import queue_test
from gaap.webhooks.services.sending import take_turn
from gaap.webhooks.services.subscriptions import create_subscription, disable_subscription, enable_subscription
from tests.platform.receiver import receiving
from tests.project import ROOT

EVENTS = [event for component in components() for event in component.events]
REFERENCE = ROOT / "docs/reference"
HINT = "run: python3 manage.py event_docs docs/reference"


def test_reference_is_up_to_date():
    assert (REFERENCE / "events.md").read_text(encoding="utf-8") == markdown(), HINT
    assert (REFERENCE / "asyncapi.yaml").read_text(encoding="utf-8") == asyncapi_yaml(), HINT


def test_names_are_used_once():
    assert len(known_events()) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_event_is_declared_as_the_house_wants_it(event):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", event.name)
    assert event.description.endswith(".")
    assert event.schema is not None, "say what its data holds: gaap.events.schemas.data_schema"
    Draft202012Validator.check_schema(event.schema)
    assert event.schema["additionalProperties"] is False


def test_document_is_served(client):
    response = client.get("/docs/asyncapi.yaml")
    assert (response.status_code, response["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    assert yaml.safe_load(response.content) == asyncapi()


def test_every_reference_leads_somewhere():
    document = asyncapi()
    found = list(references(document))
    assert len(found) > 3 * len(EVENTS)
    for reference in found:
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


@pytest.mark.django_db
def test_what_is_fed_and_sent_is_what_is_described(api, service, settings):
    settings.GAAP_EMBEDDED = True
    with receiving() as receiver:
        webhook = create_subscription(service, url=receiver.url, events=["*"], by=TESTER)
        disable_subscription(webhook, reason="requested", by=TESTER)
        enable_subscription(webhook, by=TESTER)
        queue_test(webhook)
        place_waiting()
        take_turn(webhook.pk)
        secret = webhook.secrets.get().secret
        documents = [*api.get("/v1/events").json()["events"], *(sent.verify(secret) for sent in receiver.received)]
    types = [document["type"] for document in documents]
    assert len(types) == 7
    assert set(types) == {"webhook_created", "webhook_disabled", "webhook_enabled", "webhook_tested"}
    for document in documents:
        validator(document["type"]).validate(document)
        with pytest.raises(Exception, match="is a required property"):
            validator(document["type"]).validate({**document, "data": {"surprise": 1}})


def validator(name):
    resource = Resource.from_contents(asyncapi(), default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:asyncapi", resource)
    return Draft202012Validator({"$ref": f"urn:asyncapi#/components/messages/{name}/payload"}, registry=registry)
