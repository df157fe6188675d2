"""The addresses of the contract: at the root of the host, without trailing slashes (spec A.1)."""

from django.urls import path, re_path

from gaap_notify.api.v2.base import UnknownUrlView
from gaap_notify.api.v2.bulk import BulkJobView, BulkView
from gaap_notify.api.v2.letters import LetterPdfView
from gaap_notify.api.v2.notifications import NotificationListView, NotificationView
from gaap_notify.api.v2.received import ReceivedTextListView
from gaap_notify.api.v2.templates import TemplateListView, TemplatePreviewView, TemplateVersionView, TemplateView

urlpatterns = [
    path("v2/notifications", NotificationListView.as_view(), name="notify-notifications"),
    path("v2/notifications/bulk", BulkView.as_view(), name="notify-bulk"),
    path("v2/notifications/bulk/<str:job_id>", BulkJobView.as_view(), name="notify-bulk-job"),
    path("v2/notifications/<str:name>", NotificationView.as_view(), name="notify-notification"),
    path("v2/notifications/<str:notification_id>/pdf", LetterPdfView.as_view(), name="notify-letter-pdf"),
    path("v2/templates", TemplateListView.as_view(), name="notify-templates"),
    path("v2/template/<str:template_id>", TemplateView.as_view(), name="notify-template"),
    path(
        "v2/template/<str:template_id>/version/<int:number>",
        TemplateVersionView.as_view(),
        name="notify-template-version",
    ),
    path("v2/template/<str:template_id>/preview", TemplatePreviewView.as_view(), name="notify-template-preview"),
    path("v2/received-text-messages", ReceivedTextListView.as_view(), name="notify-received-texts"),
    re_path(r"^v2/", UnknownUrlView.as_view(), name="notify-unknown-url"),
]
