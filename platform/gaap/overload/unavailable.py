"""The deliberate 503 for a database that cannot serve now, instead of a 500."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from gaap.databases import is_unavailable
from gaap.overload.admission import REFUSED
from gaap.overload.lanes import lane_of
from gaap.overload.refusing import DATABASE, refusal
from gaap.theme import errors

#: Seconds after which a caller may try again: a standby takes over, or a busy database has caught up.
RETRY_AFTER = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: 503 with Retry-After while the database cannot serve, and a fault of ours for all else."""
    if not is_unavailable(sys.exc_info()[1]):
        return errors.server_error(request)
    lane = lane_of(request.path, request.META.get("QUERY_STRING", ""))
    REFUSED.labels(lane, "database").inc()
    _, headers, body = refusal(request.META, lane=lane, retry_after=RETRY_AFTER, cause=DATABASE)
    return HttpResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=dict(headers))
