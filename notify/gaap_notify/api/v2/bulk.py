"""Many messages in one request; no part of the contract, and nothing in it changes an answer of the contract."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.actors import Actor
from gaap.api.idempotency import idempotent
from gaap_notify.api.v2.base import ContractView, caller_of
from gaap_notify.api.v2.documentation import TAGS, answers
from gaap_notify.api.v2.schemas import JsonSchema
from gaap_notify.api.v2.validation import read_id, read_json, validate
from gaap_notify.errors import BadRequestError
from gaap_notify.models import Job
from gaap_notify.services.bulk_rows import RowsRefusedError
from gaap_notify.services.callback_bodies import written_time
from gaap_notify.services.jobs import JobOrder, cancel_job, create_job, find_job
from gaap_notify.services.service_settings import find_reply_to, find_sms_sender, settings_of
from gaap_notify.services.templates import find_bulk_template

_UUID: JsonSchema = {"type": "string", "format": "uuid"}
SEND_BULK: JsonSchema = {
    "type": "object",
    "required": ["name", "template_id"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "template_id": _UUID,
        "rows": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "number", "null"]}},
        },
        "csv": {"type": "string"},
        "reference": {"type": "string", "maxLength": 1000},
        "scheduled_for": {"type": "string", "format": "date-time"},
        "email_reply_to_id": _UUID,
        "sms_sender_id": _UUID,
    },
}
#: OpenAPI 3.0 has no word for a cell that is a text, a number or null.
_TABLE: JsonSchema = {"type": "array", "items": {"type": "array", "items": {}}}
_PUBLISHED: JsonSchema = {**SEND_BULK, "properties": {**SEND_BULK["properties"], "rows": _TABLE}}
JOB_ID: JsonSchema = {"type": "object", "properties": {"job_id": _UUID}}
_JOB: JsonSchema = {
    "type": "object",
    "properties": {
        "id": _UUID,
        "name": {"type": "string"},
        "status": {"type": "string"},
        "template": {"type": "object", "properties": {"id": _UUID, "version": {"type": "integer"}}},
        "notification_count": {"type": "integer"},
        "done_count": {"type": "integer"},
        "reference": {"type": "string", "nullable": True},
        "scheduled_for": {"type": "string", "format": "date-time", "nullable": True},
        "created_at": {"type": "string", "format": "date-time"},
        "finished_at": {"type": "string", "format": "date-time", "nullable": True},
    },
}
_ID = OpenApiParameter("job_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class BulkView(ContractView):
    """``/v2/notifications/bulk``: a spreadsheet's worth of messages."""

    required_scope = "notify:send"

    @extend_schema(
        tags=TAGS,
        operation_id="send_bulk",
        summary="Send many messages",
        description="Checks every row before it accepts any. The first row names the columns.",
        request={"application/json": _PUBLISHED},
        responses=answers(_JOB, status=201),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Accept rows, as ``rows`` or as ``csv``, of which each becomes a message."""
        caller = caller_of(request)
        data = validate(read_json(request), SEND_BULK)
        version = find_bulk_template(caller.service.pk, UUID(data["template_id"]))
        channel = version.template.type
        if not settings_of(caller.service.pk).allows(channel):
            raise BadRequestError(
                f"Service is not allowed to send {'emails' if channel == 'email' else 'text messages'}"
            )
        order = JobOrder(
            service=caller.service,
            version=version,
            name=data["name"],
            key_type=caller.api_key.type,
            api_key=caller.api_key,
            reference=data.get("reference", ""),
            sender=_sender(data, caller.service.pk, channel),
            scheduled_for=_moment(data.get("scheduled_for")),
        )
        try:
            job = create_job(order, _rows(data), by=Actor.for_key(caller.api_key))
        except RowsRefusedError as error:
            raise BadRequestError(*_messages(error)) from error
        return Response(show_job(job), status=201)


class BulkJobView(ContractView):
    """``/v2/notifications/bulk/{job_id}``: how far it is, and stopping it."""

    required_scope = {"GET": "notify:read", "DELETE": "notify:send"}

    @extend_schema(tags=TAGS, operation_id="get_bulk", summary="Get one job", parameters=[_ID], responses=answers(_JOB))
    def get(self, request: Request, job_id: str) -> Response:
        """Return one job of the service."""
        return Response(show_job(find_job(caller_of(request).service.pk, read_id(job_id, JOB_ID))))

    @extend_schema(
        tags=TAGS, operation_id="cancel_bulk", summary="Cancel a job", parameters=[_ID], responses=answers(_JOB)
    )
    def delete(self, request: Request, job_id: str) -> Response:
        """Send no more of a job and return it; what is a message already is sent."""
        caller = caller_of(request)
        job = find_job(caller.service.pk, read_id(job_id, JOB_ID))
        if not cancel_job(job, by=Actor.for_key(caller.api_key)):
            raise BadRequestError("The job is over")
        return Response(show_job(find_job(caller.service.pk, job.pk)))


def show_job(job: Job) -> dict[str, Any]:
    """Return a job as this API shows it."""
    version = job.template_version
    return {
        "id": str(job.pk),
        "name": job.name,
        "status": job.status,
        "template": {"id": str(version.template_id), "version": version.number},
        "notification_count": job.rows,
        "done_count": job.done_rows,
        "reference": job.reference or None,
        "scheduled_for": written_time(job.scheduled_for),
        "created_at": written_time(job.created_at),
        "finished_at": written_time(job.finished_at),
    }


def _rows(data: Mapping[str, Any]) -> Iterator[list[str]]:
    if ("rows" in data) == ("csv" in data):
        raise BadRequestError("Either rows or csv is required, and not both")
    if "csv" in data:
        return ([cell.strip() for cell in row] for row in csv.reader(io.StringIO(data["csv"], newline="")) if any(row))
    return ([_text(cell) for cell in row] for row in cast(Sequence[Sequence[Any]], data["rows"]))


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _sender(data: Mapping[str, Any], service_id: UUID, channel: str) -> str:
    name, find = ("email_reply_to_id", find_reply_to) if channel == "email" else ("sms_sender_id", find_sms_sender)
    return find(service_id, UUID(data[name]) if name in data else None)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError("scheduled_for is not a valid ISO 8601 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _messages(error: RowsRefusedError) -> list[str]:
    shown = [f"Row {fault.number}: {fault.message}" for fault in error.faults]
    more = error.count - len(shown)
    return [str(error), *shown, *([f"{more} more rows are faulty"] if more > 0 else [])]
