"""An installation that serves real people is refused with an id and a hint when something is unsafe."""

import pytest
from django.contrib.auth import get_user_model

from gaap import production_checks as checks
from gaap.crypto import new_encryption_key

CHECKS = (
    checks.check_debug,
    checks.check_keys,
    checks.check_broker,
    checks.check_proxy,
    checks.check_operators,
)
SAFE = {
    "GAAP_ENVIRONMENT": "production",
    "GAAP_BASE_URL": "https://platform.example/",
    "DEBUG": False,
    "SECRET_KEY": "5f0c3d9b7a1e4c6288d0b1f2a3e4d5c6",
    "GAAP_DIGEST_KEY": "0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d",
    "CELERY_BROKER_URL": "amqps://broker.example",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}
ZEROS = "old:" + "A" * 43 + "="


@pytest.fixture(autouse=True)
def production(settings, db):
    """Settings that nothing is wrong with."""
    for name, value in SAFE.items():
        setattr(settings, name, value)
    settings.GAAP_ENCRYPTION_KEYS = (new_encryption_key(),)
    return settings


def found():
    messages = [message for check in CHECKS for message in check(None)]
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_safe_installation_is_not_refused():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "gaap.E007"),
        ("SECRET_KEY", "changeme", "gaap.E008"),
        ("SECRET_KEY", "ab" * 30, "gaap.E008"),
        ("GAAP_DIGEST_KEY", "d" * 50, "gaap.E008"),
        ("GAAP_DIGEST_KEY", SAFE["SECRET_KEY"], "gaap.E009"),
        ("GAAP_ENCRYPTION_KEYS", (ZEROS,), "gaap.E010"),
        ("CELERY_BROKER_URL", "memory://localhost/", "gaap.E011"),
        ("CELERY_BROKER_URL", "filesystem://", "gaap.E011"),
        ("SECURE_PROXY_SSL_HEADER", None, "gaap.E012"),
    ],
)
def test_what_is_unsafe_is_refused_there_and_nowhere_else(production, name, value, fault):
    setattr(production, name, value)
    assert found() == [fault]
    production.GAAP_ENVIRONMENT = "development"
    assert found() == []


@pytest.mark.parametrize("password", [*checks.DEFAULT_PASSWORDS, "root@platform.example"])
def test_an_operator_with_a_default_password_is_refused(password):
    get_user_model().objects.create_user("root@platform.example", password=password, is_staff=True)
    assert found() == ["gaap.E013"]


def test_other_people_and_passwords_are_not_looked_at():
    users = get_user_model().objects
    users.create_user("member@platform.example", password="admin")
    users.create_user("gone@platform.example", password="admin", is_staff=True, is_active=False)
    users.create_user("operator@platform.example", password="correct horse battery staple", is_staff=True)
    assert found() == []
