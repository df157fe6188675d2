"""What the views of the webhooks have in common."""

from collections.abc import Mapping
from typing import ClassVar

from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from gaap.api.callers import calling_service, path_uuid
from gaap.api.views import SuiteView
from gaap.webhooks.models import Subscription


class WebhookView(SuiteView):
    """A view of one webhook or of all. Those of other services, and of other styles, do not exist here."""

    required_scope: ClassVar[Mapping[str, str]] = {
        "GET": "webhooks:read",
        "POST": "webhooks:write",
        "PATCH": "webhooks:write",
        "DELETE": "webhooks:write",
    }

    def webhook(self, request: Request, webhook_id: str) -> Subscription:
        """Return the webhook that the path names; raises NotFound."""
        found = Subscription.objects.for_service(calling_service(request).pk).standard()
        subscription = found.prefetch_related("secrets").filter(pk=path_uuid(webhook_id)).first()
        if subscription is None:
            raise NotFound
        return subscription
