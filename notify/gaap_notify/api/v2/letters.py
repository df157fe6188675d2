"""Reading a letter as it is printed (spec A.9)."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from gaap_notify.api.v2 import documentation as docs
from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.base import ContractView, caller_of
from gaap_notify.api.v2.validation import read_id
from gaap_notify.services.letters.changing import letter_pdf
from gaap_notify.services.notifications import find_notification


class LetterPdfView(ContractView):
    """``/v2/notifications/{id}/pdf``: a letter as it is printed (spec A.9)."""

    required_scope = "notify:read"

    @extend_schema(**docs.GET_PDF)
    def get(self, request: Request, notification_id: str) -> HttpResponse:
        """Return the letter's PDF."""
        found_id = read_id(notification_id, schemas.NOTIFICATION_ID)
        notification = find_notification(caller_of(request).service.pk, found_id)
        return HttpResponse(letter_pdf(notification), content_type="application/pdf")
