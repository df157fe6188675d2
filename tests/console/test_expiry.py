"""Teams are told in time that a key runs out: once, and those who can replace it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from gaap.clock import now
from gaap.console.models import ConsoleEmail
from gaap.console.services.expiry import warn_of_expiry
from gaap.keys.models import ApiKey
from gaap.keys.services import IssuedKey, revoke_api_key
from gaap.organisations.models import Service
from gaap.organisations.services import archive_service
from gaap.testing.plugin import TESTER
from tests.console.conftest import colleague


@pytest.fixture
def expiring(service: Service, admin: User, test_key: IssuedKey) -> ApiKey:
    """A key of a year that runs out in ten days."""
    ApiKey.objects.update(created_at=now() - timedelta(days=355), expires_at=now() + timedelta(days=10))
    test_key.api_key.refresh_from_db()
    return test_key.api_key


def test_those_who_can_replace_the_key_are_told_once(expiring: ApiKey, service: Service, admin: User) -> None:
    developer, _viewer = colleague(service, "developer"), colleague(service, "viewer")
    assert warn_of_expiry() == 1
    assert warn_of_expiry() == 0
    assert set(ConsoleEmail.objects.values_list("recipient", flat=True)) == {admin.email, developer.email}
    email = ConsoleEmail.objects.latest("pk")
    assert "“test”" in email.subject
    assert f"/console/services/{service.pk}/keys" in email.text


@pytest.mark.parametrize(
    ("age", "left"), [(355, 15), (20, 8), (400, None)], ids=["not yet", "a key of a month", "a key without end"]
)
def test_nobody_is_told_of_other_keys(expiring: ApiKey, age: int, left: int | None) -> None:
    expires_at = None if left is None else now() + timedelta(days=left)
    ApiKey.objects.update(created_at=now() - timedelta(days=age), expires_at=expires_at)
    assert warn_of_expiry() == 0


def test_nobody_is_told_of_keys_that_open_nothing(expiring: ApiKey, service: Service) -> None:
    revoke_api_key(expiring, by=TESTER)
    assert warn_of_expiry() == 0


def test_nobody_is_told_of_keys_of_a_closed_service(expiring: ApiKey, service: Service) -> None:
    archive_service(service, by=TESTER)
    assert warn_of_expiry() == 0


def test_the_email_speaks_the_service_s_language(expiring: ApiKey, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(languages=["vi"])
    warn_of_expiry()
    assert "Khóa" in ConsoleEmail.objects.latest("pk").subject
