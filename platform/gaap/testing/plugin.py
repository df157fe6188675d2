"""A pytest plugin with the people, services, keys and clients that every test needs.

Enable it with ``pytest_plugins = ["gaap.testing.plugin"]`` in a ``conftest.py``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gaap.actors import Actor

if TYPE_CHECKING:
    # Models can be imported once Django is set up, and pytest loads plugins before that.
    from django.contrib.auth.models import User
    from django.test import Client

    from gaap.keys.services import IssuedKey
    from gaap.organisations.models import Organisation, Service

TESTER = Actor("system", "tests", "tests")
PASSWORD = "correct horse battery staple"


@pytest.fixture
def organisation(db: None) -> "Organisation":
    """A department."""
    from gaap.organisations.services import create_organisation

    return create_organisation("Ministry of Transport", type="central", by=TESTER)


@pytest.fixture
def service(organisation: "Organisation") -> "Service":
    """A live service, the one that most tests are about."""
    from gaap.organisations.services import create_service

    return create_service(
        "Renew a vehicle registration", organisation=organisation, is_live=True, languages=["en", "cy", "vi"], by=TESTER
    )


@pytest.fixture
def trial_service(organisation: "Organisation") -> "Service":
    """A service in trial mode."""
    from gaap.organisations.services import create_service

    return create_service("Report a pothole", organisation=organisation, by=TESTER)


@pytest.fixture
def other_service(organisation: "Organisation") -> "Service":
    """Somebody else's live service, whose keys must open nothing of ours."""
    from gaap.organisations.services import create_service

    return create_service("Apply for a permit", organisation=organisation, is_live=True, by=TESTER)


@pytest.fixture
def live_key(service: "Service") -> "IssuedKey":
    """The service's live key."""
    from gaap.keys.services import create_api_key

    return create_api_key(service, name="live", type="live", by=TESTER)


@pytest.fixture
def team_key(service: "Service") -> "IssuedKey":
    """The service's team key."""
    from gaap.keys.services import create_api_key

    return create_api_key(service, name="team", type="team", by=TESTER)


@pytest.fixture
def test_key(service: "Service") -> "IssuedKey":
    """The service's test key."""
    from gaap.keys.services import create_api_key

    return create_api_key(service, name="test", type="test", by=TESTER)


@pytest.fixture
def other_key(other_service: "Service") -> "IssuedKey":
    """A live key of somebody else's service."""
    from gaap.keys.services import create_api_key

    return create_api_key(other_service, name="other", type="live", by=TESTER)


@pytest.fixture
def bearer() -> "Callable[[IssuedKey | str], Client]":
    """Return a function that makes a client which sends a key as ``Authorization: Bearer``."""

    def client_with(key: "IssuedKey | str") -> "Client":
        from django.test import Client

        text = key if isinstance(key, str) else key.text
        return Client(headers={"Authorization": f"Bearer {text}"})

    return client_with


@pytest.fixture
def api(bearer: "Callable[[IssuedKey | str], Client]", test_key: "IssuedKey") -> "Client":
    """A client with the service's test key."""
    return bearer(test_key)


@pytest.fixture
def outsider(bearer: "Callable[[IssuedKey | str], Client]", other_key: "IssuedKey") -> "Client":
    """A client with somebody else's key."""
    return bearer(other_key)


@pytest.fixture
def owner(service: "Service") -> "User":
    """A person who looks after the service."""
    return _person("owner@transport.example", service=service, role="admin")


@pytest.fixture
def member(service: "Service") -> "User":
    """A person of the service's team who may only look."""
    return _person("member@transport.example", service=service, role="viewer")


@pytest.fixture
def stranger(other_service: "Service") -> "User":
    """A person of another team."""
    return _person("stranger@permits.example", service=other_service, role="admin")


@pytest.fixture
def operator(db: None) -> "User":
    """A platform operator."""
    from django.contrib.auth import get_user_model

    name = "operator@platform.example"
    return get_user_model().objects.create_superuser(name, name, PASSWORD)


@pytest.fixture
def operator_client(operator: "User") -> "Client":
    """A browser in which the platform operator is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(operator)
    return client


def _person(email: str, *, service: "Service", role: str) -> "User":
    from django.contrib.auth import get_user_model

    from gaap.organisations.services import set_membership

    user = get_user_model().objects.create_user(email, email, PASSWORD)
    set_membership(user, service=service, role=role, by=TESTER)
    return user
