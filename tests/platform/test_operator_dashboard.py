"""The operators' first page: what is overdue, what waits, and today beside a week ago; and the audit as a table."""

import csv
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from gaap.audit.models import AuditEvent
from gaap.audit.services import record
from gaap.clock import now
from gaap.console.models import ConsoleEmail, GoLiveRequest
from gaap.operators.charts import BAR_WIDTH, Comparison, bar_chart
from gaap.operators.dashboard import dashboard
from gaap.operators.stuck import retry, stuck_work
from gaap.organisations.models import Service
from gaap.outbox.models import OutboxEvent
from gaap.outbox.services import emit
from gaap.testing.plugin import TESTER
from gaap.work import work_models


def overdue_email(minutes, **values):
    due_at = now() - timedelta(minutes=minutes)
    return ConsoleEmail.objects.create(recipient="a@b.example", subject="s", text="t", due_at=due_at, **values)


@pytest.mark.django_db
def test_overdue_work_is_shown_longest_first_without_personal_data(operator_client):
    older, newer = overdue_email(60, attempts=4), overdue_email(10)
    overdue_email(1)
    page = operator_client.get(reverse("admin:index"))
    items = page.context["dashboard"].stuck.items
    assert [(item.key, item.attempts) for item in items] == [(str(older.pk), 4), (str(newer.pk), 0)]
    assert "a@b.example" not in page.content.decode()


@pytest.mark.django_db
def test_done_work_is_not_overdue():
    ConsoleEmail.objects.create(recipient="a@b.example", subject="s", due_at=None)
    assert stuck_work().total == 0


def test_overdue_work_is_tried_again_by_a_button(operator_client, operator):
    email = overdue_email(60, attempts=2)
    answer = operator_client.post(reverse("admin:retry", args=["gaap_console.consoleemail", email.pk]), follow=True)
    assert "tried again now" in answer.content.decode()
    email.refresh_from_db()
    assert now() - email.due_at < timedelta(minutes=1)
    event = AuditEvent.objects.get(action="work_retried")
    assert (event.target_id, event.actor_label) == (str(email.pk), operator.username)


@pytest.mark.django_db
def test_trying_again_does_not_bring_back_what_is_done():
    email = overdue_email(60)
    ConsoleEmail.objects.update(due_at=None)
    assert not retry("gaap_console.consoleemail", str(email.pk), by=TESTER)
    email.refresh_from_db()
    assert email.due_at is None


@pytest.mark.parametrize(
    ("label", "key", "status"), [("gaap.service", "1", 404), ("gaap_console.consoleemail", "x", 302)]
)
def test_only_work_can_be_tried_again(operator_client, label, key, status):
    assert operator_client.post(reverse("admin:retry", args=[label, key])).status_code == status


def test_every_kind_of_work_is_watched():
    names = {model._meta.label for model in work_models()}
    assert {"gaap.Delivery", "gaap_notify.Notification", "gaap_payments.Payment"} <= names


@pytest.mark.django_db
def test_events_that_wait_or_failed_are_counted(service):
    with transaction.atomic():
        for _ in range(3):
            emit("go_live_requested", service_id=service.pk, subject="go_live_request/1", data={"status": "waiting"})
    OutboxEvent.objects.update(published_at=None, failure="")
    OutboxEvent.objects.filter(pk=OutboxEvent.objects.latest("pk").pk).update(failure="ValueError")
    outbox = dashboard().outbox
    assert (outbox.waiting, outbox.failed) == (OutboxEvent.objects.count(), 1)
    assert outbox.oldest == OutboxEvent.objects.earliest("pk").occurred_at


@pytest.mark.django_db
def test_today_stands_beside_the_same_hours_a_week_ago(service, other_service, trial_service):
    Service.objects.filter(pk=service.pk).update(created_at=now() - timedelta(days=7, seconds=1))
    Service.objects.filter(pk=other_service.pk).update(created_at=now() - timedelta(days=7) + timedelta(hours=1))
    row = next(row for row in dashboard().comparisons if str(row.title) == "Services created")
    assert (row.today, row.before) == (1, 1)


def test_every_component_has_figures(operator_client):
    titles = {str(row.title) for row in dashboard().comparisons}
    assert {"Text messages", "Payments paid", "Events"} <= titles


def test_bars_are_drawn_to_scale_without_inline_style(operator_client):
    chart = bar_chart([Comparison("a", 10, 5), Comparison("b", 0, 0)])
    assert [(bar.today_width, bar.before_width) for bar in chart.bars] == [(BAR_WIDTH, BAR_WIDTH / 2), (0, 0)]
    assert bar_chart([]).height == 0
    assert "style=" not in operator_client.get(reverse("admin:index")).content.decode()


def test_requests_to_go_live_wait_for_an_operator(operator_client, service, owner):
    assert dashboard().duties == []
    GoLiveRequest.objects.create(service=service, note="Boats.", requested_by=owner)
    page = operator_client.get(reverse("admin:index"))
    duty = page.context["dashboard"].duties[0]
    assert duty.number == 1
    assert operator_client.get(duty.path).context["cl"].result_count == 1


def test_the_audit_is_exported_as_it_is_filtered_and_that_is_recorded(operator_client, operator, service):
    record("thing_done", target=service, by=TESTER, after={"note": "=1+1"}, purpose="=cmd()")
    answer = operator_client.get(reverse("admin:gaap_auditevent_export"), {"action__exact": "thing_done"})
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert [row["action"] for row in rows] == ["thing_done"]
    assert (rows[0]["purpose"], rows[0]["after"]) == ("'=cmd()", '{"note": "=1+1"}')
    event = AuditEvent.objects.get(action="audit_exported")
    assert (event.actor_label, event.after) == (operator.username, {"filters": {"action__exact": "thing_done"}})


def test_only_operators_export_the_audit(client, owner):
    client.force_login(owner)
    assert client.get(reverse("admin:gaap_auditevent_export")).status_code == 302
    assert not AuditEvent.objects.filter(action="audit_exported").exists()
