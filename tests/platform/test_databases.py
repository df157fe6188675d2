"""Which databases an installation has, what becomes of a call while one cannot serve, and where reports are read."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection, connections

from gaap.databases import REPLICA, for_reports, is_unavailable
from gaap.keys.models import ApiKey
from gaap.organisations.models import Organisation
from gaap_notify.services.performance import measure
from gaap_notify.services.reporting import allowance_of
from gaap_notify.services.results import search_messages
from gaap_payments.services.transactions import TransactionSearch, find_transactions
from gaap_site.databases import databases
from tests.notify.tokens import NotifyClient

URL = "postgres://gaap:secret@database.example:5432/gaap"
FAULTS = [OperationalError("the server closed the connection"), InterfaceError("the connection is closed")]


def test_one_database_is_what_most_have():
    found = databases({"DATABASE_URL": URL})
    assert list(found) == ["default"]
    assert (found["default"]["ENGINE"], found["default"]["CONN_HEALTH_CHECKS"]) == ("gaap_site.postgresql", True)
    assert "options" not in found["default"].get("OPTIONS", {})


def test_a_server_that_is_gone_is_noticed_soon_and_the_address_may_say_how_soon():
    options = databases({"DATABASE_URL": f"{URL}?connect_timeout=3"})["default"]["OPTIONS"]
    assert int(options["connect_timeout"]) == 3
    assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 30
    assert options["tcp_user_timeout"] <= 30_000


def test_a_replica_stands_beside_it():
    found = databases({"DATABASE_URL": URL, "REPLICA_URL": URL.replace("database.", "replica.")})
    assert found[REPLICA]["HOST"] == "replica.example"


def test_statements_may_take_so_long():
    found = databases({"DATABASE_URL": f"{URL}?options=-c%20lock_timeout%3D5s", "GAAP_STATEMENT_SECONDS": "2.5"})
    assert found["default"]["OPTIONS"]["options"] == "-c lock_timeout=5s -c statement_timeout=2500"


def test_behind_a_pooler_nothing_is_kept_at_the_server():
    found = databases({"DATABASE_URL": URL, "GAAP_DATABASE_POOLER": "transaction"})["default"]
    assert (found["DISABLE_SERVER_SIDE_CURSORS"], found["PREPARES_STATEMENTS"]) == (True, False)


@pytest.mark.parametrize(
    "environ",
    [{"GAAP_DATABASE_POOLER": "session"}, {"GAAP_DATABASE_POOLER": "transaction", "GAAP_STATEMENT_SECONDS": "30"}],
)
def test_what_cannot_be_kept_is_refused(environ):
    with pytest.raises(ImproperlyConfigured, match="GAAP_"):
        databases({"DATABASE_URL": URL, **environ})


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_statement_that_takes_too_long_is_ended():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        with pytest.raises(OperationalError) as caught:
            cursor.execute("SELECT pg_sleep(5)")
    assert is_unavailable(caught.value)


def test_only_what_passes_is_called_unavailable():
    assert [is_unavailable(error) for error in (*FAULTS, ValueError("x"), None)] == [True, True, False, False]


DOCUMENTS = {
    "/v2/notifications": "errors",
    "/v1/payments": "code",
    f"/v1/payments/{'a1' * 13}": "code",
    "/v1/events": "title",
}


@pytest.fixture(params=FAULTS, ids=lambda error: type(error).__name__)
def database_gone(request, db):
    """No statement is answered while the test runs."""

    def fail(*_: object) -> None:
        raise request.param

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_call_is_told_to_come_back_in_the_contracts_shape(bearer, live_key, database_gone, path):
    client = NotifyClient(live_key.api_key) if path.startswith("/v2/") else bearer(live_key)
    client.raise_request_exception = False
    answer = client.get(path)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10")
    assert answer["Cache-Control"] == "no-store"
    assert DOCUMENTS[path] in answer.json()
    assert "connection" not in answer.content.decode()


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    client.raise_request_exception = False
    return client


def test_a_person_is_told_so_on_a_page(signed_in, database_gone):
    answer = signed_in.get("/console/", headers={"accept": "text/html", "accept-language": "vi"})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10")
    assert 'lang="vi"' in answer.content.decode()


@pytest.fixture
def replica(transactional_db: None) -> Iterator[SimpleNamespace]:
    """A second connection on which nothing can be written, as at a standby; it counts what it is asked."""
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL has replicas.")
    settings = {**connections.settings["default"], "OPTIONS": {"options": "-c default_transaction_read_only=on"}}
    connections.settings[REPLICA] = settings
    seen = SimpleNamespace(asked=0)

    def count(execute, sql, params, many, context):
        seen.asked += 1
        return execute(sql, params, many, context)

    # Django keeps its tests from connections that they do not name, and one that is open is none of those.
    connections[REPLICA].connect()
    with connections[REPLICA].execute_wrapper(count):
        yield seen
    connections[REPLICA].close()
    del connections.settings[REPLICA]
    del connections[REPLICA]


def test_reports_are_read_from_the_replica(replica, service):
    assert list(search_messages(service.pk, reference="nothing")) == []
    assert list(find_transactions(service.pk, is_live=True, search=TransactionSearch(reference="nothing"))) == []
    allowance_of(service.pk)
    measure(service.created_at.date())
    assert replica.asked >= 5


def test_the_replica_is_never_written(replica, service):
    row = for_reports(Organisation.objects.filter(pk=service.organisation_id)).get()
    row.name = "Another name"
    with pytest.raises(Exception, match="read-only"):
        row.save()


@pytest.mark.django_db
def test_without_a_replica_there_is_one_database(live_key):
    assert for_reports(ApiKey.objects.all()).db == "default"
