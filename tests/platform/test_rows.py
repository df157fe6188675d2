"""Rows written and read without the ORM's compiler are what the ORM writes and reads."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gaap.clock import now
from gaap.outbox.models import OutboxEvent
from gaap.rows import change_rows, insert_once, insert_rows, read_row, read_rows
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


def test_rows_read_along_are_as_the_orm_reads_them(account):
    insert_rows(payment := a_payment(account))
    found = read_row(Payment, "gateway_account", "agreement", id=payment.pk)
    assert found is not None
    with CaptureQueriesContext(connection) as seen:
        assert found.gateway_account.credentials == account.credentials
        assert found.gateway_account == account
        assert found.agreement is None
    assert len(seen) == 0


def test_a_tuple_is_any_of_its_values():
    insert_rows(*(an_event(subject=f"parcel/{number}") for number in range(3)))
    found = read_rows(OutboxEvent, subject=("parcel/0", "parcel/2", "parcel/9"), published_at=None)
    assert {event.subject for event in found} == {"parcel/0", "parcel/2"}
    assert read_rows(OutboxEvent, subject=("parcel/9",)) == []


def test_what_is_changed_and_what_is_written_with_it(account):
    insert_rows(payment := a_payment(account), other := a_payment(account))
    history, event = PaymentEvent(payment=payment, status="started", actor="system:tests"), an_event()
    changes = {"status": "started", "metadata": {"né": None}, "email": "ngoc@example.org"}
    assert change_rows(Payment, changes, inserting=[history, event], id=payment.pk, status="created")
    payment.refresh_from_db()
    assert (payment.status, payment.metadata, payment.email) == ("started", {"né": None}, "ngoc@example.org")
    assert PaymentEvent.objects.get().status == "started"
    assert OutboxEvent.objects.get().data == {"né": [1, None, "ế"]}
    assert Payment.objects.get(pk=other.pk).status == "created"
    assert not event._state.adding


def test_nothing_is_written_where_nothing_was_changed(account):
    insert_rows(payment := a_payment(account))
    assert not change_rows(Payment, {"status": "started"}, inserting=[an_event()], id=payment.pk, status="submitted")
    assert not change_rows(Payment, {"status": "started"}, id=payment.pk, status="submitted")
    assert not OutboxEvent.objects.exists()


def test_many_rows_are_changed_and_a_new_one_is_written_once():
    insert_rows(*(an_event(subject="parcel/1") for _ in range(3)))
    assert change_rows(OutboxEvent, {"failure": "x"}, inserting=[an_event(subject="parcel/2")], subject="parcel/1")
    assert OutboxEvent.objects.filter(failure="x").count() == 3
    assert OutboxEvent.objects.filter(subject="parcel/2").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_stands_or_falls_with_what_is_written():
    known, other = an_event(), an_event()
    insert_rows(known, other)
    with pytest.raises(IntegrityError):
        change_rows(OutboxEvent, {"failure": "x"}, inserting=[an_event(id=known.id)], id=other.id)
    assert not OutboxEvent.objects.filter(failure="x").exists()


def test_once():
    event = an_event()
    assert insert_once(event)
    assert not insert_once(an_event(id=event.id))
    assert OutboxEvent.objects.count() == 1


def test_a_key_that_the_database_has_yet_to_give(service):
    from gaap_identity.models import AccessToken, IDToken, SignIn
    from tests.identity.conftest import open_account, register

    client, account = register(service, "renew"), open_account()
    sign_in = SignIn(client=client, service=service, account=account, redirect_uri="", state="", credential_level="Cl")
    common = {"user": account, "application": client, "scope": "openid", "expires": now()}
    id_token = IDToken(jti=uuid.uuid4(), **common)
    token = AccessToken(sign_in=sign_in, id_token=id_token, token="x", **common)
    insert_rows(sign_in, id_token, token)
    assert AccessToken.objects.get().id_token == IDToken.objects.get()
