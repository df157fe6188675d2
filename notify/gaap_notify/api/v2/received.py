"""Reading the text messages that a service has received (spec A.11)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap_notify.api.v2 import documentation as docs
from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.base import ContractView, caller_of
from gaap_notify.api.v2.paging import links
from gaap_notify.api.v2.representations import show_received_text
from gaap_notify.api.v2.validation import optional_uuid, read_query
from gaap_notify.services.received import list_received_texts

PATH = "v2/received-text-messages"


class ReceivedTextListView(ContractView):
    """``/v2/received-text-messages``: what people have written to the service."""

    required_scope = "notify:read"

    @extend_schema(**docs.LIST_RECEIVED_TEXTS)
    def get(self, request: Request) -> Response:
        """Return one page, newest first, whatever the type of the caller's key."""
        query = read_query(request.query_params, schemas.LIST_RECEIVED_TEXTS)
        service = caller_of(request).service
        page = list_received_texts(service.pk, older_than=optional_uuid(query, "older_than"))
        return Response(
            {"received_text_messages": [show_received_text(row) for row in page], "links": links(PATH, query, page)}
        )
