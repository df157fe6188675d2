"""Providers of emails."""
