"""How many queries the calls may cost that services make most."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from gaap_payments.models import GatewayAccount
from tests.payments.support import ORDER, Citizen, create, get, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def snapshots(settings: Any) -> None:
    """What every request needs is kept in the process, as it is when it serves."""
    settings.GAAP_SNAPSHOT_SECONDS = 60


@pytest.fixture
def warm(api: Client, account: GatewayAccount) -> str:
    """The id of a payment; key and account are known, and the key's last use is noted."""
    made = str(create(api)["payment_id"])
    get(api, made)
    return made


def test_create(api: Client, warm: str, django_assert_max_num_queries: object) -> None:
    """Payment, history and event in one statement; between two savepoints where there are three."""
    with django_assert_max_num_queries(1 if connection.vendor == "postgresql" else 5):  # type: ignore[operator]
        assert api.post("/v1/payments", ORDER, content_type="application/json").status_code == 201


def test_get_of_an_unfinished_payment(api: Client, warm: str, django_assert_max_num_queries: object) -> None:
    """The payment; a token is not written before it is used."""
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        assert api.get(f"/v1/payments/{warm}").status_code == 200


def test_get_of_a_finished_payment(api: Client, warm: str, django_assert_max_num_queries: object) -> None:
    """The payment."""
    created = create(api)
    Citizen(created).pay()
    work()
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        assert api.get(f"/v1/payments/{created['payment_id']}").status_code == 200


def test_search_costs_the_same_for_any_number(api: Client, warm: str, django_assert_max_num_queries: object) -> None:
    """Count, page."""
    for _ in range(5):
        create(api)
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert api.get("/v1/payments").json()["count"] == 6


def test_events(api: Client, warm: str, django_assert_max_num_queries: object) -> None:
    """Payment, events."""
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert api.get(f"/v1/payments/{warm}/events").status_code == 200


def test_card_page(api: Client, account: GatewayAccount, django_assert_max_num_queries: object) -> None:
    """The payment with account, service and settings, and nothing else."""
    citizen = Citizen(create(api))
    citizen.enter()
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        assert citizen.get().status_code == 200
