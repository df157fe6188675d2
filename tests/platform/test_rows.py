"""Rows written and read without the ORM's compiler are what the ORM writes and reads."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.rows import insert_rows, read_row
from gaap.testing.plugin import TESTER
from gaap_payments.models import Payment, PaymentEvent
from gaap_payments.services.accounts import save_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(service):
    return save_account(service, provider="sandbox", is_live=False, by=TESTER)


def an_event(**changes):
    facts = {"name": "parcel_sent", "service_id": uuid.uuid4(), "subject": "parcel/1", "data": {"né": [1, None, "ế"]}}
    return OutboxEvent(**{**facts, **changes})


def a_payment(account, **changes):
    facts = {
        "service_id": account.service_id,
        "gateway_account": account,
        "is_live": False,
        "amount": 1450,
        "currency": "GBP",
        "reference": "R'1 %s %(x)s",
        "description": "Giấy phép lái xe",
        "return_url": "https://service.example/",
        "language": "en",
        "metadata": {"case": "7", "open": True},
        "billing_address": {"line1": "1 High Street"},
        "created_by": "tests",
    }
    return Payment(**{**facts, **changes})


def test_rows_are_as_saved(account):
    quick, saved = a_payment(account), a_payment(account)
    history = PaymentEvent(payment=quick, status="created", actor="system:tests")
    insert_rows(quick, history)
    saved.save(force_insert=True)
    names = [field.attname for field in Payment._meta.concrete_fields if field.attname not in ("id", "created_at")]
    found = [Payment.objects.values_list(*names).get(pk=payment.pk) for payment in (quick, saved)]
    assert found[0] == found[1]
    assert PaymentEvent.objects.get(payment=quick).status == "created"
    assert not quick._state.adding


def test_many_of_one_model_and_one_alone():
    insert_rows(*(an_event(subject=f"parcel/{number}") for number in range(3)))
    insert_rows(an_event())
    assert OutboxEvent.objects.count() == 4
    assert OutboxEvent.objects.filter(data={"né": [1, None, "ế"]}).count() == 4


@pytest.mark.django_db(transaction=True)
def test_all_or_none():
    known = an_event()
    insert_rows(known)
    with pytest.raises(IntegrityError):
        insert_rows(an_event(), an_event(id=known.id))
    assert OutboxEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_part_of_a_transaction_that_fails():
    with transaction.atomic():
        insert_rows(an_event())
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


@pytest.mark.postgresql
def test_one_statement():
    with CaptureQueriesContext(connection) as seen:
        insert_rows(an_event(), an_event(), an_event())
    assert len(seen) == 1


def test_read_as_the_orm_reads(account):
    insert_rows(a_payment(account), payment := a_payment(account))
    found = read_row(Payment, id=payment.pk, service_id=account.service_id, is_live=False)
    assert found is not None
    orm = Payment.objects.get(pk=payment.pk)
    names = [field.attname for field in Payment._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(orm, name) for name in names]
    assert not found.get_deferred_fields()


@pytest.mark.parametrize("changes", [{"service_id": uuid.uuid4()}, {"is_live": True}, {"id": "' OR 1=1 --"}])
def test_every_value_must_be_equal(account, changes):
    insert_rows(payment := a_payment(account))
    asked = {"id": payment.pk, "service_id": account.service_id, "is_live": False, **changes}
    assert read_row(Payment, **asked) is None


def test_none_is_no_value():
    insert_rows(event := an_event())
    assert read_row(OutboxEvent, id=event.id, published_at=None) is not None
    OutboxEvent.objects.update(published_at=now())
    assert read_row(OutboxEvent, id=event.id, published_at=None) is None


def test_read_rows_can_be_saved(account):
    insert_rows(payment := a_payment(account))
    found = read_row(Payment, id=payment.pk)
    assert found is not None
    found.email = "ngoc@example.org"
    found.save(update_fields=["email"])
    assert Payment.objects.get().email == "ngoc@example.org"
