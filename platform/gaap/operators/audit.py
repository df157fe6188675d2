"""The audit for operators: searched, and taken away as a table, which is itself recorded."""

import json
from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path

from gaap.audit.models import AuditEvent
from gaap.audit.services import record
from gaap.clock import now
from gaap.csv_lines import csv_line
from gaap.operators.admin import ReadOnlyAdmin

COLUMNS = (
    *("id", "occurred_at", "action", "actor_kind", "actor_id", "actor_label", "on_behalf_of", "service_id"),
    *("target_type", "target_id", "purpose", "before", "after", "mac"),
)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what."""

    change_list_template = "gaap/operators/audit_list.html"
    list_display = ["occurred_at", "action", "actor_kind", "actor_label", "target_type", "target_id", "service_id"]
    list_filter = ["actor_kind", "action"]
    search_fields = ["target_id", "actor_id", "actor_label", "service_id"]
    date_hierarchy = "occurred_at"
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        own = path("export", self.admin_site.admin_view(self.export), name="gaap_auditevent_export")
        return [own, *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return what the list's filters show, as a table in CSV."""
        events = self.get_changelist_instance(request).get_queryset(request).order_by("pk")
        record("audit_exported", target=cast(User, request.user), after={"filters": request.GET.dict()})
        response = StreamingHttpResponse(csv_lines(events), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="audit-{now():%Y-%m-%d}.csv"'
        return response


def csv_lines(events: "QuerySet[AuditEvent]") -> Iterator[str]:
    """Yield the head and one line for each event, without holding them all in memory."""
    yield csv_line(COLUMNS)
    for event in events.iterator(chunk_size=1000):
        yield csv_line(_cell(getattr(event, column)) for column in COLUMNS)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
