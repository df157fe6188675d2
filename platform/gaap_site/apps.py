"""The site as a Django app: it holds the commands and loads Celery."""

from importlib import import_module

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Loads the Celery application with Django, so that every process sends its tasks to the right queue."""

    name = "gaap_site"

    def ready(self) -> None:
        """Load the Celery application."""
        import_module("gaap_site.celery")
