"""Payments' pages over all services of a person, below ``/console/``."""

from django.urls import path

from gaap_payments.console.views import all_transactions

urlpatterns = [
    path("payments/transactions", all_transactions.show, name="payments-console-all-transactions"),
    path("payments/transactions.csv", all_transactions.export, name="payments-console-all-transactions-csv"),
]
