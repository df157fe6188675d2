"""Where citizens fetch files and unsubscribe, mailboxes are confirmed, anybody reads how messages do; the outbox."""

from django.urls import path

from gaap_notify.web import files, performance, reply_tos, unsubscribing, views

urlpatterns = [
    path("d/<str:service>/<str:file>", files.FilePageView.as_view(), name="notify-file"),
    path("d/<str:service>/<str:file>/download", files.DownloadView.as_view(), name="notify-file-download"),
    path(
        "unsubscribe/<uuid:notification_id>/<str:token>",
        unsubscribing.UnsubscribeView.as_view(),
        name="notify-unsubscribe",
    ),
    path(
        "unsubscribe/<uuid:notification_id>/<str:token>/again",
        unsubscribing.SubscribeAgainView.as_view(),
        name="notify-subscribe-again",
    ),
    path("reply-to/<str:token>", reply_tos.ConfirmReplyToView.as_view(), name="notify-confirm-reply-to"),
    path("performance", performance.show, name="notify-performance"),
    path("outbox", views.outbox, name="notify-outbox"),
    path("outbox.json", views.outbox_json, name="notify-outbox-json"),
    path("outbox/<uuid:notification_id>", views.outbox_message, name="notify-outbox-message"),
    path("outbox/<uuid:notification_id>/pdf", views.outbox_pdf, name="notify-outbox-pdf"),
    path("outbox/<uuid:notification_id>/html", views.outbox_html, name="notify-outbox-html"),
]
