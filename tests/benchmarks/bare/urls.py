"""The bare project's views: the least that an answer can cost."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from tests.benchmarks.bare.models import Row


def empty(request: HttpRequest) -> HttpResponse:
    """Answer, and no more."""
    return HttpResponse(b"ok", headers={"Content-Length": "2"})


def insert(request: HttpRequest) -> JsonResponse:
    """Write one row."""
    row = Row.objects.create(body=json.loads(request.body))
    return _answer(_shown(row), status=201)


def read(request: HttpRequest, row_id: UUID) -> JsonResponse:
    """Read one row."""
    return _answer(_shown(Row.objects.get(pk=row_id)))


def read_many(request: HttpRequest, count: int) -> JsonResponse:
    """Read the first rows by key."""
    return _answer({"rows": [_shown(row) for row in Row.objects.order_by("pk")[:count]]})


def _answer(document: object, *, status: int = 200) -> JsonResponse:
    answer = JsonResponse(document, status=status)
    answer["Content-Length"] = str(len(answer.content))
    return answer


def _shown(row: Row) -> dict[str, object]:
    return {"id": row.id, "created_at": row.created_at, "body": row.body}


urlpatterns = [
    path("empty", empty),
    path("rows", insert),
    path("rows/<uuid:row_id>", read),
    path("first/<int:count>", read_many),
]
