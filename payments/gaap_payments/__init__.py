"""Payments: a payment API for services and hosted pages where citizens pay."""
