"""The team's reports of who unsubscribed: made, taken away as a table, marked as completed."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.clock import now
from gaap.csv_lines import csv_line
from gaap.organisations.models import Service
from gaap.privacy.retention_periods import Retention
from gaap_notify.errors import NoResultFoundError
from gaap_notify.models import UnsubscribeReport, UnsubscribeRequest

#: Reports stand for 90 days (spec A.16); that somebody wants no emails is remembered until they say otherwise.
REPORTS_KEPT = Retention("notify.unsubscribes", days=90, shortest=90, longest=90)
HEADINGS = ("Email address", "Template", "Template id", "Email sent", "Unsubscribed", "Subscribed again")


class NothingToReportError(Exception):
    """Nobody has unsubscribed since the last report."""


def unreported(service_id: UUID) -> int:
    """Return how many people unsubscribed who are in no report yet."""
    return UnsubscribeRequest.objects.unreported().filter(service_id=service_id).count()


def reports_of(service_id: UUID) -> "QuerySet[UnsubscribeReport]":
    """Return the service's reports, newest first, each with ``people``, ``earliest`` and ``latest``."""
    counted = UnsubscribeReport.objects.filter(service_id=service_id).annotate(
        people=Count("requests", filter=Q(requests__withdrawn_at__isnull=True)),
        earliest=Min("requests__created_at"),
        latest=Max("requests__created_at"),
    )
    return counted.order_by("-created_at", "-pk")


def find_report(service_id: UUID, report_id: UUID) -> UnsubscribeReport:
    """Return one of the service's reports; raises NoResultFoundError, also for another service's."""
    report = UnsubscribeReport.objects.filter(service_id=service_id, pk=report_id).select_related("service").first()
    if report is None:
        raise NoResultFoundError
    return report


@transaction.atomic
def make_report(service: Service, *, by: Actor) -> UnsubscribeReport:
    """Gather whoever is in no report yet; raises NothingToReportError. Of two at once one gets each request."""
    report = UnsubscribeReport.objects.create(service=service)
    people = UnsubscribeRequest.objects.unreported().filter(service=service).update(report=report)
    if not people:
        raise NothingToReportError
    record("unsubscribe_report_made", target=report, service=service, by=by, after={"people": people})
    return report


@transaction.atomic
def set_completed(report: UnsubscribeReport, *, is_completed: bool, by: Actor) -> bool:
    """Mark a report as worked through, or as open again; returns False when it is so already."""
    moment = now() if is_completed else None
    rows = UnsubscribeReport.objects.filter(pk=report.pk, completed_at__isnull=is_completed)
    if not rows.update(completed_at=moment):
        return False
    report.completed_at = moment
    action = "unsubscribe_report_completed" if is_completed else "unsubscribe_report_reopened"
    record(action, target=report, service=report.service, by=by)
    return True


def report_lines(report: UnsubscribeReport, *, by: Actor) -> Iterator[str]:
    """Return the lines of a report as CSV, oldest request first; that it was taken away is kept in the audit."""
    record("unsubscribe_report_downloaded", target=report, service=report.service, by=by)
    return _lines(report)


def _lines(report: UnsubscribeReport) -> Iterator[str]:
    yield csv_line(HEADINGS)
    rows = report.requests.select_related("notification__template_version").order_by("created_at", "pk")
    for row in rows.iterator(chunk_size=500):
        version, sent = row.notification.template_version, row.notification.sent_at or row.notification.created_at
        again = row.withdrawn_at.isoformat() if row.withdrawn_at else ""
        yield csv_line(
            [row.recipient, version.name, str(version.template_id), sent.isoformat(), row.created_at.isoformat(), again]
        )


def purge_unsubscribes(limit: int) -> int:
    """Remove at most ``limit`` requests whose time is over, and reports that are empty since."""
    before = now() - REPORTS_KEPT.time
    old = UnsubscribeRequest.objects.filter(created_at__lt=before).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    UnsubscribeRequest.objects.filter(pk__in=keys).delete()
    UnsubscribeReport.objects.filter(created_at__lt=before, requests__isnull=True).delete()
    return len(keys)
