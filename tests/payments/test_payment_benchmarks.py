"""What the benchmarks of searching and exporting measure is what they say, with few rows instead of a million."""

import pytest
from django.db import connection

from gaap_payments.models import Payment
from gaap_payments.services.payment_counts import fold_counts
from tests.benchmarks.payment_export import copy_rate, read_file
from tests.benchmarks.payment_search import searches
from tests.console.conftest import browser_of, colleague

ROWS = 2000

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="The rows are made by PostgreSQL."),
]


def test_what_is_measured_is_there() -> None:
    from tests.benchmarks.payment_rows import SHARES, fill

    before = Payment.objects.count()
    filled = fill(ROWS)
    made = Payment.objects.count() - before
    assert ROWS <= made < ROWS + 20
    large = filled.worlds[0]
    assert Payment.objects.filter(service=large.service).count() >= ROWS * SHARES[0] // 100
    assert fold_counts() > 0
    for name, query in searches(filled).items():
        answer = large.test_api.get("/v1/payments", {**query, "display_size": "1"})
        assert answer.status_code == 200, answer.content
        assert (answer.json()["total"] > 0) is (name != "state, none"), name
        last = large.test_api.get("/v1/payments", {**query, "display_size": "1", "page": answer.json()["total"] or 1})
        assert last.json()["count"] == min(1, answer.json()["total"])

    service = filled.worlds[2].service
    read = read_file(browser_of(colleague(service, "viewer")), service.pk)
    assert read["rows"] == Payment.objects.filter(service=service).count()
    assert 0 < read["first"] <= read["seconds"]
    assert read["megabytes"] > 1
    assert copy_rate(service.pk) > 0
