"""The addresses of the payments API. No trailing slashes (contract A.1)."""

from django.urls import path, re_path

from gaap.api.health import ready
from gaap_payments.api.v1 import agreements, authorisation, direct_debit, disputes, notifications, payments, refunds
from gaap_payments.api.v1.edge import deny_request
from gaap_payments.incoming import provider_event

urlpatterns = [
    path("v1/payments", payments.PaymentsCollectionView.as_view(), name="payments-api-payments"),
    path("v1/payments/<str:payment_id>", payments.PaymentView.as_view(), name="payments-api-payment"),
    path("v1/payments/<str:payment_id>/events", payments.PaymentEventsView.as_view(), name="payments-api-events"),
    path("v1/payments/<str:payment_id>/cancel", payments.PaymentCancelView.as_view(), name="payments-api-cancel"),
    path("v1/payments/<str:payment_id>/capture", payments.PaymentCaptureView.as_view(), name="payments-api-capture"),
    path("v1/payments/<str:payment_id>/refunds", refunds.PaymentRefundsView.as_view(), name="payments-api-refunds"),
    path(
        "v1/payments/<str:payment_id>/refunds/<str:refund_id>",
        refunds.RefundView.as_view(),
        name="payments-api-refund",
    ),
    path("v1/refunds", refunds.RefundSearchView.as_view(), name="payments-api-refund-search"),
    path("v1/directdebit/mandates", direct_debit.MandatesView.as_view(), name="payments-api-mandates"),
    path("v1/directdebit/mandates/<str:mandate_id>", direct_debit.MandateView.as_view(), name="payments-api-mandate"),
    path("v1/directdebit/payments", direct_debit.DirectDebitsView.as_view(), name="payments-api-direct-debits"),
    path(
        "v1/directdebit/payments/<str:payment_id>",
        direct_debit.DirectDebitView.as_view(),
        name="payments-api-direct-debit",
    ),
    re_path(r"^v1/payments/.*$", payments.UnknownPathView.as_view()),
    path("v1/disputes", disputes.DisputesView.as_view(), name="payments-api-disputes"),
    path("v1/agreements", agreements.AgreementsView.as_view(), name="payments-api-agreements"),
    path("v1/agreements/<str:agreement_id>", agreements.AgreementView.as_view(), name="payments-api-agreement"),
    path(
        "v1/agreements/<str:agreement_id>/cancel",
        agreements.AgreementCancelView.as_view(),
        name="payments-api-cancel-agreement",
    ),
    path("v1/auth", authorisation.AuthorisationView.as_view(), name="payments-api-authorise"),
    path("v1/payment_notification", notifications.PaymentNotificationView.as_view(), name="payments-api-notification"),
    path("request-denied", deny_request, name="payments-api-request-denied"),
    path("healthcheck", ready, name="payments-healthcheck"),
    path("provider-events/payments/<str:provider>/<uuid:account_id>", provider_event, name="payments-provider-event"),
]
