"""API keys: made, used, revoked."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.keys.models import ApiKey
from gaap.keys.services import (
    ApiKeyError,
    KeyRefusedError,
    authenticate_text,
    create_api_key,
    revoke_api_key,
    service_keys,
)
from gaap.organisations.services import archive_service
from gaap.testing.plugin import TESTER


def test_opens_with_its_whole_text(service, live_key):
    assert authenticate_text(live_key.text) == live_key.api_key


def test_secret_is_encrypted_at_rest(live_key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, secret_digest FROM gaap_apikey")
        stored = cursor.fetchone()
    assert live_key.api_key.secret not in "".join(stored)


def test_secret_is_in_no_audit_event(live_key):
    assert live_key.api_key.secret not in str(list(AuditEvent.objects.values()))


def test_wrong_checksum_is_refused_without_the_database(live_key, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(KeyRefusedError):
        authenticate_text(live_key.text[:-1] + "x")


def test_authentication_costs_one_query_once_used(live_key, django_assert_num_queries):
    authenticate_text(live_key.text)
    with django_assert_num_queries(1):
        authenticate_text(live_key.text)


def test_last_use_is_noted_at_most_once_a_minute(live_key):
    authenticate_text(live_key.text)
    first = ApiKey.objects.get().last_used_at
    authenticate_text(live_key.text)
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


def test_revoked_key_is_refused_at_once(live_key):
    assert revoke_api_key(live_key.api_key, by=TESTER)
    assert not revoke_api_key(live_key.api_key, by=TESTER)
    with pytest.raises(KeyRefusedError):
        authenticate_text(live_key.text)


def test_expired_key_is_refused(service):
    issued = create_api_key(service, name="old", type="live", by=TESTER, expires_at=now() - timedelta(seconds=1))
    with pytest.raises(KeyRefusedError):
        authenticate_text(issued.text)


def test_archived_services_keys_are_refused(service, live_key):
    archive_service(service, by=TESTER)
    with pytest.raises(KeyRefusedError):
        authenticate_text(live_key.text)


def test_unknown_key_is_refused(service):
    issued = create_api_key(service, name="gone", type="live", by=TESTER)
    ApiKey.objects.all().delete()
    with pytest.raises(KeyRefusedError):
        authenticate_text(issued.text)


def test_trial_service_gets_no_live_key(trial_service):
    with pytest.raises(ApiKeyError, match="trial"):
        create_api_key(trial_service, name="live", type="live", by=TESTER)


@pytest.mark.parametrize("wrong", [{"type": "root"}, {"scopes": ["everything:do"]}])
def test_refuses_unknown_type_and_scope(service, wrong):
    with pytest.raises(ApiKeyError):
        create_api_key(service, **{"name": "k", "type": "test", "by": TESTER} | wrong)


def test_refuses_a_taken_name_until_it_is_revoked(service, live_key):
    with pytest.raises(ApiKeyError, match="already"):
        create_api_key(service, name="live", type="live", by=TESTER)
    revoke_api_key(live_key.api_key, by=TESTER)
    assert create_api_key(service, name="live", type="live", by=TESTER).api_key.is_usable


def test_keeps_a_given_secret(service):
    secret = str(uuid.uuid4())
    assert create_api_key(service, name="k", type="test", by=TESTER, secret=secret).text.endswith(secret)


def test_scopes(service):
    narrow = create_api_key(service, name="narrow", type="test", by=TESTER, scopes=["notify:send"]).api_key
    wide = create_api_key(service, name="wide", type="test", by=TESTER).api_key
    assert narrow.allows("notify:send")
    assert not narrow.allows("payments:create")
    assert wide.allows("payments:create")


def test_service_keys_include_revoked_ones(service, live_key, test_key):
    revoke_api_key(live_key.api_key, by=TESTER)
    assert {key.pk for key in service_keys(service.pk)} == {live_key.api_key.pk, test_key.api_key.pk}
