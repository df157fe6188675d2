"""The token: every fault of the contract's table (spec A.2), with its status and message."""

import time
import uuid

import pytest
from django.test import Client

from gaap.keys.services import revoke_api_key
from gaap.organisations.services import archive_service, create_service
from gaap.testing.plugin import TESTER
from tests.notify.tokens import make_token, token_for

MALFORMED = (
    "Invalid token: make sure your API token matches the example at "
    "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)
CLOCK = "Error: Your system clock must be accurate to within 30 seconds"
SECRET = "0d3c5b1e-8d6e-4f7a-9a53-1c2d3e4f5a6b"


def call(authorization=None):
    headers = {} if authorization is None else {"Authorization": authorization}
    return Client(headers=headers).get("/v2/templates")


def assert_refused(answer, status, message):
    assert answer.json() == {"status_code": status, "errors": [{"error": "AuthError", "message": message}]}
    assert answer.status_code == status
    assert "WWW-Authenticate" not in answer.headers


def test_token_opens(test_key):
    assert call(f"Bearer {token_for(test_key.api_key)}").status_code == 200


def test_scheme_in_any_case(test_key):
    assert call(f"bEARER {token_for(test_key.api_key)}").status_code == 200


@pytest.mark.parametrize("authorization", [None, ""])
def test_no_header(db, authorization):
    assert_refused(call(authorization), 401, "Unauthorized: authentication token must be provided")


@pytest.mark.parametrize("authorization", ["Basic abc", "abc.def.ghi", "Bearer,abc"])
def test_other_scheme(db, authorization):
    assert_refused(call(authorization), 401, "Unauthorized: authentication bearer scheme must be used")


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b.c", "....", "e30.W10.x", "é.è.ü", "bnVsbA.bnVsbA.bnVsbA", "eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.x"],
)
def test_undecodable(db, text):
    assert_refused(call(f"Bearer {text}"), 403, MALFORMED)


def test_no_issuer(db):
    answer = call(f"Bearer {make_token(SECRET, {'iat': int(time.time())})}")
    assert_refused(answer, 403, "Invalid token: iss field not provided")


@pytest.mark.parametrize("issuer", ["not-a-uuid", 5, None, ["x"], {"a": 1}])
def test_issuer_is_no_uuid(db, issuer):
    answer = call(f"Bearer {make_token(SECRET, {'iss': issuer, 'iat': int(time.time())})}")
    assert_refused(answer, 403, "Invalid token: service id is not the right data type")


def test_unknown_service(db):
    answer = call(f"Bearer {make_token(SECRET, {'iss': str(uuid.uuid4()), 'iat': int(time.time())})}")
    assert_refused(answer, 403, "Invalid token: service not found")


def test_service_without_keys(organisation):
    service = create_service("Keyless", organisation=organisation, by=TESTER)
    answer = call(f"Bearer {make_token(SECRET, {'iss': str(service.pk), 'iat': int(time.time())})}")
    assert_refused(answer, 403, "Invalid token: service has no API keys")


def test_archived_service(service, test_key):
    archive_service(service, by=TESTER)
    assert_refused(call(f"Bearer {token_for(test_key.api_key)}"), 403, "Invalid token: service is archived")


def test_wrong_secret(service, test_key):
    answer = call(f"Bearer {make_token(SECRET, {'iss': str(service.pk), 'iat': int(time.time())})}")
    assert_refused(answer, 403, "Invalid token: API key not found")


def test_missing_time(service, test_key):
    answer = call(f"Bearer {make_token(test_key.api_key.secret, {'iss': str(service.pk)})}")
    assert_refused(answer, 403, "Invalid token: API key not found")


@pytest.mark.parametrize("shift", [-31, 31, -100_000, 10**30])
def test_wrong_clock(test_key, monkeypatch, shift):
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    assert_refused(call(f"Bearer {token_for(test_key.api_key, iat=int(moment) + shift)}"), 403, CLOCK)


@pytest.mark.parametrize("issued_at", ["yesterday", None, [], True, float("nan"), float("inf"), -float("inf")])
def test_time_is_no_number(test_key, issued_at):
    assert_refused(call(f"Bearer {token_for(test_key.api_key, iat=issued_at)}"), 403, CLOCK)


@pytest.mark.parametrize("shift", [-29, 29])
def test_clock_within_thirty_seconds(test_key, monkeypatch, shift):
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    assert call(f"Bearer {token_for(test_key.api_key, iat=int(time.time()) + shift)}").status_code == 200


def test_other_algorithm(service, test_key):
    claims = {"iss": str(service.pk), "iat": int(time.time())}
    answer = call(f"Bearer {make_token(test_key.api_key.secret, claims, {'alg': 'HS512'})}")
    assert_refused(answer, 403, "Invalid token: algorithm used is not HS256")


def test_unsigned(service, test_key):
    header, claims, _ = token_for(test_key.api_key).split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    assert_refused(call(f"Bearer {unsigned}.{claims}."), 403, "Invalid token: algorithm used is not HS256")
    assert_refused(call(f"Bearer {header}.{claims}."), 403, "Invalid token: API key not found")


def test_expired_by_its_own_claim(test_key):
    assert_refused(call(f"Bearer {token_for(test_key.api_key, exp=1)}"), 403, MALFORMED)


def test_revoked_key_is_told_from_an_unknown_one(test_key):
    revoke_api_key(test_key.api_key, by=TESTER)
    assert_refused(call(f"Bearer {token_for(test_key.api_key)}"), 403, "Invalid token: API key revoked")


def test_wrong_clock_is_told_before_revocation(test_key):
    revoke_api_key(test_key.api_key, by=TESTER)
    assert_refused(call(f"Bearer {token_for(test_key.api_key, iat=5)}"), 403, CLOCK)


def test_any_key_of_the_service_opens(test_key, team_key, live_key):
    for issued in (test_key, team_key, live_key):
        assert call(f"Bearer {token_for(issued.api_key)}").status_code == 200


def test_key_of_another_service_does_not_open(service, test_key, other_key):
    answer = call(f"Bearer {token_for(other_key.api_key, iss=str(service.pk))}")
    assert_refused(answer, 403, "Invalid token: API key not found")


def test_whole_key_as_bearer_is_no_token(test_key):
    assert_refused(call(f"Bearer {test_key.text}"), 403, MALFORMED)


def test_use_is_remembered(test_key):
    call(f"Bearer {token_for(test_key.api_key)}")
    test_key.api_key.refresh_from_db()
    assert test_key.api_key.last_used_at is not None
