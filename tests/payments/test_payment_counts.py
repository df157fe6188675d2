"""What PostgreSQL counts is what there is, and pages found by the counts are those found by going through."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.test import Client

from gaap.clock import now
from gaap_payments.api.v1.payment_search import PAYMENTS
from gaap_payments.api.v1.search import parse_search
from gaap_payments.models import GatewayAccount, Payment, PaymentCount
from gaap_payments.services import finding
from gaap_payments.services.payment_counts import CountedSearch, daily_counts, fold_counts, stretch_of
from gaap_payments.tasks import fold_payment_counts
from tests.payments.support import DECLINED_CARD, Citizen, create, stored, work
from tests.payments.test_search_payments import search

MIGRATION: Any = import_module("gaap_payments.migrations.0006_search_at_any_size")
DAY = datetime(2026, 3, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db
counting = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Only PostgreSQL counts.")


def counted() -> Counter[tuple[Any, ...]]:
    rows = PaymentCount.objects.order_by().values_list("service_id", "is_live", "day", *PaymentCount.RESPECTS)
    return Counter({tuple(alike): number for *alike, number in rows.annotate(Sum("number")) if number})


def there() -> Counter[tuple[Any, ...]]:
    return Counter(
        (row.service_id, row.is_live, row.created_at.astimezone(UTC).date(), row.status, row.card_brand, row.settled_on)
        for row in Payment.objects.all()
    )


def copies(payment: Payment, moments: list[datetime], **changes: Any) -> list[Payment]:
    """Make copies of a payment, each created at one of the moments."""
    facts = {field.attname: getattr(payment, field.attname) for field in Payment._meta.concrete_fields}
    before = Payment.objects.count()
    rows = [{**facts, "id": f"{before + n:026d}", "created_at": moment} for n, moment in enumerate(moments)]
    return Payment.objects.bulk_create(Payment(**{**row, **changes}) for row in rows)


@pytest.fixture
def paid(api: Client, account: GatewayAccount) -> Payment:
    """A payment whose money was captured."""
    made = create(api)
    Citizen(made).pay()
    work()
    return stored(made)


@counting
def test_every_step_of_a_life_is_counted(api: Client, live_api: Client, account: GatewayAccount, paid: Payment) -> None:
    Citizen(create(api)).pay(card_no=DECLINED_CARD)
    create(api)
    copies(paid, [DAY, DAY, DAY - timedelta(days=1)])
    assert counted() == there()
    Payment.objects.filter(created_at__lte=DAY).update(settled_on=date(2026, 3, 12))
    Payment.objects.filter(pk=paid.pk).update(created_at=DAY)
    assert counted() == there()
    Payment.objects.filter(created_at__lt=DAY).delete()
    assert counted() == there()


@counting
def test_a_change_that_counts_nothing_writes_no_count(paid: Payment) -> None:
    before = PaymentCount.objects.count()
    Payment.objects.filter(pk=paid.pk).update(email="other@example.org", refunded_amount=1)
    assert PaymentCount.objects.count() == before


@counting
def test_counts_go_with_what_is_undone(paid: Payment) -> None:
    with transaction.atomic():
        copies(paid, [DAY] * 3)
        transaction.set_rollback(True)
    assert counted() == there()


@counting
def test_adding_up_changes_no_sum(api: Client, paid: Payment) -> None:
    copies(paid, [DAY] * 5)
    Payment.objects.filter(created_at=DAY).update(status="capture_error")
    before = counted()
    assert PaymentCount.objects.filter(number__lt=0).exists()
    fold_payment_counts()
    assert counted() == before
    assert PaymentCount.objects.count() == len(before)
    assert fold_counts() == 0
    create(api)
    assert fold_counts() == 1
    assert counted() == there()


@counting
@pytest.mark.django_db(transaction=True)
def test_counting_begins_beside_those_who_write(paid: Payment) -> None:
    """The step of the migration, also after it died halfway and left counts and triggers behind."""
    copies(paid, [DAY] * 4)
    PaymentCount.objects.all()[0].delete()
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.start_counting(None, editor)
        assert counted() == there()
        MIGRATION.stop_counting(None, editor)
        copies(paid, [DAY] * 2)
        assert counted() == Counter()
        MIGRATION.start_counting(None, editor)
    copies(paid, [DAY])
    assert counted() == there()


@counting
@pytest.mark.django_db(transaction=True)
def test_what_cannot_begin_leaves_the_table_open(paid: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATION, "START", "SELECT no_such_function()")
    with pytest.raises(Exception, match="no_such_function"), connection.schema_editor(atomic=False) as editor:
        MIGRATION.start_counting(None, editor)
    copies(paid, [DAY])
    assert counted() == there()


HOURS = [DAY + timedelta(hours=6 * n) for n in range(20)]
MOMENTS: list[dict[str, str]] = [
    {},
    {"from_date": "2026-03-11T00:00:00Z"},
    {"to_date": "2026-03-13T00:00:00Z"},
    {"from_date": "2026-03-11T06:00:00Z", "to_date": "2026-03-13T06:00:00.001Z"},
    {"from_date": "2026-03-11T06:00:00Z", "to_date": "2026-03-11T18:00:00Z"},
    {"from_date": "2026-03-11T01:00:00+07:00", "to_date": "2026-03-12T07:00:00+07:00"},
    {"from_date": "2026-03-13T00:00:00Z", "to_date": "2026-03-11T00:00:00Z"},
    {"from_date": "2026-03-11T18:00:00Z", "to_date": "2026-03-11T06:00:00Z"},
    {"to_settled_date": "2026-03-12"},
    {"from_settled_date": "2026-03-12", "state": "success"},
    {"state": "error", "card_brand": "visa"},
    {"state": "error", "from_date": "2026-03-12T03:00:00Z"},
    {"card_brand": "jcb"},
]


@pytest.fixture
def spread(paid: Payment) -> None:
    """Twenty payments over five days, of which every third went wrong and every fourth is not settled."""
    for number, moment in enumerate(HOURS):
        status = "captured" if number % 3 else "capture_error"
        settled_on = date(2026, 3, 11 + number % 3) if number % 4 else None
        copies(paid, [moment], status=status, settled_on=settled_on)


@pytest.mark.usefixtures("spread")
@pytest.mark.parametrize("query", MOMENTS, ids=lambda query: "+".join(query) or "all")
def test_counts_find_the_same_pages(api: Client, query: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    by_counts = list(pages(api, {"to_date": "2026-04-01T00:00:00Z", **query}))
    monkeypatch.setattr(finding, "are_counted", lambda: False)
    assert by_counts == list(pages(api, {"to_date": "2026-04-01T00:00:00Z", **query}))


def pages(api: Client, query: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the total and the payments of each page of three, as the links lead."""
    document = search(api, display_size=3, **query)
    while True:
        yield document["total"], [row["payment_id"] for row in document["results"]]
        if "next_page" not in document["_links"]:
            return
        document = api.get(document["_links"]["next_page"]["href"]).json()


