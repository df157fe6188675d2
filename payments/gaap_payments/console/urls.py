"""Payments' pages in the console, below ``/console/services/<uuid:service_id>/``."""

from django.urls import path

from gaap_payments.console.views import (
    agreements,
    card_types,
    disputes,
    finance,
    links,
    payouts,
    refunds,
    settings,
    transactions,
    webhooks,
)

urlpatterns = [
    path("payments/transactions", transactions.show, name="payments-console-transactions"),
    path("payments/transactions.csv", transactions.export, name="payments-console-transactions-csv"),
    path("payments/transactions/<slug:payment_id>", transactions.show_one, name="payments-console-transaction"),
    path("payments/transactions/<slug:payment_id>/refund", refunds.create, name="payments-console-refund"),
    path("payments/refund-requests", refunds.show_requests, name="payments-console-refund-requests"),
    path("payments/refund-requests/<int:request_id>", refunds.decide, name="payments-console-refund-request"),
    path("payments/agreements", agreements.show, name="payments-console-agreements"),
    path("payments/agreements/<slug:agreement_id>", agreements.show_one, name="payments-console-agreement"),
    path("payments/agreements/<slug:agreement_id>/cancel", agreements.cancel, name="payments-console-cancel-agreement"),
    path("payments/disputes", disputes.show, name="payments-console-disputes"),
    path("payments/disputes/<slug:dispute_id>", disputes.show_one, name="payments-console-dispute"),
    path("payments/payouts", payouts.show, name="payments-console-payouts"),
    path("payments/payouts/<int:payout_id>", payouts.show_one, name="payments-console-payout"),
    path("payments/payouts/<int:payout_id>/ledger", payouts.export, name="payments-console-payout-ledger"),
    path("payments/finance", finance.show, name="payments-console-finance"),
    path("payments/finance/ledger", finance.export, name="payments-console-ledger"),
    path("payments/settings", settings.change, name="payments-console-settings"),
    path("payments/accounts/<uuid:account_id>/cards", card_types.change, name="payments-console-card-types"),
    path("payments/links", links.show, name="payments-console-links"),
    path("payments/links/new", links.create, name="payments-console-new-link"),
    path("payments/links/<uuid:link_id>/change", links.change, name="payments-console-change-link"),
    path("payments/links/<uuid:link_id>/switch", links.switch, name="payments-console-switch-link"),
    path("payments/links/<uuid:link_id>/poster", links.poster, name="payments-console-poster"),
    path("payments/links/<uuid:link_id>/code.svg", links.code, name="payments-console-qr-code"),
    path("payments/webhooks", webhooks.show, name="payments-console-webhooks"),
    path("payments/webhooks/new", webhooks.create, name="payments-console-new-webhook"),
    path("payments/webhooks/<uuid:webhook_id>/change", webhooks.change, name="payments-console-change-webhook"),
    path("payments/webhooks/<uuid:webhook_id>/secret", webhooks.renew, name="payments-console-webhook-secret"),
]
