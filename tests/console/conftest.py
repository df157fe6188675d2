"""What the console's tests share: people of one team, their browsers, and addresses of its pages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from gaap.organisations.models import Service
from gaap.organisations.services import set_membership
from gaap.testing.plugin import TESTER

Page = Callable[..., str]


@pytest.fixture(autouse=True)
def _no_rate_limits_of_other_tests() -> Iterator[None]:
    """Start with empty counters: tests sign in more often than people do."""
    cache.clear()
    yield
    cache.clear()


def person(address: str) -> User:
    """An account with a confirmed address."""
    user = User.objects.create_user(address, address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def colleague(service: Service, role: str) -> User:
    """A member of the team in the given role."""
    user = person(f"{role}@transport.example")
    set_membership(user, service=service, role=role, by=TESTER)
    return user


def browser_of(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(service: Service) -> User:
    """The one administrator of the service's team."""
    return colleague(service, "admin")


@pytest.fixture
def browser(admin: User) -> Client:
    """The administrator's browser."""
    return browser_of(admin)


@pytest.fixture
def address(service: Service) -> Page:
    """Return a function that makes the address of a page of the service from its name."""

    def address_of(name: str, *arguments: Any) -> str:
        return reverse(f"gaap-console-{name}", args=[service.pk, *arguments])

    return address_of