@pytest.mark.usefixtures("spread")
def test_a_page_past_the_end_is_none(api: Client) -> None:
    for query in ("state=success", "last_digits_card_number=4242"):
        assert api.get(f"/v1/payments?{query}&page=2").json()["code"] == "P0402"
    for query in ("state=started", "last_digits_card_number=0000"):
        assert api.get(f"/v1/payments?{query}&page=2").json()["total"] == 0


@pytest.mark.usefixtures("spread")
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ({}, 2),
        ({"state": "success", "card_brand": "visa", "page": "2", "display_size": "5"}, 2),
        ({"state": "started"}, 1),
        ({"from_date": "2026-03-11T06:00:00Z", "to_date": "2026-03-13T06:00:00Z"}, 4),
        ({"email": "ngoc"}, 2),
        ({"email": "nobody"}, 1),
        ({"last_digits_card_number": "4242", "page": "2", "display_size": "5"}, 2),
    ],
)
def test_how_many_queries(
    api: Client, settings: Any, query: dict[str, str], queries: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    """Counts, up to two days at the edges, page; or one pass, page."""
    settings.GAAP_SNAPSHOT_SECONDS = 60
    search(api)
    with django_assert_max_num_queries(queries):
        search(api, **query)


@counting
def test_a_day_is_counted_in_part(spread: None, paid: Payment) -> None:
    whole = CountedSearch(paid.service_id, paid.is_live, Q(status="captured"), until=DAY + timedelta(days=5))
    assert daily_counts(whole)[-1] == (DAY.date(), 2)
    part = CountedSearch(paid.service_id, paid.is_live, Q(), since=DAY + timedelta(hours=7), until=whole.until)
    assert daily_counts(part)[-1] == (DAY.date(), 2)


@counting
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"email": "goc@exa"}, "gaap_payments_email_part"),
        ({"cardholder_name": "thị"}, "gaap_payments_name_part"),
        ({"last_digits_card_number": "4242"}, "gaap_payments_last_digits"),
        ({"reference": "vrm-000123"}, "gaap_payments_reference"),
    ],
)
def test_which_index_is_there_for_it(paid: Payment, query: dict[str, str], index: str) -> None:
    """With a handful of rows PostgreSQL would go through all, if it could."""
    found = Payment.objects.filter(parse_search(query, PAYMENTS).condition).order_by().values("pk")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert index in found.explain()


def test_stretches() -> None:
    days = [(date(2026, 3, 3), 5), (date(2026, 3, 2), 1), (date(2026, 2, 1), 9)]
    assert stretch_of(days, start=15, size=5) is None
    assert stretch_of([], start=0, size=5) is None
    for start, size, since, until, before in (
        (0, 5, (3, 3), (3, 4), 0),
        (4, 2, (3, 2), (3, 4), 0),
        (5, 1, (3, 2), (3, 3), 5),
        (5, 20, (2, 1), (3, 3), 5),
        (14, 500, (2, 1), (2, 2), 6),
    ):
        found = stretch_of(days, start=start, size=size)
        assert found is not None
        assert (found.since, found.until) == (datetime(2026, *since, tzinfo=UTC), datetime(2026, *until, tzinfo=UTC))
        assert found.before == before


def test_the_newest_are_counted_at_once(api: Client, account: GatewayAccount) -> None:
    made = create(api)
    found = search(api, from_date=(now() - timedelta(minutes=1)).astimezone(UTC).isoformat().replace("+00:00", "Z"))
    assert (found["total"], found["results"][0]["payment_id"]) == (1, made["payment_id"])
