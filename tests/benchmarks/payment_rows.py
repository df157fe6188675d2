"""Payments of several services over two years, made by the database itself, to be searched and exported."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from gaap.components import known_limits
from gaap.limits.services import MOST_CALLS, change_rate_limits
from gaap.organisations.services import create_organisation, create_service
from gaap.testing.plugin import TESTER
from gaap_payments.models import Payment
from gaap_payments.services.payment_counts import fold_counts
from tests.api.world import World
from tests.payments.support import Citizen, create, work

DAYS = 730
#: How many of a hundred payments each service has.
SHARES = (70, 15, 8, 5, 2)

#: What a payment of number `n` is: unlike its neighbours, and the same in every run. 7919 and 104729 are primes.
FACTS: Mapping[str, str] = {
    "id": "left(md5(n::text), 26)",
    "created_at": "now() - make_interval(secs => (%(rows)s - n) * 86400.0 * %(days)s / %(rows)s)",
    "status": "CASE WHEN n * 7919 %% 1000 < 820 THEN 'captured' WHEN n * 7919 %% 1000 < 890 THEN 'declined'"
    " WHEN n * 7919 %% 1000 < 950 THEN 'expired' WHEN n * 7919 %% 1000 < 975 THEN 'cancelled_by_user'"
    " WHEN n * 7919 %% 1000 < 985 THEN 'cancelled_by_service' ELSE 'authorisation_error' END",
    "reference": "CASE WHEN n %% 200 = 0 THEN 'DONATION' ELSE 'FEE-' || n END",
    "email": "first || '.' || last || n %% 40000 || '@' || (array['example.org', 'post.example', 'mail.example',"
    " 'uni.example.edu', 'example.com'])[1 + n * 104729 %% 5]",
    "cardholder_name": "initcap(first || ' ' || last)",
    "card_brand": "CASE WHEN n %% 10 < 6 THEN 'Visa' WHEN n %% 10 < 9 THEN 'Mastercard' ELSE 'American Express' END",
    "first_digits": "CASE WHEN n %% 10 < 6 THEN 400000 WHEN n %% 10 < 9 THEN 510000 ELSE 370000 END"
    " + n * 7919 %% 12 * 101",
    "last_digits": "lpad((n * 104729 %% 10000)::text, 4, '0')",
    "settled_on": "CASE WHEN n * 7919 %% 1000 < 820 THEN (now() - make_interval(secs => (%(rows)s - n) * 86400.0"
    " * %(days)s / %(rows)s))::date + 3 END",
    "metadata": "jsonb_build_object('ledger', 'L' || n %% 12, 'case', 'C-' || n / 5)",
    "provider_id": "'sandbox-' || n",
    "session_id": "'session-' || n",
    "refunded_amount": "0",
}
NAMES = """CROSS JOIN LATERAL (SELECT
    (array['ann','bao','carys','dai','elin','farid','gwen','huw','ines','jan','kim','linh','megan','ngoc','olu','priya',
     'quang','rhys','siân','thi'])[1 + n * 7919 %% 20] AS first,
    (array['adams','bevan','chan','davies','evans','fofana','gray','hughes','ibrahim','jones','khan','lewis','morgan',
     'nguyen','owen','patel','quinn','rees','smith','tran','usman','vaughan','williams','xu','young'])
     [1 + n * 104729 %% 25] || (array['','ova','son','ez'])[1 + n / 7 %% 4] AS last) AS name"""


@dataclass(frozen=True)
class Filled:
    """The services with their payments, the one with most of them first, and an agreement of that one."""

    worlds: list[World]
    agreement_id: str
    rows: int

    @property
    def example(self) -> Payment:
        """A payment of the first service from the middle of the two years."""
        number = self.rows // 200 * 100 + 7
        return Payment.objects.get(reference=f"FEE-{number}")


def fill(rows: int) -> Filled:
    """Make so many test payments, the oldest two years old and the newest of now."""
    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    worlds = [
        World(create_service(f"Service {number}", organisation=organisation, is_live=True, by=TESTER))
        for number in range(len(SHARES))
    ]
    change_rate_limits(worlds[0].service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
    agreement_id = worlds[0].agreement_id
    first = 0
    for world, share in zip(worlds, SHARES, strict=True):
        facts = dict(FACTS)
        if world is worlds[0]:
            facts["agreement_id"] = f"CASE WHEN n %% 10000 = 7 THEN '{agreement_id}' END"
        _copy(_paid(world), facts, rows=rows, first=first, last=first + share - 1)
        first += share
    return Filled(worlds, agreement_id, rows)


def settle() -> None:
    """Do what the scheduler and PostgreSQL do in the minutes after."""
    while fold_counts():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE gaap_payments_payment, gaap_payments_paymentcount")


def _paid(world: World) -> Payment:
    """Return a payment made as citizens make them, of which the others are copies."""
    document = create(world.test_api)
    Citizen(document).pay()
    work()
    return Payment.objects.get(pk=document["payment_id"])


def _copy(pattern: Payment, facts: Mapping[str, str], *, rows: int, first: int, last: int) -> None:
    """Insert copies of a payment with `facts` of their own, for the numbers that end in `first` to `last`."""
    names = [str(field.column) for field in Payment._meta.concrete_fields]
    shown = ", ".join(facts.get(name, f"pattern.{name}") for name in names)
    statement = f"""
        INSERT INTO gaap_payments_payment ({", ".join(names)}) SELECT {shown}
        FROM generate_series(1::bigint, %(rows)s) AS n {NAMES}
        JOIN gaap_payments_payment AS pattern ON pattern.id = %(pattern)s
        WHERE n %% 100 BETWEEN %(first)s AND %(last)s
    """
    values: dict[str, int | str] = {"rows": rows, "days": DAYS, "pattern": pattern.pk, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
