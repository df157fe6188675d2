"""Sending messages and reading them back (spec A.4, A.5, A.7, A.8)."""

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap.keys.authentication import ApiCaller
from gaap_notify.api.v2 import documentation as docs
from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.base import ContractView, caller_of
from gaap_notify.api.v2.orders import email_order, letter_order, precompiled_order, sms_order
from gaap_notify.api.v2.paging import links
from gaap_notify.api.v2.representations import (
    show_accepted,
    show_accepted_letter,
    show_accepted_precompiled,
    show_notification,
)
from gaap_notify.api.v2.validation import optional_uuid, read_id, read_json, read_query
from gaap_notify.services.daily_limits import counted_for_today
from gaap_notify.services.letters.accepting import accept_letter, accept_precompiled
from gaap_notify.services.notifications import find_notification, list_notifications
from gaap_notify.services.sending import send_notification

LIST_PATH = "v2/notifications"


class NotificationListView(ContractView):
    """``/v2/notifications``: what the service has sent."""

    required_scope = "notify:read"

    @extend_schema(**docs.LIST_NOTIFICATIONS)
    def get(self, request: Request) -> Response:
        """Return one page, newest first, of the messages sent with keys of the caller's type."""
        caller = caller_of(request)
        query = read_query(request.query_params, schemas.LIST_NOTIFICATIONS)
        page = list_notifications(
            caller.service.pk,
            key_type=caller.api_key.type,
            statuses=query.get("status", ()),
            types=query.get("template_type", ()),
            reference=query.get("reference"),
            older_than=optional_uuid(query, "older_than"),
            has_jobs="include_jobs" in query,
        )
        return Response(
            {"notifications": [show_notification(row) for row in page], "links": links(LIST_PATH, query, page)}
        )


class NotificationView(ContractView):
    """``/v2/notifications/{name}``: a message by its id to read, a channel to send on."""

    required_scope = {"GET": "notify:read", "POST": "notify:send"}

    @extend_schema(**docs.GET_NOTIFICATION)
    def get(self, request: Request, name: str) -> Response:
        """Return one message of the service, whichever of its keys sent it."""
        notification_id = read_id(name, schemas.NOTIFICATION_ID)
        return Response(show_notification(find_notification(caller_of(request).service.pk, notification_id)))

    @extend_schema(**docs.SEND_NOTIFICATION)
    @idempotent
    def post(self, request: Request, name: str) -> Response:
        """Accept a message for sending on the channel ``name``."""
        send = _SENDERS.get(name)
        if send is None:
            raise exceptions.NotFound
        caller = caller_of(request)
        with counted_for_today(caller.service, key_type=caller.api_key.type, channel=name):
            answer = send(caller, read_json(request))
        return Response(answer, status=201)


def _send_sms(caller: ApiCaller, body: Any) -> dict[str, Any]:
    return show_accepted(send_notification(sms_order(caller, body)))


def _send_email(caller: ApiCaller, body: Any) -> dict[str, Any]:
    return show_accepted(send_notification(email_order(caller, body)))


def _send_letter(caller: ApiCaller, body: Any) -> dict[str, Any]:
    """Accept a letter: with ``content`` one that is ready to print, else one made from a template (spec A.6)."""
    if isinstance(body, dict) and "content" in body:
        return show_accepted_precompiled(accept_precompiled(precompiled_order(caller, body)))
    return show_accepted_letter(accept_letter(letter_order(caller, body)))


_SENDERS: Mapping[str, Callable[[ApiCaller, Any], dict[str, Any]]] = {
    "sms": _send_sms,
    "email": _send_email,
    "letter": _send_letter,
}
