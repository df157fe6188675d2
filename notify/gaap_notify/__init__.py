"""Notify: emails and text messages from templates, sent by interchangeable providers."""
