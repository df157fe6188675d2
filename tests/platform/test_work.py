"""Work rows: claimed by one, due again when its holder is gone. Shown on a receipt."""

import uuid
from datetime import timedelta

import pytest
from celery import Celery
from django.apps import apps
from django.db import models
from kombu import Connection, Queue

from gaap.clock import now
from gaap.work import WorkItem, claim, due_ids, held, wake
from gaap_notify.models import Receipt

WORK_MODELS = [model for model in apps.get_models() if issubclass(model, WorkItem)]


def test_every_work_model_finds_its_due_rows_on_a_partial_index():
    assert WORK_MODELS, "no installed component has work that waits"
    for model in WORK_MODELS:
        conditions = [index.condition for index in model._meta.indexes if index.fields[:1] == ["due_at"]]
        assert models.Q(due_at__isnull=False) in conditions, model


@pytest.fixture
def item(db):
    return Receipt.objects.create(channel="sms", provider="sandbox", body="{}", due_at=now())


def test_is_claimed_by_one(item):
    twin = type(item).objects.get(pk=item.pk)
    assert claim(item)
    assert not claim(twin)


def test_is_due_again_after_its_lease(item):
    assert claim(item, lease=timedelta(seconds=-1))
    later = type(item).objects.get(pk=item.pk)
    assert claim(later)
    assert later.attempts == 2


def test_late_holder_no_longer_holds_it(item):
    claim(item, lease=timedelta(seconds=-1))
    claim(type(item).objects.get(pk=item.pk))
    assert not held(item).exists()


def test_nothing_to_do_is_not_claimed(item):
    type(item).objects.filter(pk=item.pk).update(due_at=None)
    item.refresh_from_db()
    assert not claim(item)


def test_due_ids(item):
    assert due_ids(type(item)) == [item.pk]
    assert due_ids(type(item), grace=timedelta(minutes=1)) == []
    type(item).objects.filter(pk=item.pk).update(due_at=now() - timedelta(minutes=2))
    assert due_ids(type(item), grace=timedelta(minutes=1)) == [item.pk]


def nothing():
    """Do nothing; a task that only needs a name."""


@pytest.mark.rabbitmq
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_the_queue_costs_no_request(broker_url, caplog):
    name = f"refused-{uuid.uuid4()}"
    with Connection(broker_url) as connection:
        queue = Queue(name, channel=connection.default_channel, queue_arguments={"x-max-length": 1}, auto_delete=True)
        queue.declare()
        app = Celery("other", broker=broker_url, set_as_current=False)
        app.conf.task_default_queue = name
        wake(app.task(name="tests.nothing")(nothing))
        queue.delete()
    assert "No broker takes the hint (PreconditionFailed)" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_lost_broker_costs_no_request(caplog):
    app = Celery("other", broker="amqp://127.0.0.1:1//", set_as_current=False)
    wake(app.task(name="tests.nothing")(nothing))
    assert "tests.nothing waits for the sweeper" in caplog.text
